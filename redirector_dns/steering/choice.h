#pragma once
// Which front-ends a client is answered: a pure function of the table, the site, the client's cell and, for resolvers
// that are slotted, the time.
//
//   address ──CellMap──▶ cell ──profile, class──▶ order of POPs
//   for each POP of the order:  nobody of the site answers there ─▶ next
//                               hash(cell, site, POP) < its share ─▶ next     (the same cells at each redirector)
//                               else: its front-ends, the first of a weighted rendezvous of the cell
//   where all shed the cell:    a POP of the whole reach by lot, by the capacity that it does not shed

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "redirector_dns/limits.h"
#include "redirector_dns/steered.h"
#include "redirector_dns/steering/table.h"

namespace ringway::dns::steering {

/// Why a client is answered what it is.
enum class Reason : std::uint8_t {
  first,        // the first POP of its order
  passed_on,    // POPs before this one shed the client, or have nobody who answers
  by_lot,       // all shed it
  last_resort,  // all who may serve the client drain or do not answer: who drains is named, else who should answer
};

struct Choice {
  Reason reason = Reason::first;
  PopIndex pop = 0;
  std::array<FrontendIndex, limits::kMaxAnswerFrontends> frontends{};  // the best first
  std::size_t count = 0;                                               // of them; at least 1
  std::uint32_t ttl_s = 0;
  unsigned scope_bits = 0;
};

/// Seconds since 1970; only slots of time look at them.
using WallSeconds = std::uint64_t;

/// `site` is of the table's atlas. `family`: among front-ends that have such an address, and somebody of the site's
/// class has; none: among all.
Choice choose(const SteeringTable& table, const Site& site, const Asker& asker, WallSeconds now,
              std::optional<Family> family = std::nullopt);

/// One POP as the choice saw it, for people.
struct Candidate {
  enum class Verdict : std::uint8_t { chosen, sheds, nobody_answers, not_needed };
  PopIndex pop = 0;
  double shed = 0;            // its share
  double hash = 0;            // the client's there; below the share it is sent on
  std::size_t answering = 0;  // front-ends of the site
  Verdict verdict = Verdict::not_needed;
};

struct Explanation {
  Choice choice;
  Network cell;
  bool slotted = false;
  std::vector<Candidate> candidates;  // in the order of asking
};

/// Of the A records, or of AAAA where the site has no others.
Explanation explain(const SteeringTable& table, const Site& site, const Asker& asker, WallSeconds now);

std::string_view reason_name(Reason reason);
std::string_view verdict_name(Candidate::Verdict verdict);

}  // namespace ringway::dns::steering
