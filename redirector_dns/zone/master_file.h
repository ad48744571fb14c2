#pragma once
// A zone from its master file (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5). Beside the usual records a name may have one of
// Ringway's own, which says as which site it is steered:
//
//   www   IN  SITE  shop
//
// Then A, AAAA and HTTPS of the name come from the steering. Those that the file itself gives for it are answered while
// the steering does not know the site.

#include <memory>
#include <string_view>

#include "base/config_tree.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/zone/zone.h"

namespace ringway::dns {

/// Null where anything is wrong; then `report`, which is empty before, says what and where. Neither $INCLUDE nor
/// $GENERATE is followed: a zone is one text.
std::shared_ptr<const Zone> read_master_file(std::string_view text, NameView apex, config::Report& report);

}  // namespace ringway::dns
