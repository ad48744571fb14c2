#pragma once
// A new first token, where all tokens were lost: for who can read the store itself.

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// Of the store at `where` (open_store.h). Waits for limits::kLeaseLife where a manager was killed; an error where one
/// still runs: it would not learn of the token.
Result<std::string> make_new_token(const std::string& where, WallTime now, Random& random);

}  // namespace ringway::manager
