#include "frontend/settings.h"

#include <fmt/format.h>

#include <map>

#include "base/config_reader.h"
#include "base/gateway_schema.h"
#include "base/limits.h"
#include "base/text.h"
#include "frontend/settings_schema.h"
#include "tmp_protocol/link_schema.h"

namespace ringway::frontend {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

constexpr std::size_t kMaxSites = 10000;
constexpr std::size_t kMaxPatternOctets = 1024;
constexpr Duration kMostWait = std::chrono::hours(24);
constexpr Duration kLeastWait = std::chrono::milliseconds(1);

Type<ServerTls> server_tls_type() {
  return Object<ServerTls>("tls")
      .required("certificate", &ServerTls::certificate, readable_file(),
                "The certificate and its chain, PEM, leaf first.")
      .required("key", &ServerTls::key, readable_file(), "Its private key, PEM.");
}

Type<Listener> listener_type() {
  return Object<Listener>("listener")
      .required("address", &Listener::address, socket_address(), "Where HTTP clients connect.")
      .optional("tls", &Listener::tls, maybe(server_tls_type()), "None: plain HTTP.");
}

Type<tmp::PeerTarget> backend_type() {
  return Object<tmp::PeerTarget>("back-end")
      .required("address", &tmp::PeerTarget::address, socket_address(), "The UDP address of its link.")
      .required("name", &tmp::PeerTarget::name, identifier(), "The name its certificate must have.");
}

Type<std::vector<NamedPattern>> patterns() {
  return dictionary<NamedPattern>(&NamedPattern::name, &NamedPattern::pattern, config::text(kMaxPatternOctets));
}

std::vector<NamedPattern> with_lower_names(std::vector<NamedPattern> named) {
  for (NamedPattern& pattern : named) pattern.name = to_lower(pattern.name);
  return named;
}

Type<std::vector<NamedPattern>> field_patterns() {
  using Patterns = std::vector<NamedPattern>;
  return std::make_shared<Converted<Patterns, Patterns>>(patterns(), with_lower_names,
                                                         [](const Patterns& named) { return named; });
}

Type<std::string> lower_case(const Type<std::string>& written) {
  return std::make_shared<Converted<std::string, std::string>>(
      written, [](const std::string& text) { return to_lower(text); }, [](const std::string& text) { return text; });
}

Type<std::string> pattern() { return config::text(kMaxPatternOctets); }

Type<Condition> condition_type() {
  return Object<Condition>("when")
      .optional("path", &Condition::path, pattern(),
                "Glob over the path without its query; `*` is any run of characters.")
      .optional("method", &Condition::methods, one_or_list(config::text(32), 32), "Methods, one of which it must be.")
      .optional("header", &Condition::headers, field_patterns(), "Fields and globs for their values.")
      .optional("query", &Condition::queries, patterns(), "Names in the query and globs for their values.")
      .optional("cookie", &Condition::cookies, patterns(), "Cookies and globs for their values.")
      .optional("client", &Condition::clients, one_or_list(network(), 1000),
                "Networks, in one of which the client must be.")
      .optional("content_type", &Condition::content_types, one_or_list(lower_case(pattern()), 100),
                "Globs, one of which the media type of the answer must match.")
      .check([](const Condition& when, Checker& checker) {
        if (is_empty(when)) checker.error({}, "no condition: the site's `ring` is for what no rule matches");
      });
}

Type<std::uint8_t> ring_type() { return whole_number<std::uint8_t>(0, tmp::kRings - 1); }

Type<PriorityRule> rule_type() {
  return Object<PriorityRule>("rule")
      .required("ring", &PriorityRule::ring, ring_type(), "The ring of what matches; 0 is served first.")
      .required("when", &PriorityRule::when, condition_type(), "What must hold, all of it.");
}

bool only_clients(const Condition& when) {
  Condition rest = when;
  rest.clients.clear();
  return is_empty(rest);
}

void check_tcp_site(const Site& site, Checker& checker) {
  if (!site.hosts.empty())
    checker.error({"hosts"}, "a tcp site has no hosts: its `listen` address tells it from others");
  if (!site.listen) checker.error({"protocol"}, "a tcp site needs `listen`", "listen: \"0.0.0.0:5432\", for instance");
  for (std::size_t i = 0; i < site.priorities.size(); ++i) {
    if (only_clients(site.priorities[i].when)) continue;
    checker.error({"priorities", std::to_string(i), "when"}, "the rules of a tcp site can only ask for `client`");
  }
}

void check_http_site(const Site& site, Checker& checker) {
  if (site.listen)
    checker.error({"listen"}, "only a tcp site listens itself: HTTP sites share the listeners in `listen:`");
  if (site.hosts.empty()) checker.error({"name"}, "an http site needs `hosts`", "hosts: [ shop.test ], for instance");
}

void check_site(const Site& site, Checker& checker) {
  if (site.protocol == SiteProtocol::tcp) {
    check_tcp_site(site, checker);
  } else {
    check_http_site(site, checker);
  }
}

void check_site_backends(const Site& site, Checker& checker) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < site.backends.size(); ++i) {
    if (seen.emplace(site.backends[i].name, i).second) continue;
    checker.error({"backends", std::to_string(i), "name"}, "this back-end stands in the list already");
  }
}

Object<http::ParserLimits> request_limits_object() {
  return Object<http::ParserLimits>("requests")
      .optional("max_head", &http::ParserLimits::head_octets, octets<std::size_t>(1024, 1 << 20), "431 above.")
      .optional("max_target", &http::ParserLimits::target_octets, octets<std::size_t>(256, 1 << 20), "414 above.")
      .optional("max_fields", &http::ParserLimits::fields, whole_number<std::size_t>(8, 10000), "431 above.");
}

Type<ClientLimits> client_limits_type() {
  return Object<ClientLimits>("clients")
      .optional("max_connections", &ClientLimits::max_connections, whole_number<std::uint32_t>(1, 10000000),
                "Of the whole front-end, in equal shares of its workers; more wait until one closes.")
      .optional("max_pipelined", &ClientLimits::max_pipelined, whole_number<std::uint32_t>(1, 1000),
                "Requests of one connection that are in work at a time.")
      .optional("handshake_timeout", &ClientLimits::handshake_timeout, duration(kLeastWait, kMostWait), "For TLS.")
      .optional("head_timeout", &ClientLimits::head_timeout, duration(kLeastWait, kMostWait),
                "From a request's first octet to the end of its head; 408 after it.")
      .optional("idle_timeout", &ClientLimits::idle_timeout, duration(kLeastWait, kMostWait),
                "Between two requests; the connection is closed after it.")
      .optional("stall_timeout", &ClientLimits::stall_timeout, duration(kLeastWait, kMostWait),
                "Without an octet of content sent or taken; the exchange is ended after it.");
}

/// Where HTTP clients and each TCP site are listened for; no two may be the same.
void check_listeners(const Settings& settings, Checker& checker) {
  std::map<SocketAddress, std::string> taken;
  for (std::size_t i = 0; i < settings.listeners.size(); ++i) {
    const SocketAddress& address = settings.listeners[i].address;
    if (taken.emplace(address, "listen").second) continue;
    checker.error({"listen", std::to_string(i), "address"}, "this address is listened on already");
  }
  for (std::size_t i = 0; i < settings.sites.size(); ++i) {
    const Site& site = settings.sites[i];
    if (!site.listen || taken.emplace(*site.listen, site.name).second) continue;
    checker.error({"sites", std::to_string(i), "listen"},
                  fmt::format("this address is listened on already, for {}", taken[*site.listen]));
  }
}

void check_hosts(const Settings& settings, Checker& checker) {
  std::map<std::string, std::string> owners;
  for (std::size_t i = 0; i < settings.sites.size(); ++i) {
    const Site& site = settings.sites[i];
    for (std::size_t k = 0; k < site.hosts.size(); ++k) {
      const auto [owner, fresh] = owners.emplace(site.hosts[k], site.name);
      if (fresh) continue;
      checker.error({"sites", std::to_string(i), "hosts", std::to_string(k)},
                    fmt::format("the host \"{}\" is the site {}'s already", site.hosts[k], owner->second));
    }
  }
}

/// One back-end has one address, whichever site names it.
void check_backends(const Settings& settings, Checker& checker) {
  std::map<std::string, SocketAddress> addresses;
  for (std::size_t i = 0; i < settings.sites.size(); ++i) {
    const std::vector<tmp::PeerTarget>& backends = settings.sites[i].backends;
    for (std::size_t k = 0; k < backends.size(); ++k) {
      const auto [known, fresh] = addresses.emplace(backends[k].name, backends[k].address);
      if (fresh || known->second == backends[k].address) continue;
      checker.error(
          {"sites", std::to_string(i), "backends", std::to_string(k), "address"},
          fmt::format("the back-end {} has the address {} in another place", backends[k].name, known->second.text()));
    }
  }
}

void check_settings(const Settings& settings, Checker& checker) {
  std::vector<std::string> names;
  bool serves_http = false;
  for (const Site& site : settings.sites) {
    names.push_back(site.name);
    serves_http |= site.protocol == SiteProtocol::http;
  }
  check_sites(settings.gateway, names, checker);
  check_listeners(settings, checker);
  check_hosts(settings, checker);
  check_backends(settings, checker);
  if (serves_http && settings.listeners.empty()) {
    checker.error({"sites"}, "there are http sites, but nothing to reach them by: `listen` is missing");
  }
}

}  // namespace

Object<Site> owned_site_object() {
  return Object<Site>("site")
      .required("name", &Site::name, identifier(), "What back-ends know it by.")
      .optional("protocol", &Site::protocol,
                choice<SiteProtocol>({{"http", SiteProtocol::http}, {"tcp", SiteProtocol::tcp}}),
                "`tcp`: each connection of `listen` is carried as it is.")
      .optional("hosts", &Site::hosts, list(host_pattern(), 1, 1000),
                "http: the hosts it answers for; `*.shop.test` is any name below shop.test.")
      .optional("listen", &Site::listen, maybe(socket_address()), "tcp: where its clients connect.")
      .optional("priorities", &Site::priorities, list(rule_type(), 0, 1000),
                "The first rule that matches gives the ring.")
      .optional("ring", &Site::ring, ring_type(), "The ring of what no rule matches.")
      .optional("weight", &Site::weight, whole_number<std::uint32_t>(1, 1000),
                "Its share of a ring beside other sites.")
      .optional("max_content", &Site::max_content_octets, octets<std::uint64_t>(0), "Of one request; 413 above.")
      .optional("answer_timeout", &Site::answer_timeout, duration(kLeastWait, kMostWait),
                "From the end of a request to the head of its answer; 504 after it.")
      .optional("idle_timeout", &Site::idle_timeout, duration(kLeastWait, 30 * kMostWait),
                "tcp: a connection silent for so long is closed.")
      .check(check_site);
}

bool is_empty(const Condition& when) {
  return when.path.empty() && when.methods.empty() && when.headers.empty() && when.queries.empty() &&
         when.cookies.empty() && when.clients.empty() && when.content_types.empty();
}

Type<Site> site_type() {
  Object<Site> site = owned_site_object();
  return site
      .required("backends", &Site::backends, list(backend_type(), 1, 64), "Where its exchanges may go, in any order.")
      .check(check_site_backends);
}

Type<Settings> settings_type() {
  Object<tmp::LinkSettings> link = tmp::link_settings_object();
  link.optional("address", &tmp::LinkSettings::address, maybe(socket_address()),
                "The UDP address to send from; none: any.");
  return Object<Settings>("front-end")
      .merged(&Settings::gateway, gateway_settings_object())
      .optional("listen", &Settings::listeners, list(listener_type(), 0, 1000), "Where HTTP clients connect.")
      .required("link", &Settings::link, Type<tmp::LinkSettings>(link), "The links to back-ends.")
      .optional("sites", &Settings::sites, list(site_type(), 0, kMaxSites),
                "What is served; may be left out where a `manager` tells it.")
      .optional("requests", &Settings::requests, Type<http::ParserLimits>(request_limits_object()),
                "What the head of a request may be.")
      .optional("clients", &Settings::clients, client_limits_type(), "What one client may cost.")
      .check(check_settings);
}

Result<std::shared_ptr<const Settings>> load_settings(const std::string& path) {
  return read_settings(settings_type(), path);
}

Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file) {
  return read_text(settings_type(), text, file, Files::not_looked_at);
}

tmp::EndpointSettings endpoint_settings(const Settings& settings) {
  tmp::EndpointSettings endpoint = tmp::endpoint_settings(settings.link);
  endpoint.role = tmp::Role::frontend;
  for (const Site& site : settings.sites) endpoint.site_weights.push_back({site.name, site.weight});
  return endpoint;
}

}  // namespace ringway::frontend
