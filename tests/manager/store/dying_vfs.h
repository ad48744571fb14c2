#pragma once
// A SQLite whose process is killed in the middle of its work with files.

#include <cstdint>

namespace ringway::manager::testing {

/// From now on, in this process: SIGKILL at the `count`-th (from 1) write, flush or truncation of any file of SQLite.
/// Of a write, half is done before.
void die_at_file_operation(std::uint64_t count);

}  // namespace ringway::manager::testing
