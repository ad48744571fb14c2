#pragma once
// DNS over UDP on one worker: what comes in one system call is answered in one.

#include <array>
#include <memory>
#include <vector>

#include "cli/dns/answerer.h"
#include "net/udp_socket.h"
#include "redirector_dns/limits.h"

namespace ringway::cli {

class UdpService final : private net::DatagramHandler {
 public:
  /// The answerer outlives it.
  static Result<std::unique_ptr<UdpService>> open(net::Worker& worker, net::Descriptor bound, Answerer& answerer);
  [[nodiscard]] SocketAddress address() const { return socket_->address(); }
  /// Answers that the kernel had no room for; who asked asks again.
  [[nodiscard]] std::uint64_t unsent() const { return unsent_; }

 private:
  static constexpr std::size_t kBatch = 64;

  explicit UdpService(Answerer& answerer) : answerer_(answerer) { trains_.reserve(kBatch); }
  void on_datagrams(std::span<tmp::Datagram> batch) override;
  void flush();

  Answerer& answerer_;
  std::unique_ptr<net::UdpSocket> socket_;
  std::array<std::array<std::uint8_t, limits::kDnsUdpOctets>, kBatch> answers_{};
  std::vector<net::Train> trains_;
  std::uint64_t unsent_ = 0;
};

}  // namespace ringway::cli
