#pragma once
// A zone from its master file (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5), and the files that it includes. Beside the usual
// records a name may have one of Ringway's own, which says as which site it is steered:
//
//   www   IN  SITE  shop
//
// Then A, AAAA, HTTPS and SVCB of the name come from the steering. Those that the file itself gives for it are answered
// while the steering does not know the site.

#include <memory>
#include <string>
#include <string_view>

#include "base/config_tree.h"
#include "base/result.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/zone/zone.h"
#include "redirector_dns/zone/zone_bounds.h"

namespace ringway::dns {

/// Where the texts are that a zone's file includes.
class ZoneFolder {
 public:
  virtual ~ZoneFolder() = default;
  /// `name` as $INCLUDE says it; at most `most` octets. The error's message is for who wrote the zone.
  virtual Result<std::string> read(std::string_view name, std::size_t most) = 0;
};

/// Null where anything is wrong; then `report`, which is empty before, says what and where. Without `folder` $INCLUDE
/// is not followed. Behind an included file the origin and the last name are again what they were before it.
std::shared_ptr<const Zone> read_master_file(std::string_view text, NameView apex, const ZoneBounds& bounds,
                                             config::Report& report, ZoneFolder* folder = nullptr);

}  // namespace ringway::dns
