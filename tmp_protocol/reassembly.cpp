#include "tmp_protocol/reassembly.h"

#include <algorithm>
#include <array>
#include <bit>

namespace ringway::tmp {

namespace {

constexpr std::size_t kWordBits = 64;
/// A ring of at most so many blocks is kept while it is empty.
constexpr std::size_t kIdleBlocks = 64;

/// A bit for each octet of a block.
using Words = std::array<std::uint64_t, (Reassembly::kBlockOctets + kWordBits - 1) / kWordBits>;

/// How many of them were not set before.
std::size_t set_bits(Words& words, std::size_t from, std::size_t count) {
  std::size_t fresh = 0;
  while (count > 0) {
    const std::size_t bit = from % kWordBits;
    const std::size_t here = std::min(count, kWordBits - bit);
    const std::uint64_t mask = (here == kWordBits ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1) << bit;
    std::uint64_t& word = words[from / kWordBits];
    fresh += static_cast<std::size_t>(std::popcount(mask & ~word));
    word |= mask;
    from += here;
    count -= here;
  }
  return fresh;
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

/// One chunk of the stream, as far as it is there.
class Reassembly::Block {
 public:
  [[nodiscard]] bool full() const { return missing_ == 0; }
  void write(std::size_t at, Bytes data) {
    if (full()) return;
    copy_bytes(data, chunk_->data() + at);
    missing_ -= set_bits(*present_, at, data.size());
    if (full()) present_.reset();
  }
  /// What is there from `at` on, without a gap.
  [[nodiscard]] Slice read(std::size_t at) const {
    return octets_.part(at, full() ? kBlockOctets - at : count_set(*present_, at));
  }
  [[nodiscard]] std::size_t memory_octets() const {
    return sizeof(Chunk) + sizeof *this + (present_ == nullptr ? 0 : sizeof(Words));
  }

 private:
  Chunk* chunk_ = Chunk::make();
  Slice octets_{chunk_, 0, kBlockOctets};  // owns it, together with the readers
  std::size_t missing_ = kBlockOctets;
  std::unique_ptr<Words> present_ = std::make_unique<Words>();  // until all are
};

Reassembly::Reassembly() = default;
Reassembly::~Reassembly() = default;

StreamFault Reassembly::insert(std::uint64_t offset, Bytes data, Fin fin, ByteQueue& out) {
  const std::uint64_t end = offset + data.size();
  if (final_size_ && end > *final_size_) return StreamFault::final_size;
  if (fin == Fin::present) {
    const StreamFault fault = set_final_size(end);
    if (fault != StreamFault::none) return fault;
  }
  highest_ = std::max(highest_, end);
  if (discarding_ || end <= next_) return StreamFault::none;
  // Readers may hold what is below next_ already: it must not be written again.
  if (offset < next_) data = data.subspan(static_cast<std::size_t>(next_ - offset));
  offset = end - data.size();
  if (offset == next_ && blocks_held_ == 0) {
    out.append(data);
    next_ = end;
    return StreamFault::none;
  }
  keep(offset, data);
  if (offset == next_) pass_on_kept(out);
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
  std::size_t octets = blocks_.capacity() * sizeof(blocks_[0]);
  for (const std::unique_ptr<Block>& block : blocks_) octets += block == nullptr ? 0 : block->memory_octets();
  return octets;
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
  reach(offset + data.size() - 1);
  while (!data.empty()) {
    std::unique_ptr<Block>& block = block_of(offset);
    if (block == nullptr) {
      block = std::make_unique<Block>();
      ++blocks_held_;
    }
    const auto at = static_cast<std::size_t>(offset % kBlockOctets);
    const std::size_t count = std::min(data.size(), kBlockOctets - at);
    block->write(at, data.first(count));
    data = data.subspan(count);
    offset += count;
  }
}

/// A block goes when it was read to its end, or all that there is of the stream was, since what follows may be in
/// order. What is left of one that was not full is copied: slow readers would hold many such.
void Reassembly::pass_on_kept(ByteQueue& out) {
  while (std::unique_ptr<Block>& block = block_of(next_)) {
    Slice octets = block->read(static_cast<std::size_t>(next_ % kBlockOctets));
    if (octets.empty()) return;
    next_ += octets.size();
    const bool goes = next_ % kBlockOctets == 0 || next_ == highest_;
    if (goes && !block->full()) {
      out.append(octets.bytes());
    } else {
      out.refer(std::move(octets));
    }
    if (!goes) return;
    block.reset();
    --blocks_held_;
  }
  if (blocks_held_ == 0 && blocks_.size() > kIdleBlocks) decltype(blocks_)().swap(blocks_);
}

}  // namespace ringway::tmp
