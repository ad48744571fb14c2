#pragma once
// A store by what the operator wrote after --store.

#include <memory>
#include <string>

#include "base/result.h"
#include "manager/store/sql_store.h"

namespace ringway::manager {

/// `where` is postgresql://… (or postgres://…), or else the path of a file. An error names the store, never a password.
Result<std::unique_ptr<Store>> open_store(const std::string& where, const StoreOptions& options = {});

/// For logs and people: the path, or the server and the database.
std::string store_name(const std::string& where);

}  // namespace ringway::manager
