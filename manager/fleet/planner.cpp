#include "manager/fleet/planner.h"

#include <algorithm>
#include <utility>

#include "base/config_reader.h"
#include "manager/record_types.h"
#include "manager/resources/kinds.h"

namespace ringway::manager {

namespace {

using assigner::Admin;
using assigner::Seat;
using assigner::Seating;
using assigner::SeatState;

constexpr std::size_t kMaxStored = 100'000;

Admin admin_of(const std::set<std::string>& drained, const std::string& name) {
  return drained.contains(name) ? Admin::draining : Admin::serving;
}

assigner::GatewayPlan gateway_plan(const Gateway& gateway, std::string place, Admin admin) {
  assigner::GatewayPlan plan;
  plan.place = std::move(place);
  if (gateway.capacity_exchanges_per_s != 0) plan.exchanges_per_s = gateway.capacity_exchanges_per_s;
  plan.bits_per_s = static_cast<double>(gateway.capacity_bits_per_s);
  plan.admin = admin;
  return plan;
}

assigner::Wanted wanted_of(const Placement& placement, std::size_t gateways) {
  assigner::Wanted wanted;
  wanted.min = placement.least;
  wanted.max = placement.most != 0 ? placement.most : static_cast<unsigned>(std::max<std::size_t>(1, gateways));
  wanted.pinned.insert(placement.pinned.begin(), placement.pinned.end());
  wanted.excluded.insert(placement.never.begin(), placement.never.end());
  return wanted;
}

void add_gateways(assigner::Plan& plan, const Snapshot& snapshot, const Drains& drains) {
  snapshot.each<Pop>(kPops, [&](const Pop& pop) {
    plan.places[pop.name] = {pop.latitude, pop.longitude, static_cast<double>(pop.capacity_bits_per_s),
                             admin_of(drains.pops, pop.name)};
  });
  snapshot.each<FrontendGateway>(kFrontends, [&](const FrontendGateway& frontend) {
    plan.frontends[frontend.name] =
        gateway_plan(frontend.gateway, frontend.pop, admin_of(drains.frontends, frontend.name));
  });
  // Hosting centres have no place on the map, and so are no places of the plan: nobody would know how far they are.
  snapshot.each<BackendGateway>(kBackends, [&](const BackendGateway& backend) {
    plan.backends[backend.name] = gateway_plan(backend.gateway, "", admin_of(drains.backends, backend.name));
  });
}

// --- The assignment as a record

struct StoredSeat {
  std::string gateway;
  SeatState state = SeatState::serving;
  WallTime since;
  WallTime changed;
  std::uint32_t weight = 0;
  std::vector<std::string> backends;
};

struct StoredSite {
  std::string name;
  std::vector<StoredSeat> frontends;
  std::vector<StoredSeat> backends;
};

struct StoredAssignment {
  std::vector<StoredSite> sites;
};

config::Type<SeatState> seat_state() {
  std::vector<std::pair<std::string, SeatState>> words;
  for (const SeatState state :
       {SeatState::serving, SeatState::draining, SeatState::away, SeatState::cut_off, SeatState::leaving}) {
    words.emplace_back(seat_state_name(state), state);
  }
  return config::choice<SeatState>(std::move(words));
}

const config::Type<StoredAssignment>& stored_type() {
  static const config::Type<StoredAssignment> kType = [] {
    const config::Type<StoredSeat> seat =
        config::Object<StoredSeat>("seat")
            .required("gateway", &StoredSeat::gateway, config::identifier(), "")
            .optional("state", &StoredSeat::state, seat_state(), "")
            .required("since", &StoredSeat::since, wall_time(), "")
            .required("changed", &StoredSeat::changed, wall_time(), "")
            .optional("weight", &StoredSeat::weight, config::whole_number<std::uint32_t>(0), "")
            .optional("backends", &StoredSeat::backends, config::list(config::identifier(), 0, kMaxStored), "");
    const config::Type<StoredSite> site =
        config::Object<StoredSite>("site")
            .required("name", &StoredSite::name, config::identifier(), "")
            .optional("frontends", &StoredSite::frontends, config::list(seat, 0, kMaxStored), "")
            .optional("backends", &StoredSite::backends, config::list(seat, 0, kMaxStored), "");
    return config::Type<StoredAssignment>(
        config::Object<StoredAssignment>("assignment")
            .optional("sites", &StoredAssignment::sites, config::list(site, 0, kMaxStored), ""));
  }();
  return kType;
}

/// From one clock to the other and back; what is of the future there is of now here.
struct Clocks {
  Time now;
  WallTime wall;
  [[nodiscard]] WallTime out(Time time) const {
    return wall - std::chrono::duration_cast<WallTime::duration>(now - time);
  }
  [[nodiscard]] Time in(WallTime time) const {
    return now - std::max(Duration::zero(), std::chrono::duration_cast<Duration>(wall - time));
  }
};

std::vector<StoredSeat> store(const Seating& seating, const Clocks& clocks) {
  std::vector<StoredSeat> seats;
  for (const auto& [name, seat] : seating.seats) {
    seats.push_back({name, seat.state, clocks.out(seat.since), clocks.out(seat.changed), seat.weight, seat.backends});
  }
  return seats;
}

Seating restore(const std::vector<StoredSeat>& seats, const Clocks& clocks) {
  Seating seating;
  for (const StoredSeat& stored : seats) {
    Seat& seat = seating.seats[stored.gateway];
    seat.state = stored.state;
    seat.since = clocks.in(stored.since);
    seat.changed = clocks.in(stored.changed);
    seat.weight = stored.weight;
    seat.backends = stored.backends;
  }
  return seating;
}

bool same_seats(const Seating& a, const Seating& b) {
  return std::equal(a.seats.begin(), a.seats.end(), b.seats.begin(), b.seats.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.state == y.second.state && x.second.since == y.second.since;
  });
}

}  // namespace

assigner::Plan plan_of(std::span<const Snapshot* const> snapshots, const Drains& drains) {
  assigner::Plan plan;
  for (const Snapshot* snapshot : snapshots) add_gateways(plan, *snapshot, drains);
  for (const Snapshot* snapshot : snapshots) {
    snapshot->each<Site>(kSites, [&](const Site& site) {
      assigner::SitePlan& planned = plan.sites[name_of(site)];
      planned.frontends = wanted_of(site.frontends, plan.frontends.size());
      planned.backends = wanted_of(site.backends, plan.backends.size());
      planned.weight = std::max(1U, site.clients.weight);
    });
  }
  return plan;
}

Routes routes_of(const assigner::Assignment& assignment) {
  Routes routes;
  for (const auto& [site, assigned] : assignment.sites) {
    SiteRoutes& told = routes[site];
    for (const auto& [name, seat] : assigned.frontends.seats) told.frontends[name] = seat.backends;
    for (const auto& [name, seat] : assigned.backends.seats) told.backends.push_back(name);
  }
  return routes;
}

std::string assignment_json(const assigner::Assignment& assignment, Time now, WallTime wall) {
  const Clocks clocks{now, wall};
  StoredAssignment stored;
  for (const auto& [name, site] : assignment.sites) {
    stored.sites.push_back({name, store(site.frontends, clocks), store(site.backends, clocks)});
  }
  return stored_type()->json(stored);
}

Result<assigner::Assignment> parse_assignment(const std::string& json, Time now, WallTime wall) {
  const auto stored = read_record(stored_type(), {kAssignmentKind, "last", json});
  if (!stored) return stored.error();
  const Clocks clocks{now, wall};
  assigner::Assignment assignment;
  assignment.at = now;
  for (const StoredSite& site : stored->sites) {
    assignment.sites[site.name] = {restore(site.frontends, clocks), restore(site.backends, clocks)};
  }
  return assignment;
}

bool same_seats(const assigner::Assignment& a, const assigner::Assignment& b) {
  return std::equal(a.sites.begin(), a.sites.end(), b.sites.begin(), b.sites.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && same_seats(x.second.frontends, y.second.frontends) &&
           same_seats(x.second.backends, y.second.backends);
  });
}

}  // namespace ringway::manager
