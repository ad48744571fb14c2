#pragma once
// The store in one file, by SQLite: for one manager and the commands beside it (backup). Write-ahead log, every commit
// flushed to the disk before it is acknowledged.

#include <memory>
#include <string>

#include "base/result.h"
#include "manager/store/sql_store.h"

namespace ringway::manager {

/// The database alone, whatever its schema.
Result<std::unique_ptr<Database>> open_sqlite_database(const std::string& path, const StoreOptions& options);

/// Makes the file, readable by its owner alone, where it is not there. The path is no URI. An error where the file is
/// of another program or of a newer release. `options.clock` measures leases.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const StoreOptions& options);

}  // namespace ringway::manager
