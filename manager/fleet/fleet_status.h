#pragma once
// The fleet as JSON, for people's eyes: what /v1/status and its kin say.

#include <string>

#include "manager/fleet/fleet.h"

namespace ringway::manager {

/// The whole, as GET /v1/status and the stream of events tell it.
[[nodiscard]] std::string status_json(const Fleet& fleet);

// Its parts, each a list of all.

[[nodiscard]] std::string gateways_json(const Fleet& fleet);
[[nodiscard]] std::string links_json(const Fleet& fleet);
[[nodiscard]] std::string drains_json(const Fleet& fleet);
/// Null where there is none yet.
[[nodiscard]] std::string rollout_json(const Fleet& fleet);

/// One gateway, with its last report; empty where nobody knows it.
[[nodiscard]] std::string gateway_json(const Fleet& fleet, const tmp::PeerIdentity& identity);
/// Who has the site, since when, and in which state; empty where there is no such site.
[[nodiscard]] std::string site_assignment_json(const Fleet& fleet, const std::string& site);

}  // namespace ringway::manager
