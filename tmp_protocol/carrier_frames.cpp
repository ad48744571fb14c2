#include "tmp_protocol/carrier_frames.h"

#include <algorithm>

namespace ringway::tmp {

MutableBytes CarrierReader::next() {
  if (broken_ || unread_.empty()) return {};
  return held_.empty() ? next_in_place() : next_held();
}

MutableBytes CarrierReader::next_in_place() {
  if (unread_.size() >= kCarrierHeaderOctets) {
    if (!announce(unread_.data())) return {};
    const MutableBytes rest = unread_.subspan(kCarrierHeaderOctets);
    if (rest.size() >= announced_) {
      unread_ = rest.subspan(announced_);
      return rest.first(announced_);
    }
  }
  hold(kCarrierHeaderOctets + limits::kMaxPacketOctets);
  return {};
}

MutableBytes CarrierReader::next_held() {
  if (!hold(kCarrierHeaderOctets) || !announce(held_.data())) return {};
  if (!hold(kCarrierHeaderOctets + announced_)) return {};
  whole_.swap(held_);
  held_.clear();
  return MutableBytes(whole_).subspan(kCarrierHeaderOctets);
}

bool CarrierReader::announce(const std::uint8_t* header) {
  announced_ = load_u16(header);
  broken_ = announced_ == 0 || announced_ > limits::kMaxPacketOctets;
  return !broken_;
}

/// Moves unread octets behind those held until these are `wanted`; false where they do not suffice.
bool CarrierReader::hold(std::size_t wanted) {
  const std::size_t taken = std::min(wanted - std::min(wanted, held_.size()), unread_.size());
  held_.insert(held_.end(), unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(taken));
  unread_ = unread_.subspan(taken);
  return held_.size() >= wanted;
}

}  // namespace ringway::tmp
