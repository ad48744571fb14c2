#pragma once
// What is written, from its rows; for SqlStore, inside its transaction.

#include <map>
#include <string>
#include <vector>

#include "manager/store/database.h"
#include "manager/store/lease_rule.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// The one row of the table `state`.
struct State {
  std::uint64_t position = 0;
  std::uint64_t forgotten = 0;  // who has read no further than to below this cannot be told what is new
  LeaseState lease;
};

/// The last link of a chain; zeros where it is empty.
struct Head {
  std::uint64_t number = 0;
  Hash hash{};
};

Result<State> read_state(Database& database);
/// Moves the position by `step`, and keeps all others from changing anything before this transaction's end.
Result<State> lock_state(Database& database, std::uint64_t step);

/// As Store::read().
Result<Contents> read_contents(Database& database, std::uint64_t after, std::size_t most_entries);
/// As Store::log_before().
Result<std::vector<LogEntry>> read_log_before(Database& database, const std::string& log, std::uint64_t before,
                                              std::size_t most);

Result<Head> read_revision_head(Database& database);
/// By log; a log without entries is not there.
Result<std::map<std::string, Head>> read_log_heads(Database& database);

/// The position under which the revision, or else the first entry, of `batch` is there exactly as it is; 0: it is not.
Result<std::uint64_t> find_batch(Database& database, const Batch& batch);

}  // namespace ringway::manager
