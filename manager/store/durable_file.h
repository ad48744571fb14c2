#pragma once
// Files that are there whole, or not at all, after a kill -9 and a power cut.

#include <string>
#include <string_view>

#include "base/result.h"

namespace ringway::manager {

/// What was at `path` stays until all of `text` is on the disk. Readable by its owner alone. A temporary file stands
/// beside it meanwhile (`path`.partial); one that a killed process left there is replaced.
Status write_durably(const std::string& path, std::string_view text);

/// The names in the folder of `path` are on the disk.
Status flush_folder_of(const std::string& path);

}  // namespace ringway::manager
