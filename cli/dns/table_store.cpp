#include "cli/dns/table_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/table_text.h"
#include "tmp_protocol/identity_files.h"

namespace ringway::cli {

namespace {

using dns::steering::SharedAtlas;
using dns::steering::SteeringTable;
using WallTime = std::chrono::system_clock::time_point;

constexpr unsigned kPrivate = 0600;
constexpr const char* kAtlas = "table.atlas";
constexpr const char* kLevels = "table.levels";
constexpr const char* kOld = ".old";

Duration age_of(const std::string& path, WallTime wall) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return Duration::zero();
  const auto age = wall - std::chrono::system_clock::from_time_t(facts.st_mtime);
  return std::max(std::chrono::duration_cast<Duration>(age), Duration::zero());
}

std::optional<TableStore::Kept> with_levels(const SharedAtlas& atlas, std::string_view sum, const std::string& path,
                                            WallTime wall) {
  for (const char* const which : {"", kOld}) {
    const std::string file = path + which;
    const Result<std::string> text = read_file(file, limits::kMaxLevelsOctets);
    if (!text) continue;
    Result<SteeringTable> table = dns::steering::parse_levels(*text, atlas, sum);
    if (table) return TableStore::Kept{std::move(*table), age_of(file, wall)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<TableStore::Kept> TableStore::read(WallTime wall) const {
  for (const char* const which : {"", kOld}) {
    const Result<std::string> text = read_file(path(kAtlas) + which, limits::kMaxAtlasOctets);
    if (!text) continue;
    const Result<SharedAtlas> atlas = dns::steering::parse_atlas(*text);
    if (!atlas) continue;
    auto whole = with_levels(*atlas, dns::steering::sum_of(*text), path(kLevels), wall);
    return whole ? std::move(*whole) : Kept{SteeringTable((*atlas)->number, *atlas, {}), Duration::zero()};
  }
  return std::nullopt;
}

Status TableStore::keep(const dns::steering::SharedTable& table, Time now) {
  const bool other_atlas = table->shared_atlas() != atlas_;
  if (!other_atlas && now < again_at_) return {};
  again_at_ = now + limits::kLevelsKept;
  if (other_atlas) {
    const std::string text = dns::steering::atlas_text(table->atlas());
    const std::string sum(dns::steering::sum_of(text));
    const Status kept = sum == sum_ ? Status() : replace(kAtlas, text);
    if (!kept) return kept;
    atlas_ = table->shared_atlas();
    sum_ = sum;
  }
  return replace(kLevels, dns::steering::levels_text(*table, sum_));
}

Status TableStore::replace(const char* name, const std::string& text) const {
  // The last one gets its second name before the first one is another's: there is always a whole one.
  const std::string old = path(name) + kOld;
  const std::string second = old + ".new";
  ::unlink(second.c_str());
  if (::link(path(name).c_str(), second.c_str()) == 0) ::rename(second.c_str(), old.c_str());
  return tmp::replace_file(path(name), text, kPrivate);
}

}  // namespace ringway::cli
