#include "redirector_dns/zone/zone_set.h"

#include <algorithm>

#include "redirector_dns/limits.h"

namespace ringway::dns {

Result<std::shared_ptr<const ZoneSet>> ZoneSet::make(std::vector<std::shared_ptr<const Zone>> zones) {
  if (zones.size() > limits::kMaxZones) {
    return client_error("there are more than " + std::to_string(limits::kMaxZones) + " zones");
  }
  std::sort(zones.begin(), zones.end(),
            [](const auto& a, const auto& b) { return canonical_order(a->apex(), b->apex()) < 0; });
  auto set = std::make_shared<ZoneSet>();
  set->zones_ = std::move(zones);
  for (std::size_t index = 0; index < set->zones_.size(); ++index) {
    Name apex(set->zones_[index]->apex());
    apex.make_lower();
    if (!set->by_apex_.emplace(as_text(apex.view().octets()), index).second) {
      return client_error("the zone " + apex.text() + " is there twice");
    }
    set->depths_.set(apex.view().label_count());
  }
  return std::shared_ptr<const ZoneSet>(std::move(set));
}

std::size_t ZoneSet::find_at_or_above(NameView name) const {
  for (std::size_t depth = name.label_count();; --depth, name = name.parent()) {
    if (depths_.test(depth)) {
      const auto found = by_apex_.find(as_text(name.octets()));
      if (found != by_apex_.end()) return found->second;
    }
    if (depth == 0) return kNoZone;
  }
}

std::size_t ZoneSet::find(NameView name, RecordType type) const {
  const std::size_t found = find_at_or_above(name);
  if (type != RecordType::ds || found == kNoZone || name.is_root() || name.size() != zones_[found]->apex().size()) {
    return found;
  }
  const std::size_t above = find_at_or_above(name.parent());
  return above == kNoZone ? found : above;
}

}  // namespace ringway::dns
