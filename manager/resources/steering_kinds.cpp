#include "manager/resources/steering_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/config_list.h"
#include "base/config_reader.h"
#include "base/text.h"
#include "manager/resources/kinds.h"
#include "net/tls_context.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/network.h"
#include "redirector_dns/zone/master_file.h"

namespace ringway::manager {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

/// Quoted twice on its way to a redirector, a text is at most four times as long: it must fit into one message.
constexpr std::size_t kMaxRecordsOctets = limits::kMaxAgentMessageOctets / 4 - 8 * 1024;
constexpr std::size_t kMaxDocOctets = 1000;
constexpr std::size_t kMaxAreaOctets = 63;
constexpr std::size_t kMaxNetworkOctets = 64;
constexpr std::size_t kMaxNetworks = 20'000;
constexpr std::size_t kMaxAddresses = 16;

// --- Zones

bool is_text_of_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t octets = utf8_octets(text);
    const char c = text[0];
    if (octets == 0 || (octets == 1 && c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) return false;
    text.remove_prefix(octets);
  }
  return true;
}

Type<std::string> records_type() {
  Description described;
  described.name = "text";
  described.range = fmt::format("lines, together at most {} octets", kMaxRecordsOctets);
  return std::make_shared<Scalar<std::string>>(
      std::move(described), Form::text,
      [](const std::string& text) -> Result<std::string> {
        if (text.size() > kMaxRecordsOctets || !is_text_of_lines(text)) return internal_error("");
        return text;
      },
      [](const std::string& text) { return text; });
}

/// A zone whose records are right, and known.
class ZoneType final : public TypeBase<DnsZone> {
 public:
  explicit ZoneType(Type<DnsZone> keys) : keys_(std::move(keys)) { description = keys_->description; }

  bool read(Context& context, const TreeNode& node, DnsZone& out) const override {
    return keys_->read(context, node, out) && judge(Checker(context, node), out);
  }
  [[nodiscard]] std::string json(const DnsZone& zone) const override { return keys_->json(zone); }

 private:
  static bool judge(Checker checker, DnsZone& zone) {
    const auto apex = dns::Name::parse(zone.name);
    if (!apex || to_lower(zone.name) != zone.name || zone.name.ends_with('.')) {
      checker.error({"name"}, "a zone's name is in lower case, without a dot at its end");
      return false;
    }
    Report faults("records", zone.records);
    const auto read = dns::read_master_file(zone.records, *apex, dns::kToldZoneBounds, faults);
    for (const Finding& fault : faults.findings()) {
      checker.error({"records"}, fmt::format("line {}: {}", fault.place.line + 1, fault.message), fault.hint);
    }
    if (read == nullptr) return false;
    for (const dns::SiteRecord& record : read->sites()) zone.sites.push_back({record.site, record.line});
    std::stable_sort(zone.sites.begin(), zone.sites.end(),
                     [](const SiteReference& a, const SiteReference& b) { return a.line < b.line; });
    return true;
  }

  Type<DnsZone> keys_;
};

std::string records_doc() {
  return fmt::format(
      "A master file (RFC 1035 §5). `www IN SITE shop` has a name steered as that site, "
      "`db IN SITE shop/backends` leads to the site's back-ends. With what $GENERATE makes at most {} MiB and {} "
      "names.",
      limits::kMaxToldZoneOctets >> 20, limits::kMaxToldZoneNames);
}

Type<DnsZone> zone_type() {
  return std::make_shared<ZoneType>(
      Object<DnsZone>("zone")
          .required("name", &DnsZone::name, identifier(), "In lower case, without a dot at its end: \"shop.test\".")
          .optional("doc", &DnsZone::doc, text(kMaxDocOctets), "For people.")
          .required("records", &DnsZone::records, records_type(), records_doc()));
}

TypedKind<DnsZone>::Check zone_check() {
  return [](const DnsZone& zone, const Snapshot& snapshot, const SayFault& say) {
    std::set<std::string> known;  // $GENERATE may say it for many names
    for (const SiteReference& reference : zone.sites) {
      const std::string site = parse_steered_name(reference.name).site;
      if (!known.insert(site).second) continue;
      check_reference(site, "/records", kSites, snapshot, [&](FieldFault fault) {
        fault.message = fmt::format("line {}: {}", reference.line, fault.message);
        say(std::move(fault));
      });
    }
  };
}

// --- Redirectors and networks

Type<RedirectorServer> redirector_type() {
  return Object<RedirectorServer>("redirector")
      .required("name", &RedirectorServer::name, identifier(), "As its certificate says.")
      .optional("doc", &RedirectorServer::doc, text(kMaxDocOctets), "For people.")
      .optional("addresses", &RedirectorServer::addresses, list(ip_address(), 0, kMaxAddresses),
                "Where it answers, for people and for what checks it.");
}

void check_networks(const ClientNetworks& networks, Checker& checker) {
  for (std::size_t i = 0; i < networks.networks.size(); ++i) {
    const auto network = dns::steering::Network::parse(networks.networks[i]);
    if (!network) checker.error({"networks", std::to_string(i)}, network.error().message);
  }
  if (networks.latitude.has_value() != networks.longitude.has_value()) {
    checker.error({networks.latitude ? "latitude" : "longitude"}, "a place has a latitude and a longitude");
  }
}

Type<ClientNetworks> networks_type() {
  return Object<ClientNetworks>("networks")
      .required("name", &ClientNetworks::name, identifier(), "What they are called.")
      .optional("doc", &ClientNetworks::doc, text(kMaxDocOctets), "For people.")
      .required("networks", &ClientNetworks::networks, list(text(kMaxNetworkOctets), 1, kMaxNetworks),
                "Such as \"192.0.2.0/24\". The smallest around a client counts.")
      .optional("latitude", &ClientNetworks::latitude, maybe(fraction(-90, 90)), "Degrees, north above 0.")
      .optional("longitude", &ClientNetworks::longitude, maybe(fraction(-180, 180)), "Degrees, east above 0.")
      .optional("area", &ClientNetworks::area, text(kMaxAreaOctets), "What fences name, such as a country.")
      .check(check_networks);
}

/// A network that two resources have is the first one's, in order of names.
TypedKind<ClientNetworks>::Check networks_check() {
  return [owners = std::map<std::string, std::string>()](const ClientNetworks& networks, const Snapshot&,
                                                         const SayFault& say) mutable {
    for (std::size_t i = 0; i < networks.networks.size(); ++i) {
      const auto [owner, fresh] = owners.emplace(networks.networks[i], networks.name);
      if (fresh) continue;
      say({fmt::format("/networks/{}", i),
           fmt::format("the network {} stands in {} as well", networks.networks[i], owner->second), ""});
    }
  };
}

}  // namespace

SteeredName parse_steered_name(std::string_view text) {
  const bool backends = text.ends_with(kBackendsSuffix);
  if (backends) text.remove_suffix(kBackendsSuffix.size());
  return {std::string(text), backends};
}

std::vector<std::string> sites_found_by_name(const Snapshot& snapshot) {
  std::set<std::string> sites;
  snapshot.each<DnsZone>(kZones, [&](const DnsZone& zone) {
    for (const SiteReference& reference : zone.sites) {
      SteeredName name = parse_steered_name(reference.name);
      if (name.backends) sites.insert(std::move(name.site));
    }
  });
  return {sites.begin(), sites.end()};
}

std::string zone_section(const DnsZone& zone) {
  return fmt::format(R"({{"name": {}, "records": {}}})", json_quote(zone.name), json_quote(zone.records));
}

void check_site_steering(const dns::SiteSteering& steering, const Snapshot& snapshot, const SayFault& say) {
  dns::each_pop(steering, [&](const std::vector<std::string>& path, const std::string& pop) {
    std::string pointer = "/steering";
    for (const std::string& step : path) pointer.append("/").append(step);
    check_reference(pop, pointer, kPops, snapshot, say);
  });
  if (!steering.alpn.empty() && steering.alpn != net::kServerAlpn) {
    say({"/steering/alpn", fmt::format("no front-end speaks \"{}\"", steering.alpn),
         fmt::format("allowed: {}", net::kServerAlpn)});
  }
}

void add_steering_kinds(ResourceKinds& kinds) {
  kinds.add(std::make_unique<TypedKind<DnsZone>>(
      ResourceKind::Words{kZones, "zone", "What redirectors are the name servers of.", Domain::overlay}, zone_type(),
      zone_check));
  kinds.add(std::make_unique<TypedKind<RedirectorServer>>(
      ResourceKind::Words{kRedirectors, "redirector", "Name servers that steer clients.", Domain::overlay},
      redirector_type(), nullptr));
  kinds.add(std::make_unique<TypedKind<ClientNetworks>>(
      ResourceKind::Words{kNetworks, "network", "Where clients are, as far as an operator knows.", Domain::overlay},
      networks_type(), networks_check));
}

}  // namespace ringway::manager
