#pragma once
// The store in a PostgreSQL database of its own, for several managers. A connection that breaks is made again by the
// next call; a batch whose COMMIT was not answered is `unavailable`, and writing it again tells whether it is there.

#include <memory>
#include <string>

#include "base/result.h"
#include "manager/store/sql_store.h"

namespace ringway::manager {

/// `url` as libpq takes it (postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…; several hosts: the one that can be
/// written to). The user must be allowed to make tables. No error quotes the URL.
Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url, const StoreOptions& options);

}  // namespace ringway::manager
