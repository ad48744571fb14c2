#pragma once
// Randomness as an interface: the system's in production, a seed's in a simulation.

#include <cstdint>

#include "base/bytes.h"

namespace ringway {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out`. Fit for keys and tokens in production.
  virtual void fill(MutableBytes out) = 0;

  std::uint64_t next();
  /// Uniform in [0, bound); 0 where bound is 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit();
};

/// The operating system's generator by way of OpenSSL.
class SystemRandom final : public Random {
 public:
  void fill(MutableBytes out) override;
};

/// xoshiro256** from one seed; for simulations and tests alone.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(MutableBytes out) override;

 private:
  std::uint64_t step();
  std::uint64_t state_[4];
};

}  // namespace ringway
