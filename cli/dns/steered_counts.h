#pragma once
// How often a worker sent clients to each POP, and why. POPs keep their counts from one atlas to the next by their
// names.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "redirector_dns/steering/choice.h"

namespace ringway::cli {

class SteeredCounts {
 public:
  static constexpr std::size_t kReasons = static_cast<std::size_t>(dns::steering::Reason::last_resort) + 1;
  using Reasons = std::array<std::uint64_t, kReasons>;

  /// Choices are by this atlas's POPs from now on; those that it does not have are forgotten.
  void use(const dns::steering::Atlas& atlas);
  void count(const dns::steering::Choice& choice) {
    ++(*by_index_[choice.pop])[static_cast<std::size_t>(choice.reason)];
  }
  [[nodiscard]] const std::map<std::string, Reasons>& by_pop() const { return by_name_; }

 private:
  std::map<std::string, Reasons> by_name_;
  std::vector<Reasons*> by_index_;
};

}  // namespace ringway::cli
