#pragma once
// What an endpoint is set up with: an immutable snapshot.

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

class Identity;  // identity.h: certificate, key and authority of this gateway

enum class RingOrder : std::uint8_t { triangle, weighted };

struct RingSettings {
  /// Octets per ready buffer per round.
  std::array<std::uint32_t, kRings> weights = {32768, 8192, 2048, 1024, 512};
  std::uint32_t sub_packet_octets = 512;
  std::uint32_t round_packets = 16;         // a round is at most about so many packets
  double high_rings_share = 0.5;            // of the link, what rings 0-1 of one site may take while others wait
  std::uint32_t ready_per_connection = 16;  // of one client connection's buffers, how many count as ready
  RingOrder order = RingOrder::triangle;
};

struct SiteWeight {
  std::string site;
  std::uint32_t weight = 1;
};

struct CongestionSettings {
  std::uint64_t max_window_octets = 64ULL << 20;
  std::uint32_t max_flows = 128;  // virtual flows of the ensemble
  double tolerated_noise = 0.05;  // loss without a queue that is not taken for congestion; 0: every loss is
};

/// What a link goes by where UDP is blocked.
enum class LinkFallback : std::uint8_t { off, tls };

struct EndpointSettings {
  Role role = Role::frontend;  // or backend: links are between these
  std::shared_ptr<const Identity> identity;
  /// Names of peers that may make a link here; links made from here name their peer.
  std::set<std::string> accepted_peers;
  PeerTrust trust;
  RingSettings rings;
  std::vector<SiteWeight> site_weights;
  CongestionSettings congestion;
  double repair_share = 0.05;              // of the path's rate, for tail protection (repair_sender.h)
  std::uint32_t max_packet_octets = 1472;  // UDP payload, least 1200
  LinkFallback fallback = LinkFallback::off;
  std::uint32_t max_streams = 65536;  // open at a time, made by the peer
  std::uint64_t max_link_receive_octets = 48ULL << 20;
  /// As much as three round trips bring at 500 Mbit/s and 100 ms: a packet lost twice must not stop its stream.
  std::uint64_t max_stream_receive_octets = 20ULL << 20;
  /// Persistent, so that a restarted gateway can tell its peers that it forgot them.
  std::array<std::uint8_t, 32> reset_key{};
  std::uint8_t worker = 0;  // goes into the connection IDs
  /// Protocol versions spoken to peers (version.h); the highest that both ends have is used.
  std::vector<std::uint32_t> versions = {1};
};

}  // namespace ringway::tmp
