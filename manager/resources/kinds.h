#pragma once
// The kinds of resources that this release knows: what an operator and site owners decide.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backend/settings.h"
#include "frontend/settings.h"
#include "manager/resources/resource_kind.h"
#include "manager/resources/steering_kinds.h"
#include "tmp_protocol/link_settings.h"

namespace ringway::manager {

/// How many gateways of one role a site may have, and which.
struct Placement {
  std::uint32_t least = 1;
  std::uint32_t most = 0;           // 0: as many as there are
  std::vector<std::string> pinned;  // always, whatever the load
  std::vector<std::string> never;
};

struct Site {
  frontend::Site clients;  // hosts, priorities: what front-ends are told, but for the back-ends
  backend::Site servers;   // origins: what back-ends are told beside what front-ends are
  Placement frontends;
  Placement backends;
  dns::SiteSteering steering;  // what redirectors answer its clients
};

inline const std::string& name_of(const Site& site) { return site.clients.name; }

/// Where front-ends stand: one place on the map.
struct Pop {
  std::string name;
  std::string doc;                        // for people
  double latitude = 0;                    // degrees north
  double longitude = 0;                   // degrees east
  std::uint64_t capacity_bits_per_s = 0;  // of its access to the Internet; 0: not said
};

/// What a gateway can do and how its links are made.
struct Gateway {
  std::uint64_t capacity_bits_per_s = 0;       // 0: not said
  std::uint32_t capacity_exchanges_per_s = 0;  // 0: not said
  tmp::RingSettings rings;
  std::uint32_t max_packet_octets = limits::kMaxPacketOctets;
};

struct FrontendGateway {
  std::string name;  // as its certificate says
  std::string pop;
  std::vector<IpAddress> addresses;  // what clients are sent to
  Gateway gateway;
};

struct BackendGateway {
  std::string name;       // as its certificate says
  std::string centre;     // of hosting, for people and for the spread; empty: its own
  SocketAddress address;  // UDP, of its links
  Gateway gateway;
};

/// Every kind, with the checks between them.
[[nodiscard]] ResourceKinds resource_kinds();

inline constexpr const char* kSites = "sites";
inline constexpr const char* kPops = "pops";
inline constexpr const char* kFrontends = "frontends";
inline constexpr const char* kBackends = "backends";

}  // namespace ringway::manager
