#include "manager/store/open_store.h"

#include "manager/store/postgres_connection.h"
#include "manager/store/postgres_store.h"
#include "manager/store/sqlite_store.h"

namespace ringway::manager {

namespace {

/// What has a colon before any slash was meant as a URL, and may hold a password: no error shows it.
bool is_path(const std::string& where) { return where.find(':') >= where.find('/'); }

bool is_postgres(const std::string& where) {
  return where.starts_with("postgresql://") || where.starts_with("postgres://");
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& where, const StoreOptions& options) {
  if (is_postgres(where)) return open_postgres_store(where, options);
  if (!is_path(where)) {
    return internal_error("a store is a file's path or postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  return open_sqlite_store(where, options);
}

std::string store_name(const std::string& where) {
  if (!is_postgres(where)) return is_path(where) ? where : "a store of an unknown kind";
  return check_postgres_url(where).ok() ? postgres_name(where) : "PostgreSQL";
}

}  // namespace ringway::manager
