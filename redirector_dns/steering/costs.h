#pragma once
// What it costs, in milliseconds, to serve a client of a network from a POP: the client's round trip to the POP, and
// the POP's link to the site's back-ends.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "redirector_dns/steering/plan.h"

namespace ringway::dns::steering {

/// A class as the plan has it, and who is in it.
struct ClassPlan {
  std::vector<FrontendIndex> frontends;
  std::vector<std::uint32_t> backends;
  PolicyPlan policy;
  std::vector<std::uint32_t> sites;  // in the plan, at least one
};

/// Sites of the same front-ends, back-ends and policy are one class, in the order of their first sites. Those without a
/// front-end are in none.
std::vector<ClassPlan> classify(const Plan& plan);

/// A network with what it inherits from those around it.
struct Whereabouts {
  const Location* place = nullptr;
  const std::string* area = nullptr;  // never null
};

/// By the plan's clients.
std::vector<Whereabouts> locate(const Plan& plan);

/// What a plan knows of one address, for people: it looks through all clients.
struct Surroundings {
  const ClientPlan* client = nullptr;  // the smallest network around it; null: it is in none
  const ClientPlan* placed = nullptr;  // the smallest whose place is known; null: there is none

  [[nodiscard]] const Location* place() const { return placed == nullptr ? nullptr : &*placed->place; }
};
Surroundings surroundings_of(const Plan& plan, const IpAddress& address);

/// How far clients are from POPs.
class ClientDistance {
 public:
  explicit ClientDistance(const Plan& plan);
  /// Milliseconds from the client to each POP. What was measured counts for as much as is not forgotten, half of it in
  /// limits::kRoundTripHalfLife; the rest is as the places lie. Of a client whose place is not known another POP is as
  /// far as one that was measured, and the way between them.
  void measure(const ClientPlan* client, const Whereabouts& whereabouts, std::vector<double>& ms) const;

 private:
  [[nodiscard]] double between(std::size_t a, std::size_t b) const { return between_[a * points_.size() + b]; }
  void guess(const ClientPlan* client, const Whereabouts& whereabouts, std::vector<double>& ms) const;

  std::vector<std::optional<Point>> points_;  // of POPs
  std::vector<double> between_;
};

/// What a class adds to it for each POP: the cheapest of its front-ends' links there, and the policy's penalty;
/// infinity where the POP has no front-end of the class. A link costs its round trip, and ten times that for what it
/// loses; one that is not up yet what the places say, and limits::kColdLinkMs.
std::vector<double> class_costs(const Plan& plan, const ClassPlan& of);

}  // namespace ringway::dns::steering
