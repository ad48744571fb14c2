#include "tmp_protocol/reassembly.h"

#include <algorithm>
#include <bit>

namespace ringway::tmp {

namespace {

constexpr std::size_t kWordBits = 64;
/// A ring of at most so many blocks is kept while it is empty.
constexpr std::size_t kIdleBlocks = 64;

using Words = std::array<std::uint64_t, Reassembly::kBlockOctets / kWordBits>;

void set_bits(Words& words, std::size_t from, std::size_t count) {
  while (count > 0) {
    const std::size_t bit = from % kWordBits;
    const std::size_t here = std::min(count, kWordBits - bit);
    words[from / kWordBits] |= (here == kWordBits ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1) << bit;
    from += here;
    count -= here;
  }
}

/// How many bits are set without a gap from `from` on.
std::size_t count_set(const Words& words, std::size_t from) {
  std::size_t at = from;
  while (at < Reassembly::kBlockOctets) {
    const std::size_t bit = at % kWordBits;
    const auto ones = static_cast<std::size_t>(std::countr_one(words[at / kWordBits] >> bit));
    at += ones;
    if (ones < kWordBits - bit) break;
  }
  return at - from;
}

}  // namespace

StreamFault Reassembly::insert(std::uint64_t offset, Bytes data, Fin fin, ByteQueue& out) {
  const std::uint64_t end = offset + data.size();
  if (final_size_ && end > *final_size_) return StreamFault::final_size;
  if (fin == Fin::present) {
    const StreamFault fault = set_final_size(end);
    if (fault != StreamFault::none) return fault;
  }
  highest_ = std::max(highest_, end);
  if (discarding_ || end <= next_) return StreamFault::none;
  if (offset > next_) {
    keep(offset, data);
    return StreamFault::none;
  }
  out.append(data.subspan(static_cast<std::size_t>(next_ - offset)));
  const std::uint64_t before = std::exchange(next_, end);
  if (blocks_held_ == 0) return StreamFault::none;
  drop_blocks(before / kBlockOctets, next_ / kBlockOctets);
  pass_on_kept(out);
  return StreamFault::none;
}

StreamFault Reassembly::set_final_size(std::uint64_t size) {
  if (final_size_ ? *final_size_ != size : size < highest_) return StreamFault::final_size;
  final_size_ = size;
  highest_ = size;
  return StreamFault::none;
}

bool Reassembly::complete() const { return final_size_ && (discarding_ || next_ == *final_size_); }

void Reassembly::discard() {
  discarding_ = true;
  decltype(blocks_)().swap(blocks_);
  blocks_held_ = 0;
}

std::size_t Reassembly::held_memory_octets() const {
  return blocks_held_ * sizeof(Block) + blocks_.capacity() * sizeof(blocks_[0]);
}

std::unique_ptr<Reassembly::Block>& Reassembly::block_of(std::uint64_t offset) {
  return blocks_[static_cast<std::size_t>(offset / kBlockOctets) & (blocks_.size() - 1)];
}

/// Makes the ring wide enough for the block of `offset`.
void Reassembly::reach(std::uint64_t offset) {
  const std::uint64_t first = next_ / kBlockOctets;
  const std::size_t wanted = std::bit_ceil(static_cast<std::size_t>(offset / kBlockOctets - first) + 1);
  if (wanted <= blocks_.size()) return;
  std::vector<std::unique_ptr<Block>> wider(wanted);
  for (std::uint64_t number = first; number < first + blocks_.size(); ++number) {
    wider[static_cast<std::size_t>(number) & (wanted - 1)] = std::move(block_of(number * kBlockOctets));
  }
  blocks_ = std::move(wider);
}

void Reassembly::keep(std::uint64_t offset, Bytes data) {
  if (data.empty()) return;
  reach(offset + data.size() - 1);
  while (!data.empty()) {
    std::unique_ptr<Block>& block = block_of(offset);
    if (block == nullptr) {
      block.reset(new Block);  // its octets need no zeros
      ++blocks_held_;
    }
    const auto at = static_cast<std::size_t>(offset % kBlockOctets);
    const std::size_t count = std::min(data.size(), kBlockOctets - at);
    copy_bytes(data.first(count), block->octets.data() + at);
    set_bits(block->present, at, count);
    data = data.subspan(count);
    offset += count;
  }
}

void Reassembly::pass_on_kept(ByteQueue& out) {
  while (blocks_held_ > 0) {
    std::unique_ptr<Block>& block = block_of(next_);
    if (block == nullptr) return;
    const auto at = static_cast<std::size_t>(next_ % kBlockOctets);
    const std::size_t count = count_set(block->present, at);
    out.append(Bytes(block->octets).subspan(at, count));
    next_ += count;
    if (at + count < kBlockOctets) {
      if (next_ == highest_) drop_blocks(next_ / kBlockOctets, next_ / kBlockOctets + 1);
      return;
    }
    block.reset();
    --blocks_held_;
  }
  if (blocks_.size() > kIdleBlocks) decltype(blocks_)().swap(blocks_);
}

/// Blocks first up to, without, last: all of them was passed on.
void Reassembly::drop_blocks(std::uint64_t first, std::uint64_t last) {
  const std::uint64_t count = std::min<std::uint64_t>(last - first, blocks_.size());
  for (std::uint64_t number = first; number < first + count; ++number) {
    std::unique_ptr<Block>& block = block_of(number * kBlockOctets);
    if (block == nullptr) continue;
    block.reset();
    --blocks_held_;
  }
}

}  // namespace ringway::tmp
