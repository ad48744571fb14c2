#pragma once
// A link as the gateways see it: a lasting TMP connection to one named peer, carrying prioritized streams.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/address.h"
#include "base/byte_stream.h"
#include "base/time.h"
#include "tmp_protocol/route.h"

namespace ringway::tmp {

inline constexpr int kRings = 5;
/// The ring of what no rule names.
inline constexpr std::uint8_t kDefaultRing = 2;

enum class StreamKind : std::uint8_t { http = 0, tcp = 1 };

/// What the opener tells the peer with the first octets of a stream (docs/tmp.md, STREAM_OPEN).
struct StreamOpening {
  StreamKind kind = StreamKind::http;
  std::uint8_t ring = kDefaultRing;  // 0 is served first
  std::uint32_t connection = 0;      // number of the hosted client connection; streams of one share its turn in a ring
  std::string site;                  // at most limits::kMaxSiteNameOctets
};

class LinkStream : public ByteStream {
 public:
  /// Moves both directions to `ring`; the peer hears of it.
  virtual void set_ring(std::uint8_t ring) = 0;
  /// Whether any of it ever left in a packet. Until then doing it again elsewhere cannot happen twice.
  [[nodiscard]] virtual bool left() const = 0;
};

/// Both ends know the quality of both directions (LINK_QUALITY frames).
struct LinkQuality {
  Duration smoothed_rtt{};
  Duration min_rtt{};
  double sent_loss = 0;      // lost share of the packets sent here, 0..1, moving average
  double received_loss = 0;  // the same of the other direction, as the peer reports it
  double mean_burst = 1;     // packets lost in a row, where some are
  std::uint64_t delivery_octets_per_s = 0;
  std::uint64_t window_octets = 0;
  std::uint64_t in_flight_octets = 0;
  std::uint64_t queued_octets = 0;  // written to streams and not yet sent
  std::uint32_t hosted = 0;         // N: client connections with demand
  Duration silence{};               // for how long the peer owes an answer; zero where it does not
  Travel travel = Travel::udp;      // what its packets go by now
};

/// Counters since the link was first made, for metrics.
struct LinkCounters {
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t packets_lost = 0;
  std::uint64_t octets_sent = 0;      // UDP payload
  std::uint64_t octets_received = 0;  // UDP payload
  std::uint64_t octets_resent = 0;    // stream octets sent again
  std::uint64_t repairs_sent = 0;
  std::uint64_t packets_repaired = 0;  // that never came and were made from a repair
  std::uint64_t packets_dropped = 0;   // replayed, altered, cut or unknown
  std::uint64_t times_up = 0;
  std::uint64_t times_carried = 0;              // left UDP for a carrier
  std::uint64_t times_returned = 0;             // from a carrier to UDP
  std::uint64_t ring_octets_sent[kRings] = {};  // stream octets by ring
};

class Link {
 public:
  virtual ~Link() = default;
  [[nodiscard]] virtual bool up() const = 0;
  /// The peer's configured and verified name.
  [[nodiscard]] virtual const std::string& peer() const = 0;
  /// Null where the link is not up, is draining, or the peer allows no more streams now.
  virtual std::unique_ptr<LinkStream> open(const StreamOpening& opening, ByteStreamHandler& handler) = 0;
  [[nodiscard]] virtual std::size_t streams() const = 0;
  [[nodiscard]] virtual LinkQuality quality() const = 0;
  [[nodiscard]] virtual const LinkCounters& counters() const = 0;
  /// Tells the peer to open no more streams (GOAWAY); open ones end in peace.
  virtual void drain() = 0;
  /// Closes at once; a configured link is not made again after this.
  virtual void close(const std::string& reason) = 0;
};

/// What a gateway hears of its links. Links live as long as their endpoint.
class LinkHandler {
 public:
  virtual ~LinkHandler() = default;
  virtual void on_link_up(Link& link) = 0;
  /// The link is lost, or an attempt to make it failed for another reason than the one before.
  virtual void on_link_down(Link& link, const std::string& reason) = 0;
  /// The link, which is up, goes by UDP or by a carrier from now on; `reason` says why.
  virtual void on_link_travel(Link& link, Travel travel, const std::string& reason) {
    static_cast<void>(link);
    static_cast<void>(travel);
    static_cast<void>(reason);
  }
  /// The peer opened a stream. Destroying `stream` refuses it.
  virtual void on_stream(Link& link, std::unique_ptr<LinkStream> stream, const StreamOpening& opening) = 0;
  /// The peer opens no more streams here and wants none.
  virtual void on_link_draining(Link& link) = 0;
  /// The peer's certificate ended at `expired` and is taken all the same (EndpointSettings::trust). Told after each
  /// handshake: when the link comes up, and each hour.
  virtual void on_peer_expired(Link& link, std::chrono::system_clock::time_point expired) {
    static_cast<void>(link);
    static_cast<void>(expired);
  }
  /// A carrier from or to `remote` was closed, since what came in it is no carrier's.
  virtual void on_carrier_fault(const SocketAddress& remote, const std::string& reason) {
    static_cast<void>(remote);
    static_cast<void>(reason);
  }
  /// Somebody at `remote` tried to make a link here and is no peer: what is wrong with it, for the log (which must
  /// bound what strangers can write there).
  virtual void on_peer_refused(const SocketAddress& remote, const std::string& reason) {
    static_cast<void>(remote);
    static_cast<void>(reason);
  }
};

}  // namespace ringway::tmp
