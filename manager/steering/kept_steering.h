#pragma once
// What of the steering outlives a leader, so that nobody moves because managers change: records of kind "steering".
//
//   "atlas"   the atlas and what was measured of clients, compressed; written when it has changed, at most at
//             kKeptOctetsPerS
//   "levels"  what each POP and front-end sheds, by name; small, and written within kLevelsPause of a change
//
// They are written apart, so levels go by names: those of an atlas that is not kept yet still fit most of it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manager/fleet/client_table.h"
#include "manager/store/store.h"
#include "redirector_dns/steering/table.h"

namespace ringway::manager {

inline constexpr const char* kSteeringKind = "steering";
inline constexpr const char* kKeptAtlas = "atlas";
inline constexpr const char* kKeptLevels = "levels";

/// Of the record of an atlas.
inline constexpr std::size_t kMaxKeptOctets = 3U << 20;
/// A large atlas is written less often.
inline constexpr std::size_t kKeptOctetsPerS = 64U << 10;
inline constexpr Duration kLevelsPause = std::chrono::seconds(2);
/// Also where nothing changes, so that the number is known to about as much.
inline constexpr Duration kLevelsRefresh = std::chrono::seconds(60);

struct KeptAtlas {
  dns::steering::SharedAtlas atlas;
  std::vector<std::pair<std::string, ClientDistance>> clients;  // by network
};

struct KeptLevels {
  std::uint64_t number = 0;
  std::map<std::string, dns::steering::PopLevel> pops;
  std::map<std::string, dns::steering::FrontendLevel> frontends;
  friend bool operator==(const KeptLevels&, const KeptLevels&) = default;
};

/// The record's content; empty where it would be larger than kMaxKeptOctets. Moments are kept on the wall's clock.
[[nodiscard]] std::string kept_atlas_json(std::string_view atlas_text, const ClientTable& clients, Time now,
                                          WallTime wall);
/// On this manager's clock.
[[nodiscard]] Result<KeptAtlas> parse_kept_atlas(const std::string& json, Time now, WallTime wall);

[[nodiscard]] KeptLevels levels_of(const dns::steering::SteeringTable& table);
[[nodiscard]] std::string kept_levels_json(const KeptLevels& levels);
[[nodiscard]] Result<KeptLevels> parse_kept_levels(const std::string& json);
/// For an atlas, by names.
[[nodiscard]] dns::steering::Levels levels_for(const dns::steering::Atlas& atlas, const KeptLevels& kept);
/// Whether the difference is worth a write: any share by more than a hundredth, or who is ill or drains.
[[nodiscard]] bool worth_keeping(const KeptLevels& kept, const KeptLevels& now);

}  // namespace ringway::manager
