#pragma once
// The sans-IO end of TMP: datagrams and time in, datagrams and stream events out. One per UDP socket, and the carriers
// of its links beside it.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/loop.h"
#include "base/result.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/route.h"
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

struct Datagram {
  Route remote;
  std::uint8_t ecn = 0;  // the two ECN bits of the IP header; 0 in a carrier
  MutableBytes payload;  // decrypted in place
};

/// What a datagram says of ECN (RFC 3168 §5).
enum class Ecn : std::uint8_t { not_capable = 0, capable = 2 };

/// Where built packets go. The endpoint fills `buffer()` and then says what it wrote.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  /// Room for one packet of `octets` to `remote`; empty where the batch, or the carrier, is full. A carrier that is
  /// gone has room, as UDP has towards an address where nobody is.
  virtual MutableBytes reserve(const Route& remote, std::size_t octets) = 0;
  /// The first `octets` of the last reservation leave for `remote`, marked as `ecn` says; not_capable in a
  /// carrier. Runs of packets of one size to one address are adjacent, so that the kernel can segment them
  /// (UDP_SEGMENT).
  virtual void commit(const Route& remote, std::size_t octets, Ecn ecn) = 0;
};

/// A peer that this end keeps a link to.
struct PeerTarget {
  std::string name;  // as its certificate says
  SocketAddress address;
};

/// Makes carriers for the links that this end makes, and answers with Endpoint::on_carrier_...(), never at once.
class CarrierDialer {
 public:
  virtual ~CarrierDialer() = default;
  /// Begins one to `target`, which must prove to be that. kNoCarrier where there are to be none.
  virtual CarrierId dial(const PeerTarget& target) = 0;
  /// Is not needed any more; what was committed to it still leaves.
  virtual void hang_up(CarrierId carrier) = 0;
};

class Endpoint {
 public:
  Endpoint(std::shared_ptr<const EndpointSettings> settings, Loop loop, LinkHandler& handler);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Keeps a link to `target` until it is closed: made now, made again with back-off and jitter (at most
  /// limits::kMaxReconnectDelay) whenever the network or the peer breaks it. A link to `target` that was closed and is
  /// over is that link again: there are never more than were needed at one time.
  Link& connect(const PeerTarget& target);
  /// Every link made or accepted so far; those that are down as well.
  [[nodiscard]] std::vector<Link*> links() const;

  /// Links whose packets get no answer over UDP take carriers that `dialer` makes, which outlives this.
  void use_carriers(CarrierDialer& dialer);
  /// A carrier that was dialled is up. Those that peers made need not be told.
  void on_carrier_up(CarrierId carrier);
  /// A carrier that was full has room again.
  void on_carrier_writable(CarrierId carrier);
  /// A carrier is lost or could not be made; `reason` is for the log.
  void on_carrier_down(CarrierId carrier, const std::string& reason);

  /// Takes a batch that came in. Calls stream handlers.
  void receive(std::span<Datagram> batch);
  /// Fires what is due. Calls stream handlers.
  void advance();
  /// Writes what may leave now. Returns true where the batch was full and more is ready; what a full carrier did not
  /// take comes after on_carrier_writable().
  bool build(PacketSink& sink);
  /// When advance() or build() has something to do again; a pacing release counts. kNever where nothing is due.
  [[nodiscard]] Time next_timeout() const;

  /// Datagrams that belonged to no link: noise, other gateways' and those of links long gone.
  [[nodiscard]] std::uint64_t stray_datagrams() const;

  /// New identity, rings or peers for what comes; nothing in flight breaks, but links of peers whose certificate is
  /// revoked close at once.
  void update(std::shared_ptr<const EndpointSettings> settings);
  /// Closes every link with a CLOSE the peer can read; build() must be called once more.
  void close(const std::string& reason);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::tmp
