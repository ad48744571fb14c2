#pragma once
// The sans-IO end of TMP: datagrams and time in, datagrams and stream events out. One per UDP socket.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/loop.h"
#include "base/result.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

struct Datagram {
  SocketAddress remote;
  std::uint8_t ecn = 0;  // the two ECN bits of the IP header
  MutableBytes payload;  // decrypted in place
};

/// Where built packets go. The endpoint fills `buffer()` and then says what it wrote.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  /// Room for one packet of `octets`; empty where the batch is full.
  virtual MutableBytes reserve(std::size_t octets) = 0;
  /// The first `octets` of the last reservation leave for `remote`. Runs of packets of one size to one
  /// address are adjacent, so that the kernel can segment them (UDP_SEGMENT).
  virtual void commit(const SocketAddress& remote, std::size_t octets) = 0;
};

/// A peer that this end keeps a link to.
struct PeerTarget {
  std::string name;  // as its certificate says
  SocketAddress address;
};

class Endpoint {
 public:
  Endpoint(std::shared_ptr<const EndpointSettings> settings, Loop loop, LinkHandler& handler);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Keeps a link to `target` until it is closed: made now, made again with back-off and jitter (at most
  /// limits::kMaxReconnectDelay) whenever the network or the peer breaks it.
  Link& connect(const PeerTarget& target);
  /// Every link made or accepted so far; those that are down as well.
  [[nodiscard]] std::vector<Link*> links() const;

  /// Takes a batch that came in. Calls stream handlers.
  void receive(std::span<Datagram> batch);
  /// Fires what is due. Calls stream handlers.
  void advance();
  /// Writes what may leave now. Returns true where the sink was full and more is ready.
  bool build(PacketSink& sink);
  /// When advance() or build() has something to do again; a pacing release counts. kNever where nothing is due.
  [[nodiscard]] Time next_timeout() const;

  /// Datagrams that belonged to no link: noise, other gateways' and those of links long gone.
  [[nodiscard]] std::uint64_t stray_datagrams() const;

  /// New identity, rings or peers for what comes; nothing in flight breaks.
  void update(std::shared_ptr<const EndpointSettings> settings);
  /// Closes every link with a CLOSE the peer can read; build() must be called once more.
  void close(const std::string& reason);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::tmp
