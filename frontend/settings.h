#pragma once
// What a front-end is told by its file (docs/configuration.md): an immutable snapshot, swapped whole.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/gateway_settings.h"
#include "base/result.h"
#include "base/time.h"
#include "http/parser.h"
#include "tmp_protocol/endpoint.h"
#include "tmp_protocol/link_settings.h"

namespace ringway::frontend {

/// Paths of PEM files of a listener.
struct ServerTls {
  std::string certificate;  // the chain, leaf first
  std::string key;
  auto operator<=>(const ServerTls&) const = default;
};

/// Where HTTP clients connect. Every HTTP site is served on every listener.
struct Listener {
  SocketAddress address;
  std::optional<ServerTls> tls;
  auto operator<=>(const Listener&) const = default;
};

/// `pattern` is a glob (base/text.h glob_matches) for the value of what is called `name`.
/// Field names are lower case; names in the query and of cookies are as they are.
struct NamedPattern {
  std::string name;
  std::string pattern;
};

/// All that is not empty must hold. Of `methods`, `clients` and `content_types` one must.
struct Condition {
  std::string path;  // glob over the path without its query; empty: any
  std::vector<std::string> methods;
  std::vector<NamedPattern> headers;
  std::vector<NamedPattern> queries;
  std::vector<NamedPattern> cookies;
  std::vector<IpNetwork> clients;
  /// Globs in lower case over the answer's media type without parameters. A rule with one is undecided,
  /// and passed over, until the head of the answer is there; then the rules are asked again.
  std::vector<std::string> content_types;
};

/// Whether it asks for nothing at all.
bool is_empty(const Condition& when);

struct PriorityRule {
  std::uint8_t ring = tmp::kDefaultRing;
  Condition when;
};

struct Site {
  std::string name;
  SiteProtocol protocol = SiteProtocol::http;
  /// HTTP: host names in lower case without port; "*.shop.test" stands for any name below shop.test.
  std::vector<std::string> hosts;
  std::optional<SocketAddress> listen;            // TCP: where its clients connect
  std::vector<tmp::PeerTarget> backends;          // at least one; a link is made to each name once, whatever the sites
  std::vector<PriorityRule> priorities;           // the first that matches gives the ring; TCP sites: `clients` only
  std::uint8_t ring = tmp::kDefaultRing;          // where no rule matches
  std::uint32_t weight = 1;                       // its share of a ring beside other sites
  std::uint64_t max_content_octets = UINT64_MAX;  // of a request: 413 above
  Duration answer_timeout = std::chrono::seconds(90);  // from the end of a request to the answer's head: 504
  Duration idle_timeout = std::chrono::hours(2);       // TCP: no octet in either direction
};

/// What one client may cost. Above `max_connections` new connections wait in the kernel's backlog.
struct ClientLimits {
  std::uint32_t max_connections = 100000;                 // of the whole front-end
  std::uint32_t max_pipelined = 16;                       // requests of one connection in work at a time
  Duration handshake_timeout = std::chrono::seconds(10);  // TLS
  Duration head_timeout = std::chrono::seconds(15);       // from a request's first octet to its head's end: 408
  Duration idle_timeout = std::chrono::seconds(75);       // between requests: closed
  Duration stall_timeout = std::chrono::seconds(60);      // no octet of content taken or sent: 408 or aborted
};

struct Settings {
  GatewaySettings gateway;
  tmp::LinkSettings link;
  std::vector<Listener> listeners;
  std::vector<Site> sites;
  http::ParserLimits requests;  // head, target and fields; content is the site's
  ClientLimits clients;
};

/// Reads the file. The error's message holds everything that is wrong with it, a paragraph each
/// (base/config_reader.h); files that it names must be readable.
Result<std::shared_ptr<const Settings>> load_settings(const std::string& path);
/// The same from text. `file` is what messages call it; files that it names are not looked at.
Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file);

/// What the endpoint is set up with. The caller fills in `identity`, `reset_key` and `worker`.
tmp::EndpointSettings endpoint_settings(const Settings& settings);

}  // namespace ringway::frontend
