#pragma once
// Who serves which site, since when, and why that changed.
//
// A gateway that has a site has a *seat* there, and the site in its configuration. A seat's life:
//
//   (added) -> serving --drain, silence, no origin--> draining, away, cut_off --over--> serving
//                 \--released, excluded--> leaving --deserted--> (gone)
//
// Only serving seats count for minimum and maximum. The others take nothing new, but what they have may end there.
// Those that are hindered keep their seat and serve again when that is over, whatever took their place meanwhile.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "manager/assigner/plan.h"

namespace ringway::manager::assigner {

enum class SeatState : std::uint8_t {
  serving,
  draining,  // it, or its place
  away,      // not heard, or unhealthy
  cut_off,   // a back-end that reaches none of the site's origins
  leaving,   // given up
};

struct Seat {
  SeatState state = SeatState::serving;
  Time since{};                 // it has the seat
  Time changed{};               // it is in its state
  double shed = 0;              // of its share of new clients, so much goes to the site's others
  std::optional<Time> shed_at;  // when that was raised at one go
  double shed_demand = 0;       // and so many exchanges/s were then about to leave
  /// Of what is new, how much should go there, in thousandths: clients to front-ends, exchanges to back-ends. Those of
  /// a site's seats of one role are about 1000 together.
  std::uint32_t weight = 0;
  std::vector<std::string> backends;  // front-ends: where to, best first
  friend bool operator==(const Seat&, const Seat&) = default;
};

/// A site's seats of one role.
struct Seating {
  std::map<std::string, Seat> seats;  // by gateway
  std::optional<Time> calm_since;     // it could do with one less
  Duration patience = limits::kCalmTime;
  std::optional<Time> released;   // when it last had to do with one less, until it got one more
  std::optional<Time> regretted;  // when that last was too soon
  friend bool operator==(const Seating&, const Seating&) = default;
};

struct SiteAssignment {
  Seating frontends;
  Seating backends;
  friend bool operator==(const SiteAssignment&, const SiteAssignment&) = default;
};

/// Times are of the clock that assign() is called with; who keeps one longer than that clock keeps ages.
struct Assignment {
  Time at{};
  std::map<std::string, SiteAssignment> sites;
  /// Gateways that were reassigned within limits::kReassignPause, and when.
  std::map<std::string, Time> moved_frontends;
  std::map<std::string, Time> moved_backends;
};

enum class MoveKind : std::uint8_t { added, hindered, resumed, shed, released, gone };

/// What made it necessary. What the plan says is done at once and does not count as a reassignment.
enum class Cause : std::uint8_t { plan, failure, spread, crowd, calm };

struct Move {
  std::string site;
  Role role = Role::frontend;
  std::string gateway;
  MoveKind kind = MoveKind::added;
  Cause cause = Cause::plan;
  std::string why;  // a sentence for people, with the figures
};

/// What the plan or the load asks for and nobody can give. It is told again in each round as long as it lasts.
struct Shortage {
  std::string site;
  Role role = Role::frontend;
  std::string why;
};

std::string_view role_name(Role role);
std::string_view seat_state_name(SeatState state);
std::string_view move_kind_name(MoveKind kind);
std::string_view cause_name(Cause cause);

}  // namespace ringway::manager::assigner
