#include "redirector_dns/zone/zone.h"

#include <algorithm>
#include <cassert>

namespace ringway::dns {

namespace {

/// Where the labels of `name` begin that stand before its last `below` octets, the first one first.
class LabelStarts {
 public:
  LabelStarts(NameView name, std::size_t below) {
    const Bytes octets = name.octets();
    for (std::size_t at = 0; at < octets.size() - below; at += 1U + octets[at]) {
      starts_[count_++] = static_cast<std::uint8_t>(at);
    }
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t operator[](std::size_t label) const { return starts_[label]; }

 private:
  std::array<std::uint8_t, kMaxLabels> starts_;
  std::size_t count_ = 0;
};

constexpr std::uint8_t kWildcard[] = {'*'};

bool is_steered(RecordType type) {
  return type == RecordType::a || type == RecordType::aaaa || type == RecordType::https || type == RecordType::svcb;
}

}  // namespace

std::uint64_t Zone::head_of(Bytes label) {
  std::array<std::uint8_t, 8> head{};
  copy_bytes(label.first(std::min(label.size(), head.size())), head.data());
  return load_u64(head.data());
}

const Zone::Node* Zone::child(const Node& parent, Bytes label) const {
  const std::uint64_t head = head_of(label);
  const auto first = nodes_.begin() + parent.first_child;
  const auto last = first + parent.child_count;
  const auto before = [this, label, head](const Node& node, const auto&) {
    if (node.head != head) return node.head < head;
    const Bytes other = label_of(node);
    return std::lexicographical_compare(other.begin(), other.end(), label.begin(), label.end());
  };
  const auto found = std::lower_bound(first, last, label, before);
  if (found == last || found->head != head) return nullptr;
  const Bytes other = label_of(*found);
  return std::equal(other.begin(), other.end(), label.begin(), label.end()) ? &*found : nullptr;
}

const RrSet* Zone::rrset(const Node& node, RecordType type) const {
  const auto sets = std::span(rrsets_).subspan(node.first_rrset, node.rrset_count);
  const auto found = std::find_if(sets.begin(), sets.end(), [type](const RrSet& set) { return set.type == type; });
  return found == sets.end() ? nullptr : &*found;
}

Finding Zone::answer(const Node& node, RecordType type, std::size_t owner_octets) const {
  using Kind = Finding::Kind;
  const RrSet* set = rrset(node, type);
  if (node.site != kNone && is_steered(type)) {
    return {Kind::steered, set, sites_[node.site].site, owner_octets};
  }
  if (set != nullptr) return {Kind::data, set, {}, owner_octets};
  if (const RrSet* cname = rrset(node, RecordType::cname)) return {Kind::cname, cname, {}, owner_octets};
  const bool has_any = node.rrset_count > 0 || node.site != kNone;
  if (type == RecordType::any && has_any) return {Kind::data, nullptr, {}, owner_octets};
  return {Kind::nodata, nullptr, {}, owner_octets};
}

Finding Zone::find(NameView name, RecordType type) const {
  assert(name.size() >= apex_.size());
  const LabelStarts starts(name, apex_.size());
  const Node* node = nodes_.data();
  for (std::size_t label = starts.count(); label-- > 0;) {
    const Bytes octets = name.octets();
    const Bytes text = octets.subspan(starts[label] + 1U, octets[starts[label]]);
    if (node->renamed) {
      const std::size_t above = octets.size() - starts[label] - 1 - text.size();
      return {Finding::Kind::dname, rrset(*node, RecordType::dname), {}, above};
    }
    const Node* next = child(*node, text);
    if (next == nullptr) {
      const Node* wildcard = child(*node, kWildcard);
      if (wildcard == nullptr) return {Finding::Kind::nxdomain, nullptr, {}, name.size()};
      return answer(*wildcard, type, name.size());
    }
    node = next;
    // Of a delegated name only DS is this side's to tell (RFC 4035 §3.1.4.1).
    const bool own_side = label == 0 && type == RecordType::ds;
    if (node->delegated && !own_side) {
      return {Finding::Kind::delegation, rrset(*node, RecordType::ns), {}, octets.size() - starts[label]};
    }
  }
  return answer(*node, type, name.size());
}

const RrSet* Zone::find_address(NameView name, RecordType type) const {
  if (!name.is_within(apex_)) return nullptr;
  Name lower(name);
  lower.make_lower();
  const LabelStarts starts(lower, apex_.size());
  const Node* node = nodes_.data();
  for (std::size_t label = starts.count(); label-- > 0 && node != nullptr;) {
    const Bytes octets = lower.view().octets();
    node = child(*node, octets.subspan(starts[label] + 1U, octets[starts[label]]));
  }
  return node == nullptr ? nullptr : rrset(*node, type);
}

}  // namespace ringway::dns
