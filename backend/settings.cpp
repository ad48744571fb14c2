#include "backend/settings.h"

#include <fmt/format.h>

#include <map>

#include "backend/settings_schema.h"
#include "base/config_reader.h"
#include "base/gateway_schema.h"
#include "base/limits.h"
#include "base/text.h"
#include "tmp_protocol/link_schema.h"

namespace ringway::backend {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

constexpr std::size_t kMaxSites = 10000;
constexpr Duration kMostWait = std::chrono::hours(24);
constexpr Duration kLeastWait = std::chrono::milliseconds(1);

enum class Scheme : std::uint8_t { none, http, https };

/// What stands in `address:` of an origin.
struct OriginAddress {
  Scheme scheme = Scheme::none;
  SocketAddress address;
};

/// An origin as the file has it.
struct OriginEntry {
  OriginAddress address;
  std::optional<TlsClientSettings> tls;
  std::uint32_t max_pending = Origin{}.max_pending;
};

std::string_view scheme_prefix(Scheme scheme) {
  return scheme == Scheme::none ? "" : scheme == Scheme::http ? "http://" : "https://";
}

Result<OriginAddress> parse_origin_address(const std::string& text) {
  for (const Scheme scheme : {Scheme::https, Scheme::http, Scheme::none}) {
    const std::string_view prefix = scheme_prefix(scheme);
    if (!text.starts_with(prefix)) continue;
    const Result<SocketAddress> address = SocketAddress::parse(std::string_view(text).substr(prefix.size()));
    if (!address) return internal_error("");
    return OriginAddress{scheme, *address};
  }
  return internal_error("");
}

Type<OriginAddress> origin_address() {
  Description description;
  description.name = "origin's address";
  description.range = "like 127.0.0.1:8000, http://[2001:db8::1]:8000 or https://192.0.2.1:443";
  return std::make_shared<Scalar<OriginAddress>>(
      description, Form::text, parse_origin_address, [](const OriginAddress& origin) {
        return fmt::format("{}{}", scheme_prefix(origin.scheme), origin.address.text());
      });
}

Type<TlsClientSettings> client_tls_type() {
  return Object<TlsClientSettings>("tls")
      .required("server_name", &TlsClientSettings::server_name, host_pattern(),
                "The name sent to the origin, which its certificate must have.")
      .optional("authority", &TlsClientSettings::authority_file, readable_file(),
                "Authorities that may have signed it, PEM; none: the system's.")
      .optional("certificate", &TlsClientSettings::certificate_file, readable_file(),
                "What this back-end shows when asked, PEM.")
      .optional("key", &TlsClientSettings::key_file, readable_file(), "Its private key, PEM.")
      .check([](const TlsClientSettings& tls, Checker& checker) {
        if (tls.certificate_file.empty() == tls.key_file.empty()) return;
        checker.error({tls.key_file.empty() ? "certificate" : "key"}, "`certificate` and `key` go together");
      });
}

void check_origin(const OriginEntry& origin, Checker& checker) {
  const Scheme scheme = origin.address.scheme;
  if (scheme == Scheme::https && !origin.tls) {
    checker.error({"address"}, "https needs `tls` with the `server_name` that the certificate has",
                  "tls: { server_name: shop.test }, for instance");
  }
  if (scheme == Scheme::http && origin.tls) checker.error({"tls"}, "http:// goes without `tls`");
}

Origin origin_of(const OriginEntry& entry) {
  Origin origin;
  const bool https = entry.address.scheme == Scheme::https;
  origin.name = fmt::format("{}{}", https ? "https://" : "", entry.address.address.text());
  origin.address = entry.address.address;
  origin.tls = entry.tls;
  origin.max_pending = entry.max_pending;
  return origin;
}

OriginEntry entry_of(const Origin& origin) {
  OriginEntry entry;
  entry.address = {origin.tls ? Scheme::https : Scheme::http, origin.address};
  entry.tls = origin.tls;
  entry.max_pending = origin.max_pending;
  return entry;
}

Type<Origin> origin_type() {
  const Type<OriginEntry> written =
      Object<OriginEntry>("origin")
          .required("address", &OriginEntry::address, origin_address(),
                    "Where it listens; http unless `https://` or `tls`.")
          .optional("tls", &OriginEntry::tls, maybe(client_tls_type()), "How TLS is spoken to it.")
          .optional("max_pending", &OriginEntry::max_pending, whole_number<std::uint32_t>(1, 1000000),
                    "Exchanges (tcp: connections) that it is given at a time.")
          .check(check_origin);
  return std::make_shared<Converted<Origin, OriginEntry>>(written, origin_of, entry_of);
}

Type<SiteTimeouts> timeouts_type() {
  const Type<Duration> wait = duration(kLeastWait, kMostWait);
  return Object<SiteTimeouts>("timeouts")
      .optional("queue", &SiteTimeouts::queue, wait, "Waiting for an origin that is free; 503 after it.")
      .optional("connect", &SiteTimeouts::connect, wait, "TCP and TLS to an origin; then the next one, or 504.")
      .optional("response", &SiteTimeouts::response, wait,
                "From the end of the request to the answer's head; 504 after it.")
      .optional("stall", &SiteTimeouts::stall, wait, "Without an octet of content sent or taken; ended after it.")
      .optional("keep_alive", &SiteTimeouts::keep_alive, wait, "An unused connection to an origin is kept so long.")
      .optional("leave_alone", &SiteTimeouts::leave_alone, wait,
                "An origin that refused or was silent gets nothing so long.")
      .optional("idle", &SiteTimeouts::idle, duration(kLeastWait, 30 * kMostWait),
                "tcp: a connection silent for so long is closed.");
}

void check_origins(const Site& site, Checker& checker) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < site.origins.size(); ++i) {
    if (seen.emplace(site.origins[i].name, i).second) continue;
    checker.error({"origins", std::to_string(i), "address"}, "this origin stands in the list already");
  }
}

/// How its origins are used.
void add_origin_keys(Object<Site>& site) {
  site.required("origins", &Site::origins, list(origin_type(), 1, 1000), "Its servers.")
      .optional("max_queued", &Site::max_queued, whole_number<std::uint32_t>(0, 1000000),
                "Exchanges that wait for an origin; 503 above.")
      .optional("max_idle_connections", &Site::max_idle_connections, whole_number<std::uint32_t>(0, 10000),
                "Unused connections kept to one origin.")
      .optional("timeouts", &Site::timeouts, timeouts_type(), "How long each step may take.")
      .check(check_origins);
}

Type<http::ParserLimits> response_limits_type() {
  return Object<http::ParserLimits>("responses")
      .optional("max_head", &http::ParserLimits::head_octets, octets<std::size_t>(1024, 1 << 20), "502 above.")
      .optional("max_fields", &http::ParserLimits::fields, whole_number<std::size_t>(8, 10000), "502 above.");
}

void check_settings(const Settings& settings, Checker& checker) {
  std::vector<std::string> names;
  for (const Site& site : settings.sites) names.push_back(site.name);
  check_sites(settings.gateway, names, checker);
}

Type<std::optional<SocketAddress>> always_set() {
  using Optional = std::optional<SocketAddress>;
  return std::make_shared<Converted<Optional, SocketAddress>>(
      socket_address(), [](SocketAddress address) { return Optional(address); },
      [](const Optional& address) { return address.value_or(SocketAddress{}); });
}

}  // namespace

Object<Site> owned_site_object() {
  Object<Site> site("site");
  add_origin_keys(site);
  return site;
}

Type<Site> site_type() {
  Object<Site> site("site");
  site.required("name", &Site::name, identifier(), "The name front-ends ask for it by.")
      .optional("protocol", &Site::protocol,
                choice<SiteProtocol>({{"http", SiteProtocol::http}, {"tcp", SiteProtocol::tcp}}),
                "`tcp`: connections are carried as they are.")
      .optional("hosts", &Site::hosts, list(host_pattern(), 0, 1000),
                "http: the only hosts passed on to origins, 421 for others; none: any.");
  add_origin_keys(site);
  return site.required("frontends", &Site::frontends, list(identifier(), 1, 1000), "The front-ends that may reach it.")
      .optional("weight", &Site::weight, whole_number<std::uint32_t>(1, 1000),
                "Its share of a ring beside other sites, in answers.")
      .check([](const Site& whole, Checker& checker) {
        if (whole.protocol == SiteProtocol::tcp && !whole.hosts.empty())
          checker.error({"hosts"}, "a tcp site has no hosts");
      });
}

Type<Settings> settings_type() {
  Object<tmp::LinkSettings> link = tmp::link_settings_object();
  link.required("address", &tmp::LinkSettings::address, always_set(), "The UDP address that front-ends make links to.");
  return Object<Settings>("back-end")
      .merged(&Settings::gateway, gateway_settings_object())
      .required("link", &Settings::link, Type<tmp::LinkSettings>(link), "The links from front-ends.")
      .optional("sites", &Settings::sites, list(site_type(), 0, kMaxSites),
                "What is served; may be left out where a `manager` tells it.")
      .optional("responses", &Settings::responses, response_limits_type(), "What the head of an answer may be.")
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
  endpoint.role = tmp::Role::backend;
  for (const Site& site : settings.sites) {
    endpoint.site_weights.push_back({site.name, site.weight});
    endpoint.accepted_peers.insert(site.frontends.begin(), site.frontends.end());
  }
  return endpoint;
}

}  // namespace ringway::backend
