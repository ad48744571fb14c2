#include "redirector_dns/steering_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/config_reader.h"
#include "base/text.h"
#include "redirector_dns/limits.h"

namespace ringway::dns {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

using steering::FrontendIndex;
using steering::PopIndex;

constexpr double kMaxCapacity = 1e15;
constexpr double kMaxWeight = 1000;
constexpr double kMaxRoundTripMs = 10'000;
constexpr std::size_t kMaxAreaOctets = 63;
constexpr std::size_t kMaxAreas = 1000;
constexpr std::size_t kMaxFences = 100;
constexpr std::size_t kMaxNetworkOctets = 64;
constexpr std::size_t kMaxClients = 1'000'000;

Type<PopEntry> pop_type() {
  return Object<PopEntry>("pop")
      .required("name", &PopEntry::name, identifier(), "What front-ends and sites name it by.")
      .required("latitude", &PopEntry::latitude, fraction(-90, 90), "Degrees north.")
      .required("longitude", &PopEntry::longitude, fraction(-180, 180), "Degrees east.")
      .optional("capacity", &PopEntry::capacity, fraction(1e-9, kMaxCapacity),
                "How much it can take beside the others.")
      .optional("draining", &PopEntry::draining, boolean(), "Its clients are given to others, 5 % of them a second.");
}

Type<FrontendEntry> frontend_type() {
  return Object<FrontendEntry>("front-end")
      .required("name", &FrontendEntry::name, identifier(), "What sites name it by.")
      .required("pop", &FrontendEntry::pop, identifier(), "Where it is.")
      .required("addresses", &FrontendEntry::addresses, list(ip_address(), 1, 2 * limits::kMaxFrontendAddresses),
                "What clients are answered.")
      .optional("weight", &FrontendEntry::weight, fraction(0, kMaxWeight), "Among those of its POP.")
      .optional("draining", &FrontendEntry::draining, boolean(),
                "Its clients are given to the others of its POP, 5 % of them a second; where it is alone, to other "
                "POPs.");
}

Type<steering::Policy> policy_type() {
  return choice<steering::Policy>({{"nearest", steering::Policy::nearest},
                                   {"weighted", steering::Policy::weighted},
                                   {"failover", steering::Policy::failover}});
}

Type<PopShare> share_type() {
  return Object<PopShare>("share")
      .required("pop", &PopShare::pop, identifier(), "Which POP.")
      .required("share", &PopShare::share, fraction(0, kMaxWeight), "Of the clients, beside the others' shares.");
}

Type<FenceEntry> fence_type() {
  return Object<FenceEntry>("fence")
      .required("areas", &FenceEntry::areas, list(text(kMaxAreaOctets), 1, kMaxAreas), "Clients of these areas…")
      .required("pops", &FenceEntry::pops, list(identifier(), 1, limits::kMaxPops), "…are served by these POPs alone.");
}

/// What policies need, and what cannot be meant.
void check_steering(const SiteSteering& steering, Checker& checker) {
  const bool weighted = steering.policy == steering::Policy::weighted;
  if (weighted && steering.shares.empty()) checker.error({"policy"}, "`weighted` needs `shares`");
  if (!weighted && !steering.shares.empty()) checker.error({"shares"}, "only the policy `weighted` has them");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < steering.failover.size(); ++i) {
    if (seen.insert(steering.failover[i]).second) continue;
    checker.error({"failover", std::to_string(i)}, "it stands there twice");
  }
}

Type<SteeredSite> site_type() {
  return Object<SteeredSite>("steered site")
      .required("name", &SteeredSite::name, identifier(), "What SITE records of zones name it by.")
      .required("frontends", &SteeredSite::frontends, list(identifier(), 1, limits::kMaxSteeredFrontends),
                "Who may serve it.")
      .merged(&SteeredSite::steering, site_steering_object());
}

Type<PopRoundTrip> round_trip_type() {
  return Object<PopRoundTrip>("round trip")
      .required("pop", &PopRoundTrip::pop, identifier(), "To which POP.")
      .required("ms", &PopRoundTrip::ms, fraction(0, kMaxRoundTripMs), "Milliseconds.");
}

Type<ClientEntry> client_type() {
  return Object<ClientEntry>("clients")
      .required("network", &ClientEntry::network, text(kMaxNetworkOctets), "Such as \"192.0.2.0/24\".")
      .optional("latitude", &ClientEntry::latitude, maybe(fraction(-90, 90)), "Where they are.")
      .optional("longitude", &ClientEntry::longitude, maybe(fraction(-180, 180)), "Where they are.")
      .optional("area", &ClientEntry::area, text(kMaxAreaOctets), "What fences name, such as a country.")
      .optional("round_trips", &ClientEntry::round_trips, list(round_trip_type(), 0, limits::kMaxPops),
                "As they were measured; the place is believed for the others.");
}

/// Names as the places of what they name.
template <class Entry>
std::map<std::string, std::size_t> places_of(const std::vector<Entry>& entries) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < entries.size(); ++i) places.emplace(entries[i].name, i);
  return places;
}

/// Says of every name in the file whether there is such a thing.
class NameCheck {
 public:
  NameCheck(const SteeringFile& file, Checker& checker)
      : file_(file), checker_(checker), pops_(places_of(file.pops)), frontends_(places_of(file.frontends)) {}

  void run() {
    once(file_.pops, "pops");
    once(file_.frontends, "frontends");
    once(file_.sites, "sites");
    for (std::size_t i = 0; i < file_.frontends.size(); ++i) {
      need_pop({"frontends", std::to_string(i), "pop"}, file_.frontends[i].pop);
    }
    for (std::size_t i = 0; i < file_.sites.size(); ++i) check_site(std::to_string(i), file_.sites[i]);
    for (std::size_t i = 0; i < file_.clients.size(); ++i) check_client(std::to_string(i), file_.clients[i]);
  }

 private:
  using Path = std::vector<std::string>;

  template <class Entry>
  void once(const std::vector<Entry>& entries, const char* key) {
    const auto places = places_of(entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (places.at(entries[i].name) != i) {
        checker_.error({key, std::to_string(i), "name"}, "there is another one of that name");
      }
    }
  }

  void need(const Path& path, const std::string& name, const std::map<std::string, std::size_t>& known,
            const char* kind) {
    if (known.contains(name)) return;
    std::vector<std::string> names;
    names.reserve(known.size());
    for (const auto& [each, place] : known) names.push_back(each);
    const std::string near = did_you_mean(name, names);
    checker_.error(path, std::string("there is no such ") + kind, near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
  void need_pop(const Path& path, const std::string& name) { need(path, name, pops_, "POP"); }

  void check_site(const std::string& at, const SteeredSite& site) {
    for (std::size_t i = 0; i < site.frontends.size(); ++i) {
      need({"sites", at, "frontends", std::to_string(i)}, site.frontends[i], frontends_, "front-end");
    }
    each_pop(site.steering, [&](Path path, const std::string& pop) {
      path.insert(path.begin(), {"sites", at});
      need_pop(path, pop);
    });
  }

  void check_client(const std::string& at, const ClientEntry& client) {
    const auto network = steering::Network::parse(client.network);
    if (!network) {
      checker_.error({"clients", at, "network"}, network.error().message);
    } else if (!networks_.emplace(*network, true).second) {
      checker_.error({"clients", at, "network"}, "there is another entry of that network");
    }
    if (client.latitude.has_value() != client.longitude.has_value()) {
      checker_.error({"clients", at}, "a place has a latitude and a longitude");
    }
    for (std::size_t i = 0; i < client.round_trips.size(); ++i) {
      need_pop({"clients", at, "round_trips", std::to_string(i), "pop"}, client.round_trips[i].pop);
    }
  }

  const SteeringFile& file_;
  Checker& checker_;
  std::map<std::string, std::size_t> pops_;
  std::map<std::string, std::size_t> frontends_;
  std::map<steering::Network, bool> networks_;
};

steering::PolicyPlan policy_plan(const SiteSteering& steering, const PopPlaces& pops) {
  steering::PolicyPlan plan;
  plan.policy = steering.policy;
  const auto visit = [&](const std::string& name, const auto& use) {
    const auto found = pops.find(name);
    if (found != pops.end()) use(found->second);
  };
  if (plan.policy == steering::Policy::weighted) plan.shares.resize(pops.size());
  for (const PopShare& share : steering.shares) visit(share.pop, [&](PopIndex pop) { plan.shares[pop] = share.share; });
  for (const std::string& name : steering.failover) visit(name, [&](PopIndex pop) { plan.failover.push_back(pop); });
  for (const FenceEntry& entry : steering.fences) {
    steering::Fence fence{entry.areas, {}};
    for (const std::string& name : entry.pops) visit(name, [&](PopIndex pop) { fence.pops.push_back(pop); });
    std::sort(fence.pops.begin(), fence.pops.end());
    fence.pops.erase(std::unique(fence.pops.begin(), fence.pops.end()), fence.pops.end());
    plan.fences.push_back(std::move(fence));
  }
  return plan;
}

/// The file's names resolved.
class Planner {
 public:
  explicit Planner(const SteeringFile& file) : file_(file), frontends_(places_of(file.frontends)) {
    for (std::size_t i = 0; i < file.pops.size(); ++i) pops_.emplace(file.pops[i].name, static_cast<PopIndex>(i));
  }

  [[nodiscard]] steering::Plan plan() const {
    steering::Plan plan;
    for (const PopEntry& pop : file_.pops) {
      plan.pops.push_back({pop.name, steering::Location{pop.latitude, pop.longitude}, pop.capacity});
    }
    for (const FrontendEntry& frontend : file_.frontends) plan.frontends.push_back(frontend_plan(frontend));
    for (const SteeredSite& site : file_.sites) plan.sites.push_back(site_plan(site));
    for (const ClientEntry& client : file_.clients) plan.clients.push_back(client_plan(client));
    std::sort(plan.clients.begin(), plan.clients.end(),
              [](const auto& a, const auto& b) { return a.network < b.network; });
    return plan;
  }

 private:
  [[nodiscard]] PopIndex pop(const std::string& name) const { return pops_.at(name); }

  [[nodiscard]] steering::FrontendPlan frontend_plan(const FrontendEntry& entry) const {
    steering::FrontendPlan plan;
    plan.name = entry.name;
    plan.pop = pop(entry.pop);
    plan.weight = entry.weight;
    for (const IpAddress& address : entry.addresses) (address.is_v4() ? plan.v4 : plan.v6).push_back(address);
    return plan;
  }

  [[nodiscard]] steering::SitePlan site_plan(const SteeredSite& site) const {
    steering::SitePlan plan;
    plan.name = site.name;
    for (const std::string& name : site.frontends) {
      plan.frontends.push_back(static_cast<FrontendIndex>(frontends_.at(name)));
    }
    std::sort(plan.frontends.begin(), plan.frontends.end());
    plan.frontends.erase(std::unique(plan.frontends.begin(), plan.frontends.end()), plan.frontends.end());
    apply_steering(site.steering, pops_, plan);
    return plan;
  }

  [[nodiscard]] steering::ClientPlan client_plan(const ClientEntry& entry) const {
    steering::ClientPlan plan;
    plan.network = steering::Network::parse(entry.network).value();
    if (entry.latitude) plan.place = steering::Location{*entry.latitude, *entry.longitude};
    plan.area = entry.area;
    for (const PopRoundTrip& each : entry.round_trips) plan.round_trips.push_back({pop(each.pop), each.ms, {}});
    return plan;
  }

  const SteeringFile& file_;
  PopPlaces pops_;
  std::map<std::string, std::size_t> frontends_;
};

}  // namespace

Object<SiteSteering> site_steering_object() {
  return Object<SiteSteering>("steering of a site")
      .optional("policy", &SiteSteering::policy, policy_type(), "By which clients are given to POPs.")
      .optional("shares", &SiteSteering::shares, list(share_type(), 0, limits::kMaxPops), "Of `weighted`.")
      .optional("failover", &SiteSteering::failover, list(identifier(), 0, limits::kMaxPops),
                "Of `failover`: POPs in their order.")
      .optional("fences", &SiteSteering::fences, list(fence_type(), 0, kMaxFences), "The first that fits holds.")
      .optional("ttl", &SiteSteering::ttl, duration(limits::kMinSteeredTtl, limits::kMaxSteeredTtl),
                "How long an answer may be kept.")
      .optional("answers", &SiteSteering::answers, whole_number<std::uint32_t>(1, limits::kMaxAnswerFrontends),
                "Front-ends in one answer, where a POP has so many.")
      .optional("spare", &SiteSteering::spare, boolean(), "The last one of an answer is the next POP's.")
      .optional("alpn", &SiteSteering::alpn, text(limits::kMaxSteeredAlpnOctets),
                "Of its HTTPS record, such as \"http/1.1\"; none: it has no such record. "
                "A manager leaves out what not all of the site's front-ends offer.")
      .optional("port", &SiteSteering::port, whole_number<std::uint32_t>(0, 65535),
                "Of its HTTPS record; 0: the scheme's own.")
      .check(check_steering);
}

void each_pop(const SiteSteering& steering, const NeedPop& need) {
  for (std::size_t i = 0; i < steering.shares.size(); ++i) {
    need({"shares", std::to_string(i), "pop"}, steering.shares[i].pop);
  }
  for (std::size_t i = 0; i < steering.failover.size(); ++i) {
    need({"failover", std::to_string(i)}, steering.failover[i]);
  }
  for (std::size_t i = 0; i < steering.fences.size(); ++i) {
    const std::vector<std::string>& pops = steering.fences[i].pops;
    for (std::size_t k = 0; k < pops.size(); ++k)
      need({"fences", std::to_string(i), "pops", std::to_string(k)}, pops[k]);
  }
}

void apply_steering(const SiteSteering& steering, const PopPlaces& pops, steering::SitePlan& site) {
  site.policy = policy_plan(steering, pops);
  site.ttl = std::chrono::duration_cast<std::chrono::seconds>(steering.ttl);
  site.answers = steering.answers;
  site.spare = steering.spare ? steering::Spare::next_pop : steering::Spare::none;
  site.alpn = steering.alpn;
  site.port = static_cast<std::uint16_t>(steering.port);
}

Type<SteeringFile> steering_file_type() {
  return Object<SteeringFile>("steering")
      .required("pops", &SteeringFile::pops, list(pop_type(), 1, limits::kMaxPops), "Where front-ends are.")
      .required("frontends", &SteeringFile::frontends, list(frontend_type(), 1, limits::kMaxSteeredFrontends),
                "Whom clients are sent to.")
      .required("sites", &SteeringFile::sites, list(site_type(), 0, limits::kMaxSteeredSites), "What is steered.")
      .optional("clients", &SteeringFile::clients, list(client_type(), 0, kMaxClients), "What is known of clients.")
      .check([](const SteeringFile& file, Checker& checker) { NameCheck(file, checker).run(); });
}

steering::Plan plan_of(const SteeringFile& file) { return Planner(file).plan(); }

steering::Readings readings_of(const SteeringFile& file) {
  const auto admin = [](bool draining) { return draining ? steering::Admin::draining : steering::Admin::serving; };
  steering::Readings readings;
  for (const PopEntry& pop : file.pops) readings.pops.push_back({0, admin(pop.draining)});
  for (const FrontendEntry& frontend : file.frontends) readings.frontends.push_back({0, admin(frontend.draining), {}});
  return readings;
}

}  // namespace ringway::dns
