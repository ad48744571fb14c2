#include "manager/steering/kept_steering.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/config_list.h"
#include "base/config_object.h"
#include "base/config_scalar.h"
#include "base/text.h"
#include "manager/record_types.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/line_words.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::manager {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

namespace steering = dns::steering;

constexpr int kCompression = 3;
constexpr std::size_t kMaxPlainOctets = limits::kMaxAtlasOctets + (16U << 20);
constexpr std::size_t kMaxLevels = limits::kMaxPops + limits::kMaxSteeredFrontends;
constexpr double kWorthKeeping = 0.01;

struct StoredAtlas {
  WallTime at;
  std::uint64_t clients = 0;  // octets of the text before the atlas
  std::uint64_t octets = 0;   // of the whole text
  std::string packed;         // zstd, base64url
};

/// Any text without quotes in it: base64url may be long.
Type<std::string> packed_type() {
  Description described;
  described.name = "base64url";
  return std::make_shared<Scalar<std::string>>(
      std::move(described), Form::text, [](const std::string& text) -> Result<std::string> { return text; },
      [](const std::string& text) { return text; });
}

const Type<StoredAtlas>& stored_atlas_type() {
  static const Type<StoredAtlas> kType =
      Object<StoredAtlas>("steering atlas")
          .required("at", &StoredAtlas::at, wall_time(), "")
          .required("clients", &StoredAtlas::clients, whole_number<std::uint64_t>(0, kMaxPlainOctets), "")
          .required("octets", &StoredAtlas::octets, whole_number<std::uint64_t>(0, kMaxPlainOctets), "")
          .required("packed", &StoredAtlas::packed, packed_type(), "");
  return kType;
}

struct StoredLevel {
  std::string name;
  double shed = 0;
  double usual = 0;
  bool draining = false;
  std::uint32_t ill_rank = 0;
};

struct StoredLevels {
  std::uint64_t number = 0;
  std::vector<StoredLevel> pops;
  std::vector<StoredLevel> frontends;
};

const Type<StoredLevels>& stored_levels_type() {
  static const Type<StoredLevels> kType = [] {
    const Type<StoredLevel> level =
        Object<StoredLevel>("level")
            .required("name", &StoredLevel::name, text(limits::kMaxSteeredNameOctets), "")
            .optional("shed", &StoredLevel::shed, fraction(0, 1), "")
            .optional("usual", &StoredLevel::usual, fraction(0, 1), "")
            .optional("draining", &StoredLevel::draining, boolean(), "")
            .optional("ill_rank", &StoredLevel::ill_rank, whole_number<std::uint32_t>(0), "");
    return Type<StoredLevels>(Object<StoredLevels>("steering levels")
                                  .required("number", &StoredLevels::number, whole_number<std::uint64_t>(0), "")
                                  .optional("pops", &StoredLevels::pops, list(level, 0, kMaxLevels), "")
                                  .optional("frontends", &StoredLevels::frontends, list(level, 0, kMaxLevels), ""));
  }();
  return kType;
}

// --- Clients as lines: NETWORK FRONTEND RTT-MS RATE AGE-S

std::string clients_text(const ClientTable& clients, Time now) {
  std::string out;
  const auto to = std::back_inserter(out);
  clients.each("", SIZE_MAX, [&](const std::string& network, const std::vector<ClientDistance>& distances) {
    for (const ClientDistance& each : distances) {
      fmt::format_to(to, "{} {} {:.3f} {:.4g} {:.0f}\n", network, each.frontend, each.rtt_ms, each.rate,
                     to_seconds(now - each.heard));
    }
  });
  return out;
}

Status read_clients(std::string_view text, Time now, KeptAtlas& out) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    steering::LineWords words(text.substr(0, end), number);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string network(words.word());
    ClientDistance distance;
    distance.frontend = words.word();
    distance.rtt_ms = words.number<double>();
    distance.rate = words.number<double>();
    distance.heard = now - from_seconds(std::clamp(words.number<double>(), 0.0, 1e6));
    if (!words.finished()) return words.error();
    out.clients.emplace_back(std::move(network), std::move(distance));
  }
  return {};
}

Result<std::string> unpack(const StoredAtlas& stored) {
  const auto packed = from_base64url(stored.packed);
  if (!packed || stored.octets > kMaxPlainOctets) return internal_error("a kept atlas that is none");
  std::string text(stored.octets, '\0');
  const std::size_t size = ZSTD_decompress(text.data(), text.size(), packed->data(), packed->size());
  if (ZSTD_isError(size) != 0 || size != text.size()) return internal_error("a kept atlas that is not whole");
  return text;
}

}  // namespace

std::string kept_atlas_json(std::string_view atlas_text, const ClientTable& clients, Time now, WallTime wall) {
  std::string text = clients_text(clients, now);
  StoredAtlas stored;
  stored.at = to_the_second(wall);
  stored.clients = text.size();
  text += atlas_text;
  stored.octets = text.size();
  if (text.size() > kMaxPlainOctets) return {};
  std::vector<std::uint8_t> packed(ZSTD_compressBound(text.size()));
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kCompression);
  if (ZSTD_isError(size) != 0) return {};
  stored.packed = to_base64url(Bytes(packed).first(size));
  return stored.packed.size() > kMaxKeptOctets ? std::string() : stored_atlas_type()->json(stored);
}

Result<KeptAtlas> parse_kept_atlas(const std::string& json, Time now, WallTime wall) {
  const auto stored = read_record(stored_atlas_type(), {kSteeringKind, kKeptAtlas, json});
  if (!stored) return stored.error();
  const Result<std::string> text = unpack(*stored);
  if (!text) return text.error();
  if (stored->clients > text->size()) return internal_error("a kept atlas without an end");
  KeptAtlas kept;
  auto atlas = steering::parse_atlas(std::string_view(*text).substr(stored->clients));
  if (!atlas) return atlas.error();
  kept.atlas = std::move(*atlas);
  const Duration since = std::max(Duration::zero(), std::chrono::duration_cast<Duration>(wall - stored->at));
  const Status read = read_clients(std::string_view(*text).substr(0, stored->clients), now - since, kept);
  if (!read) return read.error();
  return kept;
}

KeptLevels levels_of(const steering::SteeringTable& table) {
  KeptLevels kept;
  kept.number = table.number();
  const steering::Atlas& atlas = table.atlas();
  for (std::size_t i = 0; i < atlas.pops.size(); ++i) kept.pops[atlas.pops[i].name] = table.levels().pops[i];
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    const steering::FrontendLevel& level = table.levels().frontends[i];
    if (level != steering::FrontendLevel()) kept.frontends[atlas.frontends[i].name] = level;
  }
  return kept;
}

std::string kept_levels_json(const KeptLevels& levels) {
  StoredLevels stored;
  stored.number = levels.number;
  for (const auto& [name, level] : levels.pops) {
    stored.pops.push_back({name, level.shed, level.usual, level.draining, 0});
  }
  for (const auto& [name, level] : levels.frontends) {
    stored.frontends.push_back({name, level.shed, 0, level.draining, level.ill_rank});
  }
  return stored_levels_type()->json(stored);
}

Result<KeptLevels> parse_kept_levels(const std::string& json) {
  const auto stored = read_record(stored_levels_type(), {kSteeringKind, kKeptLevels, json});
  if (!stored) return stored.error();
  KeptLevels kept;
  kept.number = stored->number;
  for (const StoredLevel& each : stored->pops) kept.pops[each.name] = {each.shed, each.usual, each.draining};
  for (const StoredLevel& each : stored->frontends) {
    kept.frontends[each.name] = {each.shed, each.ill_rank, each.draining};
  }
  return kept;
}

steering::Levels levels_for(const steering::Atlas& atlas, const KeptLevels& kept) {
  steering::Levels levels;
  levels.pops.resize(atlas.pops.size());
  levels.frontends.resize(atlas.frontends.size());
  for (std::size_t i = 0; i < atlas.pops.size(); ++i) {
    const auto found = kept.pops.find(atlas.pops[i].name);
    if (found != kept.pops.end()) levels.pops[i] = found->second;
  }
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    const auto found = kept.frontends.find(atlas.frontends[i].name);
    if (found != kept.frontends.end()) levels.frontends[i] = found->second;
  }
  return levels;
}

bool worth_keeping(const KeptLevels& kept, const KeptLevels& now) {
  const auto differs = [](const auto& a, const auto& b, auto other) {
    return a.size() != b.size() || !std::equal(a.begin(), a.end(), b.begin(), [&](const auto& x, const auto& y) {
             return x.first == y.first && std::abs(x.second.shed - y.second.shed) <= kWorthKeeping &&
                    (x.second.shed == 0) == (y.second.shed == 0) && !other(x.second, y.second);
           });
  };
  return differs(kept.pops, now.pops,
                 [](const auto& x, const auto& y) {
                   return x.draining != y.draining || std::abs(x.usual - y.usual) > kWorthKeeping;
                 }) ||
         differs(kept.frontends, now.frontends, [](const auto& x, const auto& y) { return x.ill_rank != y.ill_rank; });
}

}  // namespace ringway::manager
