#pragma once
// Tables as texts: what a manager sends to redirectors, and what is kept on disk as the last good one.
//
// One item a line, its words apart by one space; numbers refer to items of a kind by their place from 0:
//
//   ringway-atlas 1 NUMBER                               ringway-levels 1 NUMBER ATLAS-SUM
//   pop NAME CAPACITY                                    pop SHED USUAL serving|draining
//   frontend NAME POP WEIGHT V4,V4|- V6,V6|-             frontend SHED ILL-RANK serving|draining
//   class nearest|weighted|failover SHARES|- FRONTENDS   sum SHA-256
//   site NAME CLASS TTL ANSWERS none|next_pop ALPN|- PORT
//   reach POPS
//   order REACH POPS|-
//   profile ORDERS, one for each class
//   cells FIRST-ADDRESS PROFILE GRAIN                    (a range, up to the next of its family)
//   resolver ADDRESS
//   sum SHA-256 of all before this line, in hexadecimal
//
// The levels are small and come each second; the atlas comes when it changes. A text that was cut off, or is not what
// was written, has a wrong sum.

#include <string>
#include <string_view>

#include "base/result.h"
#include "redirector_dns/steering/table.h"
#include "redirector_dns/steering/text_sum.h"

namespace ringway::dns::steering {

std::string atlas_text(const Atlas& atlas);
/// At most limits::kMaxAtlasOctets. All that it says is checked as seal() does.
Result<SharedAtlas> parse_atlas(std::string_view text);

/// `atlas_sum` is what sum_of() says of the atlas's text.
std::string levels_text(const SteeringTable& table, std::string_view atlas_sum);
/// At most limits::kMaxLevelsOctets. An error as well where it is of another atlas than the given one.
Result<SteeringTable> parse_levels(std::string_view text, const SharedAtlas& atlas, std::string_view atlas_sum);

/// Both texts, one behind the other: how a table is kept.
std::string table_text(const SteeringTable& table);
Result<SteeringTable> parse_table(std::string_view text);

/// Why `next` should not take the place of `last` without a person's word: it takes a site away, or more than
/// limits::kMostFrontendsGone of the front-ends of one at a time. Both are what a fault on the way looks like.
Status check_succession(const Atlas& last, const Atlas& next);

}  // namespace ringway::dns::steering
