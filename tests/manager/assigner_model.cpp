#include "tests/manager/assigner_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace ringway::manager::assigner {

using std::chrono::seconds;

namespace {

constexpr seconds kAnswerLasts(20);
constexpr seconds kStubbornKeep(120);
constexpr seconds kInUseAfter(2);

const Seating& of(const SiteAssignment& site, Role role) {
  return role == Role::frontend ? site.frontends : site.backends;
}

}  // namespace

void Model::add_place(const std::string& name, PlacePlan place, Role role, unsigned gateways, double exchanges_per_s) {
  plan.places[name] = place;
  auto& plans = role == Role::frontend ? plan.frontends : plan.backends;
  for (unsigned i = 1; i <= gateways; ++i) {
    GatewayPlan& gateway = plans[fmt::format("{}-{}", name, i)];
    gateway.place = name;
    gateway.exchanges_per_s = exchanges_per_s;
  }
}

void Model::add_site(const std::string& name, unsigned min_frontends, unsigned max_frontends, unsigned backends) {
  SitePlan& site = plan.sites[name];
  site.frontends.min = min_frontends;
  site.frontends.max = max_frontends;
  site.backends.min = backends;
}

void Model::set_clients(const std::string& site, std::size_t count) {
  std::vector<Client>& clients = clients_[site];
  while (clients.size() > count) {  // some of all, not those who came last
    std::swap(clients[random_.below(clients.size())], clients.back());
    clients.pop_back();
  }
  while (clients.size() < count) {
    const Duration keeps = random_.below(10) == 0 ? kStubbornKeep : kAnswerLasts;
    clients.push_back({pick_frontend(site), now + from_seconds(random_.unit() * to_seconds(keeps)), keeps});
  }
}

bool Model::alive(const std::string& gateway) const {
  return std::none_of(dead_.begin(), dead_.end(),
                      [&](const std::string& prefix) { return gateway.starts_with(prefix); });
}

const std::string* Model::pick_frontend(const std::string& site) {
  const auto& seats = assignment.sites[site].frontends.seats;
  const auto add = [](std::uint64_t sum, const auto& seat) { return sum + seat.second.weight; };
  std::uint64_t left = random_.below(std::accumulate(seats.begin(), seats.end(), std::uint64_t{0}, add));
  for (const auto& [name, seat] : seats) {
    if (left < seat.weight) return &*frontends_.insert(name).first;
    left -= seat.weight;
  }
  return nullptr;
}

void Model::renew_clients() {
  for (auto& [site, clients] : clients_) {
    for (Client& client : clients) {
      if (client.renews > now && client.frontend != nullptr) continue;
      client.frontend = pick_frontend(site);
      client.renews = now + client.keeps;
    }
  }
}

void Model::serve() {
  frontend_work_.clear();
  backend_work_.clear();
  served.clear();
  load.clear();
  for (const auto& [site, clients] : clients_) {
    std::map<const std::string*, double> asking;  // of each front-end
    for (const Client& client : clients) ++asking[client.frontend];
    for (const auto& [frontend, count] : asking) {
      served[site].asked += count;
      if (frontend == nullptr || !alive(*frontend)) {
        served[site].refused += count;
      } else {
        frontend_work_[*frontend].asked[site] += count;
      }
    }
  }
  limit(frontend_work_, plan.frontends);
  for (const auto& [frontend, work] : frontend_work_) {
    for (const auto& [site, asked] : work.asked) {
      const auto refused = work.refused.find(site);
      forward(site, frontend, asked - (refused == work.refused.end() ? 0 : refused->second));
    }
  }
  limit(backend_work_, plan.backends);
}

void Model::forward(const std::string& site, const std::string& frontend, double exchanges) {
  const SiteAssignment& assigned = assignment.sites[site];
  const auto seat = assigned.frontends.seats.find(frontend);
  double weights = 0;
  std::vector<std::pair<std::string, double>> to;
  if (seat != assigned.frontends.seats.end()) {
    for (const std::string& backend : seat->second.backends) {
      if (!alive(backend)) continue;
      to.emplace_back(backend, assigned.backends.seats.at(backend).weight);
      weights += to.back().second;
    }
  }
  if (weights == 0) served[site].refused += exchanges;
  for (const auto& [backend, weight] : to) backend_work_[backend].asked[site] += exchanges * weight / weights;
}

void Model::limit(std::map<std::string, Work>& work, const std::map<std::string, GatewayPlan>& gateways) {
  for (auto& [name, at] : work) {
    double asked = 0;
    for (const auto& [site, count] : at.asked) asked += count;
    const double capacity = gateways.at(name).exchanges_per_s;
    load[name] = asked / capacity;
    if (asked <= capacity) continue;
    for (const auto& [site, count] : at.asked) {
      at.refused[site] = count * (1 - capacity / asked);
      served[site].refused += at.refused[site];
    }
  }
}

void Model::report(Role role) {
  const bool front = role == Role::frontend;
  for (const auto& [name, gateway] : front ? plan.frontends : plan.backends) {
    if (!alive(name)) continue;
    const Work& work = (front ? frontend_work_ : backend_work_)[name];
    GatewayFigures figures;
    for (const auto& [site, assigned] : assignment.sites) {
      const auto seat = of(assigned, role).seats.find(name);
      if (seat == of(assigned, role).seats.end() || now - seat->second.since < kInUseAfter) continue;
      SiteFigures& at_site = figures.sites[site];
      const auto asked = work.asked.find(site);
      if (asked == work.asked.end()) continue;
      const auto refused = work.refused.find(site);
      at_site.refused_per_s = refused == work.refused.end() ? 0 : refused->second;
      at_site.requests_per_s = asked->second - at_site.refused_per_s;
      figures.exchanges_per_s += at_site.requests_per_s;
    }
    figures.cpu = figures.exchanges_per_s / gateway.exchanges_per_s * (0.85 + 0.1 * random_.unit());
    hear(front ? measurements.frontends : measurements.backends, name, figures, now);
  }
}

void Model::assign_once() {
  round = assign(plan, measurements, assignment, now);
  const Round again = assign(plan, measurements, assignment, now);
  if (round.next.sites != again.next.sites) faults.push_back("two rounds of the same differ");
  assignment = round.next;
  for (const Move& move : round.moves) {
    log.push_back(fmt::format("{:5} {} {} {} {} ({}): {}", second(), move.site, role_name(move.role), move.gateway,
                              move_kind_name(move.kind), cause_name(move.cause), move.why));
  }
}

void Model::check_round() {
  for (const Move& move : round.moves) {
    if (move.why.empty()) faults.push_back("a move without a reason");
    if (move.cause == Cause::plan || (move.kind != MoveKind::added && move.kind != MoveKind::released)) continue;
    ++moves_;
    const auto [last, first] = reassigned_[static_cast<int>(move.role)].try_emplace(move.gateway, now);
    if (!first && last->second != now && now - last->second < limits::kReassignPause && move.cause != Cause::failure) {
      faults.push_back(
          fmt::format("{}: {} was reassigned {} s ago", second(), move.gateway, to_seconds(now - last->second)));
    }
    last->second = now;
  }
  for (const auto& [name, site] : plan.sites) {
    check_site(name, Role::frontend, site.frontends, assignment.sites.at(name).frontends);
    check_site(name, Role::backend, site.backends, assignment.sites.at(name).backends);
  }
}

void Model::check_site(const std::string& site, Role role, const Wanted& wanted, const Seating& seating) {
  const auto& plans = role == Role::frontend ? plan.frontends : plan.backends;
  const auto& measured = role == Role::frontend ? measurements.frontends : measurements.backends;
  unsigned weights = 0;
  for (const auto& [name, seat] : seating.seats) {
    weights += seat.weight;
    if (seat.state != SeatState::serving) continue;
    const GatewayPlan& gateway = plans.at(name);
    const bool drains = gateway.admin == Admin::draining || plan.places.at(gateway.place).admin == Admin::draining;
    const auto heard = measured.find(name);
    const bool silent = heard != measured.end() && now - heard->second.heard > limits::kGatewaySilence;
    if (drains || silent || wanted.excluded.contains(name)) {
      faults.push_back(fmt::format("{}: {} serves {} and should not", second(), name, site));
    }
  }
  const std::size_t count = serving(site, role).size();
  if (count < wanted.min && round.shortages.empty()) {
    faults.push_back(fmt::format("{}: {} is served by {}", second(), site, count));
  }
  if (!seating.seats.empty() && (weights < 980 || weights > 1020)) {
    faults.push_back(fmt::format("{}: the weights of {} make {}", second(), site, weights));
  }
}

std::set<std::string> Model::serving(const std::string& site, Role role) const {
  std::set<std::string> names;
  const auto found = assignment.sites.find(site);
  if (found == assignment.sites.end()) return names;
  for (const auto& [name, seat] : of(found->second, role).seats) {
    if (seat.state == SeatState::serving) names.insert(name);
  }
  return names;
}

std::size_t Model::clients_at(const std::string& frontend) const {
  const auto known = frontends_.find(frontend);
  if (known == frontends_.end()) return 0;
  const auto there = [at = &*known](const Client& client) { return client.frontend == at; };
  std::size_t count = 0;
  for (const auto& [site, clients] : clients_) {
    count += static_cast<std::size_t>(std::count_if(clients.begin(), clients.end(), there));
  }
  return count;
}

void Model::step() {
  now += seconds(1);
  renew_clients();
  serve();
  report(Role::frontend);
  report(Role::backend);
  assign_once();
  check_round();
}

void Model::run(unsigned count) {
  for (unsigned i = 0; i < count; ++i) step();
}

}  // namespace ringway::manager::assigner
