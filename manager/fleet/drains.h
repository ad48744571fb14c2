#pragma once
// What is drained by an operator's order: records of kind "drains", named by their target. They work at once, whatever
// revision is in use.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/config_type.h"
#include "manager/fleet/node.h"
#include "manager/resources/compile.h"
#include "manager/revisions/ledger.h"

namespace ringway::manager {

inline constexpr const char* kDrainKind = "drains";

/// "frontend:pop-1", "backend:host-1", "pop:berlin", "origin:shop:127.0.0.1:8000".
struct DrainTarget {
  enum class Kind : std::uint8_t { frontend, backend, pop, origin };
  Kind kind = Kind::frontend;
  std::string name;    // of the gateway, the POP or the site
  std::string origin;  // its name in the site, without "https://"
  friend bool operator==(const DrainTarget&, const DrainTarget&) = default;
};
[[nodiscard]] std::optional<DrainTarget> parse_drain_target(std::string_view text);
/// Why it cannot be drained; nothing where it can.
struct DrainRefusal {
  enum class Kind : std::uint8_t { unknown, last_origin };
  Kind kind = Kind::unknown;
  std::string why;
};

struct Drain {
  WallTime since;
  std::string by;
};
[[nodiscard]] config::Type<Drain> drain_type();

/// All drains of the ledger, taken apart.
struct Drains {
  std::map<std::string, Drain> all;  // by target's text
  std::set<std::string> frontends;
  std::set<std::string> backends;
  std::set<std::string> pops;
  DrainedOrigins origins;
};
[[nodiscard]] Drains drains_of(const Ledger& ledger);
[[nodiscard]] bool is_draining(const Drains& drains, const std::string& site, std::string_view origin);
[[nodiscard]] std::optional<DrainRefusal> refusal_of(const DrainTarget& target, const Snapshot& snapshot,
                                                     const Drains& drains);

/// What is still in flight there, and in what it is counted.
struct DrainProgress {
  std::uint64_t left = 0;
  std::string_view unit;
  bool done = false;  // nothing is, and somebody has said so since
};
[[nodiscard]] DrainProgress progress_of(const DrainTarget& target, const Snapshot& snapshot, const Nodes& nodes);

}  // namespace ringway::manager
