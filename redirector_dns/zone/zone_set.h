#pragma once
// All zones of a server, found by the name that a question asks for. Immutable: a change makes another set.

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/zone/zone.h"

namespace ringway::dns {

class ZoneSet {
 public:
  static constexpr std::size_t kNoZone = SIZE_MAX;

  /// An error where two zones have one name, or where there are more than limits::kMaxZones.
  static Result<std::shared_ptr<const ZoneSet>> make(std::vector<std::shared_ptr<const Zone>> zones);

  /// The index of the zone that `name`, in lower case, is in: the one with the longest name. DS is looked for above a
  /// zone's own name where the zone above is here as well (RFC 4035 §3.1.4.1). kNoZone: none.
  [[nodiscard]] std::size_t find(NameView name, RecordType type) const;

  /// In canonical order.
  [[nodiscard]] const std::vector<std::shared_ptr<const Zone>>& zones() const { return zones_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };

  [[nodiscard]] std::size_t find_at_or_above(NameView name) const;

  std::vector<std::shared_ptr<const Zone>> zones_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> by_apex_;  // wire form, in lower case
  std::bitset<kMaxLabels + 1> depths_;                                           // how many labels apexes have
};

}  // namespace ringway::dns
