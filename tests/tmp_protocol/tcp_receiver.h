#pragma once
// The other end of one simulated TCP connection, whatever its congestion control: acknowledges every second packet, at
// once where one is out of order, and a lone one after 40 ms (RFC 5681 §4.2).

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "bottleneck_simulation.h"

namespace ringway::tmp::simulation {

/// `Sent` is what the sender remembers of a packet, and gets back with its acknowledgement.
template <class Sent>
class TcpReceiver {
 public:
  struct Arrived {
    std::uint64_t number;
    Sent sent;
  };
  using OnAck = std::function<void(const std::vector<Arrived>&)>;

  /// `on_ack` is called at the sender.
  TcpReceiver(Timeline& time, Bottleneck& path, OnAck on_ack) : time_(time), path_(path), on_ack_(std::move(on_ack)) {}

  [[nodiscard]] const Arrivals& arrivals() const { return arrivals_; }

  void arrive(std::uint64_t number, const Sent& sent) {
    arrivals_.add(time_.now(), kPacketOctets);
    unacknowledged_.push_back({number, sent});
    const bool in_order = number == expected_;
    expected_ = number + 1;
    if (!in_order || unacknowledged_.size() >= 2) return acknowledge();
    time_.at(time_.now() + std::chrono::milliseconds(40), [this, number] {
      if (!unacknowledged_.empty() && unacknowledged_.front().number == number) acknowledge();
    });
  }

 private:
  void acknowledge() {
    path_.send_back(lane_, [this, arrived = std::move(unacknowledged_)] { on_ack_(arrived); });
    unacknowledged_.clear();
  }

  Timeline& time_;
  Bottleneck& path_;
  OnAck on_ack_;
  Arrivals arrivals_;
  std::vector<Arrived> unacknowledged_;
  std::uint64_t expected_ = 0;
  Time lane_{};
};

}  // namespace ringway::tmp::simulation
