#pragma once
// The tables of a store, the same text for both databases, and how a store of an older release becomes one of this.
//
// A schema has a major and a minor number. A minor step only adds what a release that does not know it can leave
// alone, so a manager one release older goes on with it; after a major step only newer releases may. Steps go forward
// alone: the way back is a restore.

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "manager/store/database.h"

namespace ringway::manager {

struct SchemaVersion {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  friend auto operator<=>(const SchemaVersion&, const SchemaVersion&) = default;
};

struct Migration {
  SchemaVersion to;
  std::string sql;
};

/// Of this release, in order; the last is its version.
std::span<const Migration> migrations();

/// Brings an empty or older store to the last of `steps`, in one transaction; leaves a newer one alone. An error where
/// its major number is above that of the last.
Status migrate(Database& database, std::span<const Migration> steps);

/// An error that says so where a newer release has changed the store such that this one may not touch it.
Status check_schema(std::uint64_t major);

}  // namespace ringway::manager
