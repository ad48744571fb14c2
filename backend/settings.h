#pragma once
// What a back-end is told by its file (docs/configuration.md): an immutable snapshot, swapped whole.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/connector.h"
#include "base/gateway_settings.h"
#include "base/result.h"
#include "base/time.h"
#include "http/parser.h"
#include "tmp_protocol/link_settings.h"

namespace ringway::backend {

/// One server of a site. "https://" in the file, or `tls:`, sets `tls`.
struct Origin {
  std::string name;  // as the file writes it, without "http://": for logs, metrics and the access log
  SocketAddress address;
  std::optional<TlsClientSettings> tls;
  std::uint32_t max_pending = 64;  // exchanges (TCP: connections) at it at a time
  auto operator<=>(const Origin&) const = default;
};

struct SiteTimeouts {
  Duration queue = std::chrono::seconds(10);       // waiting for a free origin: 503
  Duration connect = std::chrono::seconds(5);      // TCP and TLS: next origin, or 502
  Duration response = std::chrono::seconds(60);    // from the end of the request to the response's head: 504
  Duration stall = std::chrono::seconds(60);       // no octet of content taken or sent: aborted
  Duration keep_alive = std::chrono::seconds(30);  // an unused connection is kept so long
  Duration leave_alone = std::chrono::seconds(5);  // an origin that refused or was silent gets nothing so long
  Duration idle = std::chrono::hours(2);           // TCP: no octet in either direction
  friend bool operator==(const SiteTimeouts&, const SiteTimeouts&) = default;
};

struct Site {
  std::string name;
  SiteProtocol protocol = SiteProtocol::http;
  /// HTTP: when not empty, only these hosts are passed on (421 otherwise); "*.shop.test" for any below.
  std::vector<std::string> hosts;
  std::vector<Origin> origins;              // at least one
  std::vector<std::string> frontends;       // names of front-ends that may reach it; at least one
  std::uint32_t weight = 1;                 // its share of a ring beside other sites, in answers
  std::uint32_t max_queued = 1024;          // exchanges waiting for an origin: 503 above
  std::uint32_t max_idle_connections = 64;  // kept open to one origin
  SiteTimeouts timeouts;
};

struct Settings {
  GatewaySettings gateway;
  tmp::LinkSettings link;  // `address` is always set
  std::vector<Site> sites;
  http::ParserLimits responses;  // head and fields of origins' answers
};

/// Reads the file. The error's message holds everything that is wrong with it, a paragraph each
/// (base/config_reader.h); files that it names must be readable.
Result<std::shared_ptr<const Settings>> load_settings(const std::string& path);
/// The same from text. `file` is what messages call it; files that it names are not looked at.
Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file);

/// What the endpoint is set up with; every front-end that a site names is an accepted peer.
/// The caller fills in `identity`, `reset_key` and `worker`.
tmp::EndpointSettings endpoint_settings(const Settings& settings);

}  // namespace ringway::backend
