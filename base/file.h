#pragma once
// Whole small files.

#include <cstddef>
#include <string>

#include "base/result.h"

namespace ringway {

/// What the file at `path` holds; an error, beginning with the path, where it cannot be read or is larger.
Result<std::string> read_file(const std::string& path, std::size_t max_octets);

}  // namespace ringway
