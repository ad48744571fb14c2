#pragma once
// Clients on virtual time that follow what a redirector was told, and a manager that steers them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "manager/resources/kinds.h"
#include "manager/steering/publisher.h"
#include "redirector_dns/steering/choice.h"
#include "redirector_dns/steering/table_text.h"
#include "tests/manager/fleet_model.h"

namespace ringway::manager::testing {

namespace steering = dns::steering;

inline constexpr std::size_t kPopCount = 3;
inline constexpr std::size_t kFrontendsPerPop = 2;
inline constexpr std::size_t kNetworkCount = 300;
inline constexpr double kFrontendExchanges = 200;
inline constexpr const char* kDrained = R"({"since": "2026-11-21T12:00:01Z", "by": "user:ada"})";

inline std::string pop_name(std::size_t pop) { return fmt::format("pop-{}", pop); }
inline std::string frontend_name(std::size_t pop, std::size_t i) { return fmt::format("fe-{}-{}", pop, i); }

/// POPs, front-ends with 200 exchanges/s each, two back-ends, the sites "shop" and "blog", and one redirector.
inline std::vector<Change> overlay() {
  std::vector<Change> changes;
  for (std::size_t pop = 0; pop < kPopCount; ++pop) {
    changes.push_back(
        {kPops, pop_name(pop),
         fmt::format(R"({{"name": "{}", "latitude": {}, "longitude": 8}})", pop_name(pop), 40 + 8 * pop)});
    for (std::size_t i = 0; i < kFrontendsPerPop; ++i) {
      const std::string name = frontend_name(pop, i);
      changes.push_back({kFrontends, name,
                         fmt::format(R"({{"name": "{}", "pop": "{}", "addresses": ["192.0.2.{}", "2001:db8::{}"],
                                          "exchanges_per_s": {}}})",
                                     name, pop_name(pop), 10 * pop + i + 1, 10 * pop + i + 1, kFrontendExchanges)});
    }
  }
  for (const char* host : {"host-a", "host-b"}) {
    changes.push_back({kBackends, host,
                       fmt::format(R"({{"name": "{}", "centre": "ams", "address": "198.51.100.{}:7400"}})", host,
                                   host[5] - 'a' + 1)});
  }
  for (const char* site : {"shop", "blog"}) {
    changes.push_back({kSites, site,
                       fmt::format(R"({{"name": "{0}", "hosts": ["{0}.test"], "frontends": {{"min": 6}},
                                        "backends": {{"min": 2}}, "origins": [{{"address": "127.0.0.1:8000"}}],
                                        "steering": {{"alpn": "http/1.1", "answers": 1}}}})",
                                   site)});
  }
  const std::string records =
      "$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 30\n@ IN NS ns1\nns1 IN A 192.0.2.53\n"
      "www IN SITE shop\ndb IN SITE shop/backends\n";
  changes.push_back(
      {kZones, "shop.test", fmt::format(R"({{"name": "shop.test", "records": {}}})", json_quote(records))});
  changes.push_back({kRedirectors, "ns-1", R"({"name": "ns-1"})"});
  return changes;
}

struct Network {
  std::size_t home = 0;
  double demand = 0;  // exchanges/s of the site "shop"
  IpAddress address;
  std::size_t frontend = SIZE_MAX;  // whom it was told, by number
  [[nodiscard]] std::size_t pop() const { return frontend / kFrontendsPerPop; }
};

/// Clients that follow what the redirector's table says, 20 s late.
class SteeredWorld {
 public:
  SteeredWorld() {
    for (std::size_t i = 0; i < kNetworkCount; ++i) {
      const auto octet = static_cast<std::uint8_t>(i % 250);
      const auto first = static_cast<std::uint8_t>(10 + i / 250);
      networks.push_back({i % kPopCount, 2, IpAddress::v4({first, octet, 7, 0})});
    }
    std::vector<Change> changes = overlay();
    for (std::size_t pop = 0; pop < kPopCount; ++pop) changes.push_back(near(pop));
    world.commit(changes);
    lead();
    world.connect_all();
    world.connect(world.add(tmp::Role::redirector, "ns-1"));
    for (auto& [name, agent] : world.agents) add_links(*agent);
  }

  void lead() {
    publisher = std::make_unique<Publisher>(
        PublisherParts{world.loop.loop(), world.log, *world.fleet, world.writer,
                       [this](SteeringFacts facts, WallTime wall, const std::function<void(const Drawn&)>& then) {
                         auto drawn = std::make_shared<Drawn>(drawer.draw(facts, wall));
                         if (drawn->text != nullptr) drawn->text = as_large(*drawn->text);
                         world.loop.loop().deferred.post([drawn, then] { then(*drawn); });
                       }});
  }

  /// Everything that the manager knows but what is written is gone.
  void change_leader() {
    world.loop.settle();
    publisher.reset();
    world.change_leader();
    drawer = AtlasDrawer();
    lead();
  }

  /// One second: who asks is told, who was told asks there, and front-ends report it.
  void step() {
    std::map<std::string, double> load;
    const auto table = redirectors_table();
    for (std::size_t i = 0; i < networks.size(); ++i) {
      Network& network = networks[i];
      if (table && (network.frontend == SIZE_MAX || i % 20 == second % 20)) follow(*table, network);
      if (network.frontend == SIZE_MAX) continue;
      load[frontend_name(network.pop(), network.frontend % kFrontendsPerPop)] +=
          network.demand * (network.home == crowd_home ? crowd : 1);
    }
    for (std::size_t pop = 0; pop < kPopCount; ++pop) report(pop, load);
    ++second;
    world.run(1s);
  }
  void run(unsigned seconds) {
    for (unsigned i = 0; i < seconds; ++i) step();
  }

  [[nodiscard]] std::optional<steering::SteeringTable> redirectors_table() {
    const FakeAgent& agent = world.agent("redirector:ns-1");
    auto atlas = steering::parse_atlas(agent.atlas);
    if (!atlas) return std::nullopt;
    auto table = steering::parse_levels(agent.levels, *atlas, steering::sum_of(agent.atlas));
    return table ? std::optional(*table) : std::nullopt;
  }
  /// What the site's HTTPS record says; the site is steered.
  [[nodiscard]] std::string alpn(const std::string& site) { return redirectors_table()->atlas().find(site)->alpn; }
  /// Of each network, the front-end that it would be told now.
  [[nodiscard]] std::vector<std::string> answers(const std::string& site = "shop") {
    const auto table = redirectors_table();
    std::vector<std::string> all;
    if (!table || table->atlas().find(site) == nullptr) return all;
    for (const Network& network : networks) {
      const steering::Choice choice = choose_for(*table, network, site);
      all.push_back(table->atlas().frontends[choice.frontends[0]].name);
    }
    return all;
  }
  [[nodiscard]] double use(std::size_t pop) const { return use_[pop]; }
  [[nodiscard]] std::size_t networks_at(std::size_t pop) const {
    return static_cast<std::size_t>(std::count_if(networks.begin(), networks.end(), [&](const Network& each) {
      return each.frontend != SIZE_MAX && each.pop() == pop;
    }));
  }

  FleetWorld world;
  AtlasDrawer drawer;
  std::unique_ptr<Publisher> publisher;
  std::vector<Network> networks;
  std::size_t crowd_home = 0;
  double crowd = 1;
  unsigned second = 0;
  std::set<std::string> unseen;  // front-ends to which back-ends have no links
  std::set<std::string> silent;  // and those whose links are idle
  std::set<std::string> plain;   // without TLS
  std::size_t atlas_octets = 0;  // what an atlas is taken to have at least
  std::size_t told_octets = 0;   // it is told again and again until so much is told

 private:
  static steering::Choice choose_for(const steering::SteeringTable& table, const Network& network,
                                     const std::string& site) {
    return steering::choose(table, *table.atlas().find(site), {network.address, 24, true}, 0);
  }

  /// The same to whoever is told, and longer to who tells.
  [[nodiscard]] std::shared_ptr<const AtlasText> as_large(const AtlasText& text) const {
    auto large = std::make_shared<AtlasText>();
    large->text = text.text;
    large->text.resize(std::max(text.text.size(), atlas_octets));
    large->sum = text.sum;
    do {
      for (const agent::Message& message : agent::table_messages(agent::TableText::atlas, text.text)) {
        agent::write_message(large->messages, message);
      }
    } while (large->messages.size() < told_octets);
    return large;
  }

  void follow(const steering::SteeringTable& table, Network& network) {
    if (table.atlas().find("shop") == nullptr) return;
    const steering::Choice choice = choose_for(table, network, "shop");
    const std::string& name = table.atlas().frontends[choice.frontends[0]].name;  // fe-POP-I
    network.frontend =
        static_cast<std::size_t>(name[3] - '0') * kFrontendsPerPop + static_cast<std::size_t>(name[5] - '0');
  }

  /// Clients at home near a POP.
  [[nodiscard]] Change near(std::size_t pop) const {
    std::string list;
    for (const Network& network : networks) {
      if (network.home == pop) list += (list.empty() ? "" : ", ") + json_quote(client_network(network.address));
    }
    const std::string name = fmt::format("near-{}", pop);
    return {
        kNetworks, name,
        fmt::format(R"({{"name": "{}", "networks": [{}], "latitude": {}, "longitude": 8}})", name, list, 40 + 8 * pop)};
  }

  void add_links(FakeAgent& agent) {
    if (agent.identity().role == tmp::Role::frontend) {
      const double ms = 10.0 + static_cast<double>(agent.identity().name[3] - '0');
      for (const char* host : {"host-a", "host-b"}) {
        agent.figures.links.push_back({host, static_cast<std::uint32_t>(1000 * ms), 0, 0, 0.1});
      }
    }
  }

  void report(std::size_t pop, const std::map<std::string, double>& load) {
    use_[pop] = 0;
    for (std::size_t i = 0; i < kFrontendsPerPop; ++i) {
      const std::string name = frontend_name(pop, i);
      FakeAgent& agent = world.agent("frontend:" + name);
      const auto found = load.find(name);
      const double asked = found == load.end() ? 0 : found->second;
      use_[pop] += asked / (kFrontendExchanges * kFrontendsPerPop);
      agent.figures.exchanges += static_cast<std::uint64_t>(asked);
      agent.figures.secure_entrances.clear();
      if (!plain.contains(name)) agent.figures.secure_entrances.push_back({443, {"http/1.1"}, {"blog", "shop"}});
      agent.figures.clients.clear();
      for (const Network& network : networks) {
        if (network.frontend != pop * kFrontendsPerPop + i) continue;
        const std::uint32_t rtt_us = network.home == pop ? 8'000 : 45'000;
        agent.figures.clients.push_back({client_network(network.address), 1, rtt_us});
      }
    }
    for (const char* host : {"host-a", "host-b"}) {
      std::vector<agent::LinkReport>& links = world.agent(std::string("backend:") + host).figures.links;
      links.clear();
      for (std::size_t each = 0; each < kPopCount * kFrontendsPerPop; ++each) {
        const std::string peer = frontend_name(each / kFrontendsPerPop, each % kFrontendsPerPop);
        const std::uint32_t silent_ms = silent.contains(peer) ? 9'000 : 100;
        if (!unseen.contains(peer)) links.push_back({peer, 10'000, 0, 0, 0.1, silent_ms});
      }
    }
  }

  std::array<double, kPopCount> use_{};
};

}  // namespace ringway::manager::testing
