#pragma once
// An emulated distance for demonstrations and tests: passes datagrams between clients and one server, and
// delays, drops and limits them on the way.

#include <cstdint>
#include <memory>

#include "base/address.h"
#include "base/result.h"
#include "net/worker.h"

namespace ringway::net {

struct RelayPath {
  Duration round_trip{};           // half of it each way
  double loss = 0;                 // share of the datagrams dropped, each way, 0..1
  std::uint64_t octets_per_s = 0;  // each way; 0: no limit
};

struct RelaySettings {
  SocketAddress listen;  // clients send here; port 0: the kernel's choice
  SocketAddress server;
  RelayPath path;
  std::uint64_t seed = 1;  // of the losses
};

/// Of one direction.
struct RelayCounters {
  std::uint64_t datagrams = 0;   // passed on
  std::uint64_t octets = 0;      // passed on
  std::uint64_t lost = 0;        // dropped by chance
  std::uint64_t overflowed = 0;  // dropped by a full queue
};

/// Each direction keeps order. Its queue holds one round trip's worth of the rate, at least kRelayMinQueueOctets.
class UdpRelay {
 public:
  static Result<std::unique_ptr<UdpRelay>> open(Worker& worker, const RelaySettings& settings);
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;
  ~UdpRelay();

  [[nodiscard]] SocketAddress address() const;
  /// For datagrams that arrive from now on.
  void set_path(const RelayPath& path);
  [[nodiscard]] const RelayCounters& to_server() const;
  [[nodiscard]] const RelayCounters& to_client() const;

 private:
  class Impl;
  explicit UdpRelay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net
