#pragma once
// Why a client is answered what it is, and what a redirector answers by, as text for people.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/dns/dns_share.h"

namespace ringway::cli {

/// The candidates of `name` for `client`, an address or a network, and whom it is given. `now` is in seconds since
/// 1970. An error where either is none, or nothing is steered there.
Result<std::string> explain_text(const DnsContent& content, const std::string& name, const std::string& client,
                                 dns::steering::WallSeconds now);

/// The zones, one a line, and the steering table (redirector_dns/steering/table_text.h).
std::string dump_text(const DnsContent& content);

}  // namespace ringway::cli
