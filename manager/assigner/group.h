#pragma once
// One site's gateways of one role while a round is worked out: how full they are together, and what becomes of that
// when clients move between them. Loads are shares of a gateway's capacity, demand is in exchanges/s.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "manager/assigner/assignment.h"
#include "manager/assigner/measurements.h"
#include "manager/assigner/plan.h"

namespace ringway::manager::assigner {

/// Whether a gateway can serve, whatever the site.
enum class Condition : std::uint8_t { well, draining, away, ailing, unheard };

struct Gateway {
  const std::string* name = nullptr;
  const GatewayPlan* plan = nullptr;
  const Measured* measured = nullptr;  // null: never heard
  std::size_t place = 0;               // the same number: stands and falls together
  Condition condition = Condition::well;
  double asked = 0;        // exchanges/s, served or not
  double asked_load = 0;   // how full it would be of them
  double load = 0;         // how full it is going to be; 1: full
  std::size_t seats = 0;   // that serve
  bool on_trial = false;   // is back only now
  bool may_move = true;    // was not reassigned lately, or was in this round
  bool moved_now = false;  // in this round

  [[nodiscard]] double size() const { return std::max(1.0, plan->exchanges_per_s); }
  [[nodiscard]] bool well() const { return condition == Condition::well; }
  /// What it reports of the site; null where it does not have it in use.
  [[nodiscard]] const SiteFigures* figures(const std::string& site) const;
};

struct Member {
  std::size_t gateway = 0;
  Seat seat;
  double demand = 0;  // of the site here
  double strain = 0;  // that only this site feels here: refusals, busy origins, full links; 1: full

  [[nodiscard]] bool serves() const { return seat.state == SeatState::serving; }
};

struct Group {
  const std::string* site = nullptr;
  const SitePlan* plan = nullptr;
  const Wanted* wanted = nullptr;
  Seating seating;              // without its seats
  std::vector<Member> members;  // the seats
  bool settling = false;        // what is measured is not yet what will be

  [[nodiscard]] unsigned max() const;
  [[nodiscard]] std::size_t count(SeatState state) const;
  [[nodiscard]] std::size_t serving() const { return count(SeatState::serving); }
  [[nodiscard]] Member* find(std::size_t gateway);
  [[nodiscard]] double demand() const;
  [[nodiscard]] bool pinned(const Gateway& gateway) const;

  /// How full its serving gateways are together; more where its own strain is worse. 0 where none serves.
  [[nodiscard]] double use(const std::vector<Gateway>& gateways) const;
  /// The same when `without` has left and its clients are with the others.
  [[nodiscard]] double use_without(const std::vector<Gateway>& gateways, const Member& without) const;
  /// Different places where it is served.
  [[nodiscard]] std::size_t places(const std::vector<Gateway>& gateways) const;
  [[nodiscard]] std::size_t in_place(const std::vector<Gateway>& gateways, std::size_t place) const;
};

/// A share of new clients as the seat's gateway is worth it to its site.
double fair_share(const Gateway& gateway, const Seat& seat);

/// Moves the site's demand to where its clients will be, in the group and in the gateways' loads.
void settle(Group& group, std::vector<Gateway>& gateways);

/// The same for those that were sent elsewhere lately and are still here.
void foresee_shed(Group& group, std::vector<Gateway>& gateways, Time now);

/// Sends new clients past gateways that are too full to those of the site's others that have room, and back again.
/// `elapsed` is the time since the last round. Tells of what was raised at one go.
void shed(Group& group, std::vector<Gateway>& gateways, Role role, Time now, Duration elapsed,
          std::vector<Move>& moves);

/// Gives each seat its share of what is new.
void weigh(Group& group, const std::vector<Gateway>& gateways);

}  // namespace ringway::manager::assigner
