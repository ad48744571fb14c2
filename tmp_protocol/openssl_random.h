#pragma once
// For simulations and tests alone: OpenSSL draws from a ringway::Random, so that a seed replays a handshake octet for
// octet.

#include "base/random.h"

namespace ringway::tmp {

/// While one lives, all of OpenSSL in the process draws from `random`, which must not itself draw from OpenSSL.
/// One at a time; one thread.
class OpensslRandom {
 public:
  explicit OpensslRandom(Random& random);
  ~OpensslRandom();
  OpensslRandom(const OpensslRandom&) = delete;
  OpensslRandom& operator=(const OpensslRandom&) = delete;
};

}  // namespace ringway::tmp
