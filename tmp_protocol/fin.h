#pragma once
// Whether a range of a stream is its last (FIN).

#include <cstdint>

namespace ringway::tmp {

enum class Fin : std::uint8_t { absent, present };

}  // namespace ringway::tmp
