#pragma once
// An emulated distance for demonstrations and tests: passes datagrams between clients and one server, and
// delays, drops and limits them on the way.

#include <cstdint>
#include <memory>

#include "base/address.h"
#include "base/result.h"
#include "net/relay_pipe.h"
#include "net/worker.h"

namespace ringway::net {

struct RelaySettings {
  SocketAddress listen;  // clients send here; port 0: the kernel's choice
  SocketAddress server;
  RelayPath path;
  std::uint64_t seed = 1;  // of the losses
};

/// Clients at a time; a new one takes the place of the one that was silent longest.
inline constexpr std::size_t kRelayMaxClients = 64;

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
