#pragma once
// What gateways say of themselves, smoothed: how much they are used and for which site, and how their links are.
//
// Only what tells of crowding and reach is here. Quantiles of answer times and clients' round trips tell of origins and
// distance as well, so they are no reason to move anything.

#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace ringway::manager::assigner {

enum class Health : std::uint8_t { well, ailing };

/// One site at one gateway.
struct SiteFigures {
  double requests_per_s = 0;  // that were served
  double refused_per_s = 0;   // that were turned away for want of room: at a back-end, in its queue or the origins'
  double origins_busy = 0;    // back-ends: pending at the origins, of what may be pending there; 0 to 1
  unsigned origins_up = 1;    // back-ends: the site's origins that answer
};

/// One link, as its front-end sees it.
struct LinkFigures {
  double rtt_ms = 0;
  double loss = 0;  // of the packets, the worse direction; 0 to 1
  double used = 0;  // of its capacity; 0 to 1
};

struct GatewayFigures {
  Health health = Health::well;
  double cpu = 0;  // of all its workers; 0 to 1
  double exchanges_per_s = 0;
  double bits_per_s = 0;
  std::map<std::string, SiteFigures> sites;  // exactly those that its configuration in use has
  std::map<std::string, LinkFigures> links;  // front-ends: by back-end
};

struct Measured {
  Time alive_since{};  // it has been heard without a gap since
  Time heard{};
  GatewayFigures figures;  // as they were then
};

struct Measurements {
  Time since{};  // the beginning: whom nobody has heard yet may be well for a while (limits::kUnheardGrace)
  std::map<std::string, Measured> frontends;
  std::map<std::string, Measured> backends;
};

/// Takes a gateway's report into what is known of it. Loads follow with limits::kLoadMemory, links with
/// limits::kLinkMemory. `gateways` is one of the maps above; who takes a gateway out of the plan takes it out there.
void hear(std::map<std::string, Measured>& gateways, const std::string& name, const GatewayFigures& report, Time now);

}  // namespace ringway::manager::assigner
