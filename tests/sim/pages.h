#pragma once
// A browser that loads a page again and again through an overlay: an HTML document, then 60 objects at once, each over
// a connection of its own that stays open.

#include <cstdint>
#include <vector>

#include "tests/sim/overlay.h"

namespace ringway::sim {

struct PageLoads {
  std::vector<double> milliseconds;  // of each page, from its first request to its last octet
  tmp::LinkCounters back;            // what the back-end's end sent meanwhile
  std::string fault;                 // empty where all of them came
};

/// 1.02 MB in all.
inline constexpr std::uint64_t kDocumentOctets = 20'000;
inline constexpr int kPageObjects = 60;

/// Loads `count` pages over a link with this path, each half a second after the one before; the first two, while the
/// link learns the path, do not count.
PageLoads load_pages(std::uint64_t seed, const PathConditions& path, int count);

struct AnswerLoads {
  std::vector<double> milliseconds;
  std::uint64_t octets = 0;  // of UDP payload, in both directions
  std::uint64_t packets = 0;
};

/// For `time` eight connections that ask for 1 KB again and again, 20 ms after each answer. `repair`: `link.repair`.
AnswerLoads load_answers(std::uint64_t seed, const PathConditions& path, Duration time, double repair);

/// The value below which `share` (0..1) of `values` lie.
double quantile(std::vector<double> values, double share);

}  // namespace ringway::sim
