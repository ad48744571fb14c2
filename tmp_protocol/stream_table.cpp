#include "tmp_protocol/stream_table.h"

#include <algorithm>
#include <cassert>

namespace ringway::tmp {

StreamTable::StreamTable(Initiator self, std::uint64_t max_streams, std::uint64_t peer_max_streams)
    : self_(self),
      max_streams_(max_streams),
      peer_limit_(peer_max_streams),
      told_limit_(max_streams),
      earned_limit_(max_streams) {}

Stream* StreamTable::find(std::uint64_t id) const {
  const std::uint32_t slot = index_.find(id);
  return slot == IdIndex::kNone ? nullptr : &*at(slot);
}

StreamTable::Standing StreamTable::standing(std::uint64_t id) const {
  const std::uint64_t number = stream_number(id);
  if (initiator_of(id) == self_) return number < opened_ ? Standing::closed : Standing::never_opened;
  if (number >= told_limit_) return Standing::beyond_limit;
  return number >= next_fresh_ || passed_over_.contains(number) ? Standing::fresh : Standing::closed;
}

Stream* StreamTable::open(const StreamWindows& windows, Time now) {
  if (exhausted()) return nullptr;
  return &emplace(stream_id(self_, opened_++), Opening::due, windows, now);
}

Stream& StreamTable::accept(std::uint64_t id, const StreamWindows& windows, Time now) {
  assert(standing(id) == Standing::fresh);
  const std::uint64_t number = stream_number(id);
  if (number < next_fresh_) {
    passed_over_.remove({number, number + 1});
  } else {
    passed_over_.add({next_fresh_, number});
    next_fresh_ = number + 1;
  }
  return emplace(id, Opening::awaited, windows, now);
}

Stream& StreamTable::emplace(std::uint64_t id, Opening opening, const StreamWindows& windows, Time now) {
  if (free_.empty()) {
    // The lowest slots come first, so that the slab's first blocks fill up.
    const auto first = static_cast<std::uint32_t>(blocks_.size() * kBlockStreams);
    blocks_.push_back(std::make_unique<Block>());
    for (std::uint32_t i = kBlockStreams; i > 0; --i) free_.push_back(first + i - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  index_.insert(id, slot);
  return at(slot).emplace(id, opening, windows, now);
}

void StreamTable::close(Stream& stream) {
  const std::uint64_t id = stream.id();
  const std::uint32_t slot = index_.find(id);
  if (initiator_of(id) != self_) ++earned_limit_;
  index_.erase(id);
  at(slot).reset();
  free_.push_back(slot);
}

bool StreamTable::raise_peer_limit(std::uint64_t max_streams) {
  if (max_streams <= peer_limit_) return false;
  peer_limit_ = max_streams;
  return true;
}

}  // namespace ringway::tmp
