#pragma once
// Names for requests that no other front-end, worker or run gives: 64 random bits drawn once, and a count.
// They are no secrets. One random draw for each request would cost a system call in OpenSSL.

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/random.h"

namespace ringway::frontend {

class RequestIds {
 public:
  explicit RequestIds(Random& random) { random.fill(MutableBytes(octets_).first(8)); }

  /// 32 hexadecimal digits.
  std::string next() {
    store_u64(octets_ + 8, ++count_);
    return to_hex(octets_);
  }

 private:
  std::uint8_t octets_[16] = {};
  std::uint64_t count_ = 0;
};

}  // namespace ringway::frontend
