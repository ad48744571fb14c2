#pragma once
// The sockets of a redirector, bound: opened here, or taken over from the process before.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "net/descriptor.h"

namespace ringway::cli {

struct DnsSocket {
  int type = 0;  // SOCK_DGRAM or SOCK_STREAM
  SocketAddress address;
  net::Descriptor descriptor;
};

/// "udp 192.0.2.1:53", by which processes tell them apart.
std::string socket_text(int type, const SocketAddress& address);

class DnsSockets {
 public:
  /// For each address and type those of `inherited`, or one for each of the workers. What is inherited and not needed
  /// is closed: nobody asks there any more.
  static Result<DnsSockets> open(const std::vector<SocketAddress>& addresses, std::size_t workers,
                                 std::vector<DnsSocket> inherited);

  [[nodiscard]] std::span<const DnsSocket> all() const { return sockets_; }
  /// Duplicates of what a worker, from 0 on, reads. Every socket is some worker's, as what stands in its queue must be
  /// answered; where there are more workers than sockets, several read one.
  [[nodiscard]] Result<std::vector<DnsSocket>> of(std::size_t worker) const;
  /// The most that a worker sees of what one client asks at an address from many ports, which the kernel deals out over
  /// the sockets there: 0 to 1. Of a socket that several read each may see all.
  [[nodiscard]] double part_of(std::size_t worker) const;
  void close() { sockets_.clear(); }

 private:
  using Group = std::span<const DnsSocket>;
  [[nodiscard]] std::vector<Group> groups() const;

  std::size_t workers_ = 1;
  std::vector<DnsSocket> sockets_;  // those of one address and type side by side
};

}  // namespace ringway::cli
