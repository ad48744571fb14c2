#pragma once
// One TCP connection with CUBIC and SACK, endless, as Linux has it: RFC 9438 in whole packets, with the classic HyStart
// (Ha and Rhee, 2011), and up to a 20th more a round trip until the first loss. Written by itself, so that the ensemble
// is not measured with its own ruler.

#include <cstdint>
#include <map>
#include <vector>

#include "bottleneck_simulation.h"
#include "tcp_receiver.h"

namespace ringway::tmp::simulation {

class CubicSender {
 public:
  CubicSender(Timeline& time, Bottleneck& path)
      : time_(time), path_(path), receiver_(time, path, [this](const std::vector<Arrived>& arrived) {
          on_ack(arrived);
          pump();
        }) {}
  void start() { pump(); }
  void stop() { stopped_ = true; }
  [[nodiscard]] const Arrivals& arrivals() const { return receiver_.arrivals(); }
  [[nodiscard]] double window() const { return window_; }

 private:
  using Arrived = TcpReceiver<Time>::Arrived;

  void pump();
  void on_ack(const std::vector<Arrived>& arrived);
  void take_rtt(std::uint64_t number, double rtt);
  void search(std::uint64_t number, double rtt);
  void take_losses(std::uint64_t acked);
  void grow(double acked);
  [[nodiscard]] double packets_for_one_more();
  void begin_epoch(double now);
  void enter_recovery();
  void recover(double delivered);
  void check_timeout();

  Timeline& time_;
  Bottleneck& path_;
  TcpReceiver<Time> receiver_;
  std::map<std::uint64_t, Time> flight_;
  std::uint64_t next_ = 0;
  bool stopped_ = false;
  Time last_progress_{};

  double window_ = 10;
  double threshold_ = 1e9;
  double counted_ = 0;  // acknowledged towards one more
  double smoothed_ = 0;
  double least_ = 1e9;

  bool searching_ = true;  // HyStart
  std::uint64_t round_ends_ = 0;
  double round_began_ = 0;
  double train_ = 0;  // when its last acknowledgement came
  double round_least_ = 1e9;
  int round_samples_ = 0;

  double w_max_ = 0;
  double origin_ = 0;
  double k_ = 0;
  double reno_ = 0;
  double reno_counted_ = 0;
  double epoch_ = -1;

  bool recovering_ = false;  // RFC 6937
  std::uint64_t recovery_end_ = 0;
  double before_ = 0;
  double delivered_ = 0;
  double sent_ = 0;
};

}  // namespace ringway::tmp::simulation
