#include "manager/steering/steering_explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "redirector_dns/steering/choice.h"
#include "redirector_dns/steering/costs.h"

namespace ringway::manager {

namespace {

namespace steering = dns::steering;

/// What the plan knows of one client and one site, by POP.
struct Costs {
  std::vector<double> rtt_ms;
  std::vector<double> link_ms;                   // infinity where the site is not there
  const steering::ClientPlan* client = nullptr;  // the smallest network around it; null: none is known
  std::vector<double> to_site_ms;                // the link's round trip alone; infinity as before
};

/// By POP: the round trip to the nearest of the site's back-ends by a link that is up; infinity: there is none.
std::vector<double> round_trips_to(const steering::Plan& plan, const steering::SitePlan& site) {
  std::vector<double> least(plan.pops.size(), std::numeric_limits<double>::infinity());
  for (const steering::FrontendIndex index : site.frontends) {
    const steering::FrontendPlan& frontend = plan.frontends[index];
    for (const steering::LinkPlan& link : frontend.links) {
      if (!std::binary_search(site.backends.begin(), site.backends.end(), link.backend)) continue;
      least[frontend.pop] = std::min(least[frontend.pop], link.rtt_ms);
    }
  }
  return least;
}

std::optional<Costs> costs_of(const steering::Plan& plan, const std::string& name, const IpAddress& address) {
  const auto site =
      std::find_if(plan.sites.begin(), plan.sites.end(), [&](const auto& each) { return each.name == name; });
  if (site == plan.sites.end()) return std::nullopt;
  Costs costs;
  const steering::Surroundings known = steering::surroundings_of(plan, address);
  costs.client = known.client;
  static const std::string kNoArea;  // distances do not ask for it
  const steering::Whereabouts whereabouts{known.place(), &kNoArea};
  steering::ClientDistance(plan).measure(costs.client, whereabouts, costs.rtt_ms);
  costs.link_ms = steering::class_costs(
      plan, {site->frontends, site->backends, site->policy, {static_cast<std::uint32_t>(site - plan.sites.begin())}});
  costs.to_site_ms = round_trips_to(plan, *site);
  return costs;
}

void price(LiveCandidate& candidate, steering::PopIndex pop, const Costs& costs) {
  candidate.rtt_ms = costs.rtt_ms[pop];
  if (std::isfinite(costs.link_ms[pop])) candidate.link_ms = costs.link_ms[pop];
  if (costs.client == nullptr) return;
  for (const steering::RoundTrip& trip : costs.client->round_trips) {
    if (trip.pop == pop) candidate.measured_s_ago = to_seconds(trip.age);
  }
}

std::vector<std::string> texts_of(const steering::Frontend& frontend) {
  std::vector<std::string> texts;
  texts.reserve(frontend.v4.size() + frontend.v6.size());
  for (const IpAddress& address : frontend.v4) texts.push_back(address.text());
  for (const IpAddress& address : frontend.v6) texts.push_back(address.text());
  return texts;
}

/// Nobody measures the client's own way to the site. It is at most the way by some POP, and at least what one part of
/// the way by the chosen one is longer than the other.
std::optional<LiveRange> site_rtt(const Costs& costs, steering::PopIndex chosen) {
  if (!std::isfinite(costs.to_site_ms[chosen])) return std::nullopt;
  double most = std::numeric_limits<double>::infinity();
  for (std::size_t pop = 0; pop < costs.rtt_ms.size(); ++pop) {
    most = std::min(most, costs.rtt_ms[pop] + costs.to_site_ms[pop]);
  }
  return LiveRange{std::min(most, std::abs(costs.rtt_ms[chosen] - costs.to_site_ms[chosen])), most};
}

void compare(LiveSteering& told, const Costs& costs, steering::PopIndex chosen) {
  told.rtt_ms = costs.rtt_ms[chosen];
  told.site_rtt = site_rtt(costs, chosen);
  if (!told.site_rtt) return;
  const auto [least, most] = *told.site_rtt;
  if (*told.rtt_ms < (least + most) / 2) return;
  told.warnings.push_back(fmt::format(
      "the front-end {} no closer to this client than the site: {:.0f} ms to {}, between {:.0f} and {:.0f} ms to the "
      "site",
      *told.rtt_ms < most ? "may be" : "is", *told.rtt_ms, told.pop, least, most));
}

std::string insecure_text(const std::vector<std::string>& frontends, const Site& site) {
  constexpr std::size_t kMostNamed = 5;
  const std::size_t named = std::min(frontends.size(), kMostNamed);
  const std::string more = frontends.size() > named ? fmt::format(" and {} more", frontends.size() - named) : "";
  return fmt::format(
      "no HTTPS record says {}: not offered at port {} with a certificate for all of the site's hosts by {}{}",
      site.steering.alpn, https_port(site),
      fmt::join(frontends.begin(), frontends.begin() + static_cast<std::ptrdiff_t>(named), ", "), more);
}

void warn_of_insecure(LiveSteering& told, const Publisher& publisher, const std::string& name) {
  if (publisher.plan() == nullptr) return;
  const auto insecure = publisher.plan()->insecure.find(name);
  const ResourcePtr site = publisher.fleet().ledger().registry().head().find(kSites, name);
  if (insecure == publisher.plan()->insecure.end() || site == nullptr) return;
  if (site->as<Site>().steering.alpn.empty()) return;  // since the plan was made
  told.warnings.push_back(insecure_text(insecure->second, site->as<Site>()));
}

}  // namespace

std::optional<LiveSteering> explain_steering(const Publisher& publisher, const std::string& site,
                                             const IpAddress& client) {
  const steering::SharedTable& table = publisher.table();
  const steering::Site* steered = table == nullptr ? nullptr : table->atlas().find(site);
  if (steered == nullptr) return std::nullopt;
  const steering::Atlas& atlas = table->atlas();
  const unsigned bits = client.is_v4() ? 32 : 128;
  const auto wall = std::chrono::floor<std::chrono::seconds>(publisher.fleet().loop().clock.wall());
  const auto now = static_cast<steering::WallSeconds>(std::max<std::int64_t>(0, wall.time_since_epoch().count()));
  const steering::Explanation why = steering::explain(*table, *steered, {client, bits, true}, now);
  const std::optional<Costs> costs =
      publisher.plan() == nullptr || publisher.plan()->plan.pops.size() != atlas.pops.size()
          ? std::nullopt
          : costs_of(publisher.plan()->plan, site, client);
  LiveSteering told;
  told.table = table->number();
  told.cell = why.cell.text();
  told.scope_bits = why.choice.scope_bits;
  told.ttl_s = why.choice.ttl_s;
  told.reason = steering::reason_name(why.choice.reason);
  told.pop = atlas.pops[why.choice.pop].name;
  for (std::size_t i = 0; i < why.choice.count; ++i) {
    const steering::Frontend& frontend = atlas.frontends[why.choice.frontends[i]];
    told.frontends.push_back({frontend.name, texts_of(frontend)});
  }
  for (const steering::Candidate& each : why.candidates) {
    LiveCandidate candidate;
    candidate.pop = atlas.pops[each.pop].name;
    const auto& readings = publisher.readings().pops;
    if (each.pop < readings.size()) candidate.use = readings[each.pop].use;
    candidate.shed = each.shed;
    candidate.hash = each.hash;
    candidate.answering = each.answering;
    candidate.verdict = steering::verdict_name(each.verdict);
    if (costs) price(candidate, each.pop, *costs);
    told.candidates.push_back(std::move(candidate));
  }
  told.alpn = steered->alpn;
  if (costs) compare(told, *costs, why.choice.pop);
  warn_of_insecure(told, publisher, site);
  return told;
}

}  // namespace ringway::manager
