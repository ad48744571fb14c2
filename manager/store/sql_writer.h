#pragma once
// The rows of what is written; for SqlStore, inside its transaction.

#include <vector>

#include "manager/store/database.h"
#include "manager/store/store.h"

namespace ringway::manager {

Status write_revision(Database& database, const Revision& revision, std::uint64_t position);
Status write_records(Database& database, const std::vector<Record>& records, std::uint64_t position);
/// Also moves the heads of their logs.
Status write_entries(Database& database, const std::vector<LogEntry>& entries, std::uint64_t position);
/// Records that are no more, of batches up to `position`, are remembered no longer.
Status forget(Database& database, std::uint64_t position);
/// All but the state.
Status delete_all(Database& database);

}  // namespace ringway::manager
