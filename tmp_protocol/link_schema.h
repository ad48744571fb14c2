#pragma once
// How the `link:` part of a gateway's file is read. Only the sources that read files include this.

#include "base/config_reader.h"
#include "base/gateway_schema.h"
#include "base/limits.h"
#include "tmp_protocol/link_settings.h"

namespace ringway::tmp {

inline config::Type<RingSettings> ring_settings_type() {
  using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema
  return Object<RingSettings>("rings")
      .optional("weights", &RingSettings::weights, array<kRings>(octets<std::uint32_t>(1, 1U << 20)),
                "What each ring may send per ready buffer per round, ring 0 first.")
      .optional("order", &RingSettings::order,
                choice<RingOrder>({{"triangle", RingOrder::triangle}, {"weighted", RingOrder::weighted}}),
                "`triangle`: ring 0, then 0-1, then 0-2 and so on; `weighted`: each ring's share of a round at once.")
      .optional("sub_packet", &RingSettings::sub_packet_octets, octets<std::uint32_t>(64, limits::kMaxPacketOctets),
                "The most one buffer puts into a packet while others wait, but where eight or more of one ring and "
                "site alone do.")
      .optional("round_packets", &RingSettings::round_packets, whole_number<std::uint32_t>(1, 1024),
                "About how many packets a round is at most.")
      .optional("high_share", &RingSettings::high_rings_share, fraction(0.05, 1),
                "The share of the link that rings 0 and 1 of one site may take while other sites wait.")
      .optional("ready_per_connection", &RingSettings::ready_per_connection, whole_number<std::uint32_t>(1, 1024),
                "How many ready buffers of one client connection count.");
}

inline config::Type<CongestionSettings> congestion_settings_type() {
  using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema
  return Object<CongestionSettings>("congestion")
      .optional("max_window", &CongestionSettings::max_window_octets, octets<std::uint64_t>(64 << 10, 4ULL << 30),
                "The most that may be in flight.")
      .optional("max_flows", &CongestionSettings::max_flows, whole_number<std::uint32_t>(1, 128),
                "As how many TCP connections a link may behave at most, however many it hosts.")
      .optional("tolerated_noise", &CongestionSettings::tolerated_noise, fraction(0, 0.2),
                "The loss without a queue that does not slow a link; 0: every loss does.");
}

/// Without `address`, which only a back-end must have.
inline config::Object<LinkSettings> link_settings_object() {
  using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema
  return Object<LinkSettings>("link")
      .required("identity", &LinkSettings::identity, identity_files_type(),
                "Who this gateway is, as `ringway keys` made it.")
      .optional("max_packet", &LinkSettings::max_packet_octets,
                octets<std::uint32_t>(limits::kMinPacketOctets, limits::kMaxPacketOctets),
                "The largest UDP payload; path MTU discovery may find less.")
      .optional("fallback", &LinkSettings::fallback,
                choice<LinkFallback>({{"tls", LinkFallback::tls}, {"off", LinkFallback::off}}),
                "`tls`: where UDP is blocked the link goes over TLS on TCP, to the same address and port.")
      .optional("rings", &LinkSettings::rings, ring_settings_type(), "How the five priority rings share the link.")
      .optional("congestion", &LinkSettings::congestion, congestion_settings_type(), "How much may be in flight.")
      .optional(
          "repair", &LinkSettings::repair_share, fraction(0, 0.5),
          "The share of the path's rate that spare packets may take, which replace lost ones without a round trip; "
          "twice as much above 2 % of loss; 0: none.");
}

}  // namespace ringway::tmp
