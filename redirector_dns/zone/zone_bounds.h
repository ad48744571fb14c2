#pragma once
// How much one zone may be.

#include <cstddef>
#include <string_view>

#include "redirector_dns/limits.h"

namespace ringway::dns {

struct ZoneBounds {
  std::string_view whose;  // for messages
  std::size_t octets = 0;  // of text, with files that it includes and what $GENERATE makes
  std::size_t names = 0;   // with those that only have others below them
};

inline constexpr ZoneBounds kFileZoneBounds{"a zone", limits::kMaxZoneOctets, limits::kMaxZoneNames};
inline constexpr ZoneBounds kToldZoneBounds{"a zone that a manager tells", limits::kMaxToldZoneOctets,
                                            limits::kMaxToldZoneNames};

}  // namespace ringway::dns
