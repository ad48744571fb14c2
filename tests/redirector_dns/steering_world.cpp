#include "tests/redirector_dns/steering_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ringway::dns::steering {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLagSeconds = 2;
constexpr double kNoise = 0.03;
constexpr double kRttNoise = 0.20;

double wavering(SeededRandom& random, double value, double by) { return value * (1 + by * (2 * random.unit() - 1)); }

std::size_t drawn_home(SeededRandom& random) {
  const double at = random.unit();
  return at < 0.4 ? 0 : at < 0.65 ? 1 : at < 0.85 ? 2 : 3;
}

}  // namespace

World::World(std::uint64_t seed, unsigned ttl_s, Faith faith) : World(seed, ttl_s, faith, {0, ttl_s, ttl_s}) {}

World::World(std::uint64_t seed, unsigned ttl_s, Faith faith, SlowSite slow, std::uint32_t answers)
    : random_(seed), ttl_s_(ttl_s), slow_(slow), table_maker_(std::chrono::seconds(slow.reckoned_ttl_s)) {
  make_clients();
  if (faith == Faith::most) make_unfaithful();
  make_gateways(answers);
  redraw();
  publish();
  for (Client& client : clients_) {
    ask(client);
    client.rushed = client.frontends.front() == kRushed;
    client.asks_at = random_.unit() * (client.slow ? slow_.ttl_s : ttl_s_);
  }
  moves_ = 0;
  load();
}

void World::make_clients() {
  clients_.resize(kNetworks);
  for (std::size_t i = 0; i < kNetworks; ++i) {
    Client& client = clients_[i];
    client.home = drawn_home(random_);
    client.demand = std::min(std::pow(1 - random_.unit(), -1 / 1.3) - 0.95, 12.0);
    for (std::size_t pop = 0; pop < kPops; ++pop) {
      const double steps = std::abs(static_cast<double>(client.home) - static_cast<double>(pop));
      client.rtt_ms[pop] = 15 + 60 * steps - 8 * std::log(1 - random_.unit());
    }
    client.by_subnet = i % 2 == 0;
    client.slow = i / 2 % 10 < slow_.tenths;
    client.address = IpAddress::v4({10, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 53});
  }
}

/// A tenth of each POP's demand.
void World::make_unfaithful() {
  std::array<double, kPops> total{};
  std::array<double, kPops> unfaithful{};
  for (const Client& client : clients_) total[nearest(client)] += client.demand;
  for (Client& client : clients_) {
    const std::size_t pop = nearest(client);
    if (random_.below(5) != 0 || unfaithful[pop] + client.demand > 0.1 * total[pop]) continue;
    unfaithful[pop] += client.demand;
    client.faithful = false;
  }
}

std::size_t World::nearest(const Client& client) {
  const auto* least = std::min_element(client.rtt_ms.begin(), client.rtt_ms.end());
  return static_cast<std::size_t>(least - client.rtt_ms.begin());
}

void World::make_gateways(std::uint32_t answers) {
  std::array<double, kPops> usual{};
  double total = 0;
  for (const Client& client : clients_) {
    usual[nearest(client)] += client.demand;
    total += client.demand;
  }
  plan_.backends.push_back({"centre", std::nullopt});
  SitePlan site;
  site.name = "shop.test";
  site.backends = {0};
  site.answers = answers;
  site.ttl = std::chrono::seconds(ttl_s_);
  for (std::size_t pop = 0; pop < kPops; ++pop) {
    capacity_[pop] = std::max(usual[pop] / (pop == 0 ? 0.7 : 0.6), 0.22 * total);
    plan_.pops.push_back({fmt::format("pop{}", pop), std::nullopt, capacity_[pop]});
    for (std::size_t i = 0; i < kFrontendsPerPop; ++i) {
      const auto octet = static_cast<std::uint8_t>(pop * kFrontendsPerPop + i);
      site.frontends.push_back(octet);
      plan_.frontends.push_back({fmt::format("pop{}-{}", pop, i),
                                 static_cast<PopIndex>(pop),
                                 1,
                                 {IpAddress::v4({192, 0, 2, octet})},
                                 {},
                                 {{0, 20, 0}}});
    }
  }
  plan_.sites.push_back(site);
  if (slow_.tenths == 0) return;
  site.name = "slow.test";
  site.ttl = std::chrono::seconds(slow_.ttl_s);
  plan_.sites.push_back(site);
}

void World::redraw() {
  for (FrontendPlan& frontend : plan_.frontends) frontend.links[0].rtt_ms = 20 + link_ms[frontend.pop];
  plan_.clients.clear();
  for (const Client& client : clients_) {
    ClientPlan network;
    network.network = Network::around(Family::v4, number_of(client.address), 24);
    network.demand = wavering(random_, demand(client), kRttNoise);
    for (PopIndex pop = 0; pop < kPops; ++pop) {
      network.round_trips.push_back(
          {pop, wavering(random_, client.rtt_ms[pop], atlas_ == nullptr ? 0 : kRttNoise), {}});
    }
    plan_.clients.push_back(network);
  }
  const Result<SharedAtlas> atlas = atlas_maker_.draw(plan_, now);
  assert(atlas.ok());
  atlas_ = *atlas;
}

void World::publish() {
  if (manager_away) {
    const auto faded = aged(last_published_->levels(), now - published_);
    steering_.use(std::make_shared<SteeringTable>(last_published_->number(), atlas_, faded));
    return;
  }
  Readings readings;
  readings.pops.resize(kPops);
  readings.frontends.resize(plan_.frontends.size());
  for (std::size_t pop = 0; pop < kPops; ++pop) {
    const double use = pop_readings_.empty() ? 0.6 : pop_readings_.front()[pop];
    readings.pops[pop] = {wavering(random_, use, kNoise), admin[pop]};
  }
  for (std::size_t i = 0; i < plan_.frontends.size(); ++i) {
    const double use = frontend_readings_.empty() ? 0.6 : frontend_readings_.front()[i];
    const bool ill = dead[plan_.frontends[i].pop];
    readings.frontends[i] = {use, Admin::serving, ill ? Votes{0, 3} : Votes{3, 0}};
  }
  last_published_ = std::make_shared<SteeringTable>(table_maker_.make(atlas_, std::move(readings), now));
  published_ = now;
  steering_.use(last_published_);
}

void World::change_leader() {
  table_maker_ = TableMaker(std::chrono::seconds(slow_.reckoned_ttl_s), *last_published_);
  atlas_maker_ = AtlasMaker(atlas_);
}

void World::ask(Client& client) {
  const Asker asker{client.address, client.by_subnet ? 24U : 32U, client.by_subnet};
  steering_.set_now(static_cast<WallSeconds>(seconds()));
  const Steered* steered = steering_.steer(client.slow ? "slow.test" : "shop.test", asker);
  assert(steered != nullptr && !steered->v4.empty());
  const double keeps = client.faithful ? steered->ttl_s : 60 + 240 * random_.unit();
  client.asks_at += std::max(1.0, keeps);
  const Choice& choice = steering_.last().choice;
  moves_ += client.pop == choice.pop ? 0 : 1;
  client.pop = choice.pop;
  client.frontends.assign(choice.frontends.begin(),
                          choice.frontends.begin() + static_cast<std::ptrdiff_t>(choice.count));
}

double World::demand(const Client& client) const {
  const bool crowded = crowd_home == kPops || client.home == crowd_home;
  return client.demand * (crowded ? crowd : 1) * (client.rushed ? rush : 1);
}

void World::load() {
  use_.fill(0);
  frontend_use_.fill(0);
  for (const Client& client : clients_) {
    use_[client.pop] += demand(client) / capacity_[client.pop];
    for (const FrontendIndex frontend : client.frontends) {
      const double share = demand(client) / static_cast<double>(client.frontends.size());
      frontend_use_[frontend] += share / (capacity_[client.pop] / kFrontendsPerPop);
    }
  }
  pop_readings_.push_back(use_);
  frontend_readings_.push_back(frontend_use_);
  if (pop_readings_.size() > kLagSeconds) {
    pop_readings_.pop_front();
    frontend_readings_.pop_front();
  }
}

void World::step() {
  now += 1s;
  if (!manager_away && static_cast<std::int64_t>(seconds()) % 10 == 0) redraw();
  publish();
  for (Client& client : clients_) {
    if (client.asks_at <= seconds()) ask(client);
  }
  load();
}

void World::run(unsigned count) {
  for (unsigned i = 0; i < count; ++i) step();
}

double World::fullest() const { return *std::max_element(use_.begin(), use_.end()); }

double World::imbalance(std::size_t pop) const {
  const auto* const first = frontend_use_.begin() + pop * kFrontendsPerPop;
  return *std::max_element(first, first + kFrontendsPerPop) / use_[pop];
}

std::size_t World::faithful_at(std::size_t pop) const {
  return static_cast<std::size_t>(std::count_if(
      clients_.begin(), clients_.end(), [&](const Client& client) { return client.faithful && client.pop == pop; }));
}

double World::mean_rtt_ms() const {
  double weighted = 0;
  double total = 0;
  for (const Client& client : clients_) {
    weighted += demand(client) * client.rtt_ms[client.pop];
    total += demand(client);
  }
  return weighted / total;
}

}  // namespace ringway::dns::steering
