#pragma once
// Why a client is answered what it is, and what a redirector answers by, as text for people.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/dns/client_distance.h"
#include "cli/dns/dns_share.h"

namespace ringway::cli {

struct Explained {
  std::string name;
  std::string client;  // an address or a network
};

/// The candidates of a name for a client, how far each is, and whom it is given. `own`: none where the table is a
/// manager's, which alone knows how far clients are. `now` is in seconds since 1970. An error where the name or the
/// client is none, or nothing is steered there.
Result<std::string> explain_text(const DnsContent& content, const std::optional<OwnSteering>& own,
                                 const Explained& asked, dns::steering::WallSeconds now);

/// The zones, one a line, and the steering table (redirector_dns/steering/table_text.h).
std::string dump_text(const DnsContent& content);

}  // namespace ringway::cli
