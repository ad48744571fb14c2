#pragma once
// What became of queries, counted by outcome: in all, for each zone, and outside all zones.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::dns {

enum class Outcome : std::uint8_t {
  steered,  // by the steering's choice
  answer,   // by a zone's records
  nodata,
  nxdomain,
  yxdomain,  // what a DNAME makes of the name is too long
  referral,
  refused,  // outside the zones, a transfer, or a site that the steering does not know
  formerr,
  notimp,
  badvers,
  badcookie,
  truncated,  // for want of room
  slipped,    // above the rate: empty, and by TCP again
  dropped,    // above the rate: no answer
  ignored,    // no query
};
inline constexpr std::size_t kOutcomes = static_cast<std::size_t>(Outcome::ignored) + 1;

constexpr std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, kOutcomes> kNames = {
      "steered", "answer",  "nodata",    "nxdomain",  "yxdomain", "referral", "refused", "formerr",
      "notimp",  "badvers", "badcookie", "truncated", "slipped",  "dropped",  "ignored"};
  return kNames[static_cast<std::size_t>(outcome)];
}

class OutcomeCounts {
 public:
  void count(Outcome outcome) { ++counts_[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] std::uint64_t of(Outcome outcome) const { return counts_[static_cast<std::size_t>(outcome)]; }

 private:
  std::array<std::uint64_t, kOutcomes> counts_{};
};

}  // namespace ringway::dns
