#include "cli/dns/table_store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

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
constexpr const char* kNext = ".next";

/// Of an atlas whose levels are lost: nothing that they said holds.
constexpr Duration kUnknownAge = limits::kHealthHolds + std::chrono::hours(24);

/// A file that was being written when the process or the power failed: the name of one here, perhaps with kNext, and
/// what mkstemp() puts behind it; or one that did not come into its place.
bool is_leftover(std::string_view file) {
  constexpr std::size_t kEndOctets = 6;
  for (const char* const name : {kAtlas, kLevels}) {
    if (!file.starts_with(name)) continue;
    std::string_view rest = file.substr(std::string_view(name).size());
    if (rest.starts_with(kNext)) rest.remove_prefix(std::string_view(kNext).size());
    if (rest.empty()) return file != name;
    return rest.size() == 1 + kEndOctets && rest.starts_with('.') && rest.find('.', 1) == std::string_view::npos;
  }
  return false;
}

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
  SharedAtlas alone;
  for (const char* const which : {"", kOld}) {
    const Result<std::string> text = read_file(path(kAtlas) + which, limits::kMaxAtlasOctets);
    if (!text) continue;
    const Result<SharedAtlas> atlas = dns::steering::parse_atlas(*text);
    if (!atlas) continue;
    auto whole = with_levels(*atlas, dns::steering::sum_of(*text), path(kLevels), wall);
    if (whole) return whole;
    if (alone == nullptr) alone = *atlas;
  }
  if (alone == nullptr) return std::nullopt;
  return Kept{SteeringTable(alone->number, alone, {}), kUnknownAge};
}

void TableStore::remove_leftovers() const {
  std::error_code failed;
  std::vector<std::filesystem::path> left;
  std::filesystem::directory_iterator entry(directory_, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    if (is_leftover(entry->path().filename().string())) left.push_back(entry->path());
  }
  for (const std::filesystem::path& file : left) std::filesystem::remove(file, failed);
}

Status TableStore::keep(const dns::steering::SharedTable& table, Time now) {
  const bool other_atlas = table->shared_atlas() != atlas_;
  if (now < again_at_ && (failed_ || !other_atlas)) return {};
  again_at_ = now + limits::kLevelsKept;
  const Status written = write(*table);
  failed_ = !written;
  return written;
}

Status TableStore::write(const SteeringTable& table) {
  if (table.shared_atlas() != atlas_) {
    const std::string text = dns::steering::atlas_text(table.atlas());
    const std::string sum(dns::steering::sum_of(text));
    const Status kept = sum == sum_ ? Status() : replace(kAtlas, text);
    if (!kept) return kept;
    atlas_ = table.shared_atlas();
    sum_ = sum;
  }
  return replace(kLevels, dns::steering::levels_text(table, sum_));
}

Status TableStore::replace(const char* name, const std::string& text) const {
  // Neither of the two that are there is given up before the next one is on the disk.
  const std::string next = path(name) + kNext;
  const Status written = tmp::replace_file(next, text, kPrivate);
  if (!written) return written;
  ::rename(path(name).c_str(), (path(name) + kOld).c_str());
  if (::rename(next.c_str(), path(name).c_str()) == 0) return {};
  return internal_error(fmt::format("{}: cannot be made: {}", path(name), std::strerror(errno)));
}

}  // namespace ringway::cli
