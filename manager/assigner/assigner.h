#pragma once
// Which gateways serve which site: a pure function, asked about once a second.
//
// A site's *use* is how full the gateways of one role that serve it are together, each counted by its capacity: of its
// exchanges, its bits and its CPU the worst, its place's access included, and what they refused as if they had done it.
// Where that is above limits::kCrowdedUse (0.82 while a change settles) the site gets another, up to its maximum,
// until it is back at limits::kRoomyUse; where it would stay below limits::kReleaseUse with one less, for long enough,
// one is released. Loads are taken as they will be once clients have followed what changed within limits::kSettleTime,
// so that nothing is answered twice.
//
// What the plan says (minimum, pins, exclusions) and what fails is followed at once; what the load says moves no
// gateway more than once in limits::kReassignPause. Additions come first: nothing is released while a change is
// settling. docs/decisions/0015-assigner.md says why.

#include <vector>

#include "manager/assigner/assignment.h"
#include "manager/assigner/measurements.h"
#include "manager/assigner/plan.h"

namespace ringway::manager::assigner {

struct Round {
  Assignment next;
  std::vector<Move> moves;
  std::vector<Shortage> shortages;
};

/// The same arguments give the same round. `now` is not before `previous.at`. 1,000 sites on 100 front-ends and 100
/// back-ends take some milliseconds.
Round assign(const Plan& plan, const Measurements& measurements, const Assignment& previous, Time now);

}  // namespace ringway::manager::assigner
