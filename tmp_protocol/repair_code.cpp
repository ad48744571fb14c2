#include "tmp_protocol/repair_code.h"

#include <algorithm>
#include <cassert>

namespace ringway::tmp {

namespace {

constexpr std::uint32_t kPolynomial = 0x11d;

/// Powers of g, twice over, and their inverse.
struct Powers {
  std::array<std::uint8_t, 510> of{};
  std::array<std::uint8_t, 256> log{};
};

constexpr Powers make_powers() {
  Powers powers;
  std::uint32_t value = 1;
  for (std::size_t i = 0; i < 255; ++i) {
    powers.of[i] = powers.of[i + 255] = static_cast<std::uint8_t>(value);
    powers.log[value] = static_cast<std::uint8_t>(i);
    value <<= 1;
    if (value > 255) value ^= kPolynomial;
  }
  return powers;
}

constexpr Powers kPowers = make_powers();

std::uint8_t product(std::uint8_t a, std::uint8_t b) {
  if (a == 0 || b == 0) return 0;
  return kPowers.of[static_cast<std::size_t>(kPowers.log[a]) + kPowers.log[b]];
}

std::uint8_t inverse(std::uint8_t a) { return kPowers.of[255U - kPowers.log[a]]; }

std::uint8_t power(std::size_t exponent) { return kPowers.of[exponent % 255]; }

/// Eight octets times g at once.
std::uint64_t doubled(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t carries = (word >> 7) & kOnes;
  const std::uint64_t reduced = ((carries << 8) - carries) & (kOnes * (kPolynomial & 0xff));
  return ((word & (kOnes * 0x7f)) << 1) ^ reduced;
}

}  // namespace

void RepairSums::clear() {
  for (Row& row : rows_) std::fill_n(row.begin(), words(), 0);
  octets_ = 0;
}

/// Horner's rule: what is there moves on by one place.
void RepairSums::multiply() {
  const std::size_t count = words();
  for (std::size_t i = 0; i < count; ++i) rows_[1][i] = doubled(rows_[1][i]);
  for (std::size_t i = 0; i < count; ++i) rows_[2][i] = doubled(doubled(rows_[2][i]));
}

void RepairSums::add(Bytes frames) {
  assert(frames.size() <= limits::kMaxPacketOctets);
  multiply();
  Row member;
  const std::size_t octets = row_octets(frames.size());
  const std::size_t count = (octets + 7) / 8;
  member[count - 1] = 0;
  auto* const at = reinterpret_cast<std::uint8_t*>(member.data());
  store_u16(at, static_cast<std::uint16_t>(frames.size()));
  copy_bytes(frames, at + 2);
  for (Row& row : rows_) {
    for (std::size_t i = 0; i < count; ++i) row[i] ^= member[i];
  }
  octets_ = std::max(octets_, octets);
}

void RepairSums::add_row(std::size_t row, Bytes sum) {
  auto* const at = reinterpret_cast<std::uint8_t*>(&rows_[row]);
  for (std::size_t i = 0; i < sum.size(); ++i) at[i] ^= sum[i];
  octets_ = std::max(octets_, sum.size());
}

void RepairSums::scale(Row& row, std::uint8_t factor) const {
  auto* const at = reinterpret_cast<std::uint8_t*>(&row);
  for (std::size_t i = 0; i < octets_; ++i) at[i] = product(at[i], factor);
}

void RepairSums::add_scaled(Row& row, const Row& other, std::uint8_t factor) const {
  auto* const at = reinterpret_cast<std::uint8_t*>(&row);
  const auto* const from = reinterpret_cast<const std::uint8_t*>(&other);
  for (std::size_t i = 0; i < octets_; ++i) at[i] ^= product(from[i], factor);
}

/// Gauss and Jordan. Every square of these coefficients can be inverted from its upper left on: no pivot is 0.
void RepairSums::solve(std::span<const std::uint8_t> rows, std::span<const std::uint8_t> places) {
  assert(rows.size() == places.size() && rows.size() <= kRepairRows);
  const std::size_t n = rows.size();
  std::array<std::array<std::uint8_t, kRepairRows>, kRepairRows> a{};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) a[i][k] = power(std::size_t{rows[i]} * places[k]);
  }
  for (std::size_t pivot = 0; pivot < n; ++pivot) {
    const std::uint8_t factor = inverse(a[pivot][pivot]);
    scale(rows_[rows[pivot]], factor);
    for (std::size_t k = 0; k < n; ++k) a[pivot][k] = product(a[pivot][k], factor);
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint8_t times = a[i][pivot];
      if (i == pivot || times == 0) continue;
      add_scaled(rows_[rows[i]], rows_[rows[pivot]], times);
      for (std::size_t k = 0; k < n; ++k) a[i][k] ^= product(a[pivot][k], times);
    }
  }
}

Bytes RepairSums::member(std::size_t row) const {
  const Bytes whole = this->row(row);
  if (whole.size() < 2) return {};
  const std::size_t octets = load_u16(whole.data());
  return octets <= whole.size() - 2 ? whole.subspan(2, octets) : Bytes();
}

}  // namespace ringway::tmp
