#include "base/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace ringway {

namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

std::uint64_t Random::next() {
  std::uint8_t octets[8];
  fill(octets);
  return load_u64(octets);
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // Multiply-shift: the bias is below 2^-32 for every bound this project uses.
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

void SystemRandom::fill(MutableBytes out) {
  // A gateway without randomness must not go on: every key would be guessable.
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    word = mixed ^ (mixed >> 31);
  }
}

void SeededRandom::fill(MutableBytes out) {
  std::size_t at = 0;
  while (at < out.size()) {
    std::uint8_t word[8];
    store_u64(word, step());
    const std::size_t take = std::min<std::size_t>(8, out.size() - at);
    std::memcpy(out.data() + at, word, take);
    at += take;
  }
}

std::uint64_t SeededRandom::step() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

}  // namespace ringway
