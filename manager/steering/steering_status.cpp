#include "manager/steering/steering_status.h"

#include <algorithm>
#include <set>
#include <utility>

#include "manager/fleet/json_text.h"
#include "manager/resources/steering_kinds.h"
#include "redirector_dns/steering/choice.h"

namespace ringway::manager {

namespace {

namespace steering = dns::steering;

/// A redirector that answers by levels that are so many numbers older than the last ones is behind.
constexpr std::uint64_t kNumbersBehind = 5;

/// A site of the class with the most sites, names of back-ends aside; null where there is none.
const steering::Site* usual_site(const steering::Atlas& atlas) {
  std::vector<std::size_t> counts(atlas.classes.size());
  for (const steering::Site& site : atlas.sites)
    counts[site.site_class] += parse_steered_name(site.name).backends ? 0 : 1;
  const auto most = std::max_element(counts.begin(), counts.end());
  for (const steering::Site& site : atlas.sites) {
    if (*most > 0 && counts[site.site_class] == *most) return &site;
  }
  return nullptr;
}

bool is_place_of_frontends(const std::string& pop) { return pop.find('/') == std::string::npos; }

struct Redirector {
  std::string name;
  bool connected = false;
  std::uint64_t table = 0;  // 0: none of a manager's
  bool behind = false;
};

std::vector<Redirector> redirectors_of(const Publisher& publisher) {
  const std::uint64_t number = publisher.table() == nullptr ? 0 : publisher.table()->number();
  std::vector<Redirector> all;
  for (const auto& [identity, node] : publisher.fleet().nodes()) {
    if (identity.role != tmp::Role::redirector) continue;
    Redirector redirector{identity.name, node.session != nullptr, 0, false};
    if (node.report.steering) redirector.table = node.report.steering->table;
    redirector.behind = redirector.connected && redirector.table + kNumbersBehind < number;
    all.push_back(std::move(redirector));
  }
  return all;
}

std::string redirectors_json(const Publisher& publisher) {
  JsonList list;
  for (const Redirector& each : redirectors_of(publisher)) {
    list.add(JsonObject()
                 .text("name", each.name)
                 .truth("connected", each.connected)
                 .count("table", each.table)
                 .truth("behind", each.behind)
                 .json());
  }
  return list.json();
}

std::string pops_json(const Publisher& publisher) {
  JsonList list;
  if (publisher.table() == nullptr) return list.json();
  const steering::SteeringTable& table = *publisher.table();
  const bool known = publisher.plan() != nullptr;
  const std::vector<PopClients> clients =
      known ? where_clients_go(table, publisher.plan()->plan) : std::vector<PopClients>(table.atlas().pops.size());
  const auto& readings = publisher.readings().pops;
  for (std::size_t i = 0; i < table.atlas().pops.size(); ++i) {
    const std::string& name = table.atlas().pops[i].name;
    const steering::PopLevel& level = table.levels().pops[i];
    list.add(JsonObject()
                 .text("name", name)
                 .text("serves", is_place_of_frontends(name) ? "front-ends" : "back-ends")
                 .real("capacity", table.atlas().pops[i].capacity)
                 .value("use", i < readings.size() ? json_real(readings[i].use) : "null")
                 .real("shed", level.shed)
                 .truth("draining", level.draining)
                 .count("networks", clients[i].networks)
                 .count("cells", clients[i].cells)
                 .real("demand", clients[i].demand)
                 .real("passed_on", clients[i].passed_on)
                 .real("answers_per_s", publisher.answers().of(name, publisher.fleet().loop().now()))
                 .json());
  }
  return list.json();
}

std::string resolvers_json(const Publisher& publisher) {
  std::vector<std::string> texts;
  if (publisher.table() == nullptr) return json_texts(texts);
  for (const IpAddress& each : publisher.table()->atlas().resolvers) texts.push_back(each.text());
  return json_texts(texts);
}

}  // namespace

std::vector<PopClients> where_clients_go(const steering::SteeringTable& table, const steering::Plan& plan) {
  const steering::Atlas& atlas = table.atlas();
  std::vector<PopClients> pops(atlas.pops.size());
  const steering::Site* site = usual_site(atlas);
  if (site == nullptr) return pops;
  std::set<std::pair<steering::Family, std::uint64_t>> cells;
  for (const steering::ClientPlan& client : plan.clients) {
    const IpAddress address = client.network.address();
    const steering::Choice choice = steering::choose(table, *site, {address, client.network.bits, true}, 0);
    PopClients& pop = pops[choice.pop];
    ++pop.networks;
    pop.demand += client.demand;
    if (choice.reason != steering::Reason::first) pop.passed_on += client.demand;
    const steering::Located located = atlas.cells.find(client.network.family, client.network.first);
    if (cells.insert({client.network.family, located.cell}).second) ++pop.cells;
  }
  return pops;
}

std::string steering_json(const Publisher& publisher) {
  const steering::SharedTable& table = publisher.table();
  return JsonObject()
      .count("table", table == nullptr ? 0 : table->number())
      .count("atlas", table == nullptr ? 0 : table->atlas().number)
      .truth("settling", publisher.settling())
      .text("fault", publisher.fault())
      .count("sites", table == nullptr ? 0 : table->atlas().sites.size())
      .count("classes", table == nullptr ? 0 : table->atlas().classes.size())
      .count("networks", publisher.plan() == nullptr ? 0 : publisher.plan()->plan.clients.size())
      .count("networks_left_out", publisher.plan() == nullptr ? 0 : publisher.plan()->left_out)
      .real("queries_per_s", publisher.resolvers().queries_per_s(publisher.fleet().loop().now()))
      .value("slotted_resolvers", resolvers_json(publisher))
      .value("pops", pops_json(publisher))
      .value("redirectors", redirectors_json(publisher))
      .json();
}

void collect_steering_metrics(Metrics& metrics, const Publisher& publisher) {
  std::size_t behind = 0;
  for (const Redirector& each : redirectors_of(publisher)) behind += each.behind ? 1 : 0;
  metrics.gauge("ringway_steering_redirectors_behind", "Redirectors that answer by an old table.")
      .set(static_cast<double>(behind));
  metrics.gauge("ringway_steering_turn_seconds", "CPU time of the manager's loop that the last table took.")
      .set(to_seconds(publisher.last_turn()));
  metrics.gauge("ringway_steering_fault", "1 where no new atlas can be drawn, or one is held back.")
      .set(publisher.fault().empty() ? 0 : 1);
  if (publisher.plan() != nullptr) {
    const char* const kLeftOut = "ringway_steering_networks_left_out";
    const char* const kHelp = "Networks of clients that are not drawn, for there are too many.";
    const SteeringPlan& plan = *publisher.plan();
    metrics.gauge(kLeftOut, kHelp, {{"fenced", "no"}}).set(static_cast<double>(plan.left_out - plan.left_out_of_areas));
    metrics.gauge(kLeftOut, kHelp, {{"fenced", "yes"}}).set(static_cast<double>(plan.left_out_of_areas));
  }
  if (publisher.table() == nullptr) return;
  const steering::SteeringTable& table = *publisher.table();
  metrics.gauge("ringway_steering_table", "The number of the steering table.").set(static_cast<double>(table.number()));
  const Time now = publisher.fleet().loop().now();
  const auto& readings = publisher.readings().pops;
  for (std::size_t i = 0; i < table.atlas().pops.size(); ++i) {
    const std::string& name = table.atlas().pops[i].name;
    const Labels labels = {{"pop", name}};
    metrics.gauge("ringway_steering_shed", "The share of its clients that a POP passes on.", labels)
        .set(table.levels().pops[i].shed);
    metrics.gauge("ringway_steering_answers_per_second", "Answers of redirectors that name a POP.", labels)
        .set(publisher.answers().of(name, now));
    if (i >= readings.size()) continue;
    metrics.gauge("ringway_steering_use", "How full a POP is; 1: full.", labels).set(readings[i].use);
  }
}

}  // namespace ringway::manager
