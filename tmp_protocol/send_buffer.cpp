#include "tmp_protocol/send_buffer.h"

#include <algorithm>
#include <cassert>

namespace ringway::tmp {

namespace {

/// Below this a copy costs less than holding a whole chunk for the slice.
constexpr std::size_t kCopyBelowOctets = 1024;
constexpr std::size_t kCacheLineOctets = 64;

/// Asks for `octets` ahead of their use. They were read long ago, and the streams take turns: by the time this one's
/// comes again they are here, where else each turn would begin with a wait for memory.
void fetch_ahead(Bytes octets) {
  for (std::size_t at = 0; at < octets.size(); at += kCacheLineOctets) __builtin_prefetch(octets.data() + at);
}

}  // namespace

void SendBuffer::write(Slice data) {
  assert(fin_ == FinState::open);
  if (data.empty()) return;
  if (data.size() < kCopyBelowOctets) {
    write_copy(data.bytes());
    return;
  }
  add_piece(std::move(data));
}

/// Small writes fill one chunk after another, whatever large ones come between them: were each header to begin one of
/// its own, headers would take as much memory as the content.
void SendBuffer::write_copy(Bytes data) {
  while (!data.empty()) {
    if (copies_.empty()) {
      Chunk* const chunk = Chunk::make();
      copies_ = Slice(chunk, 0, kChunkOctets);
      copy_to_ = chunk->data();
    }
    const std::size_t count = std::min(data.size(), copies_.size());
    copy_bytes(data.first(count), copy_to_);
    add_piece(copies_.part(0, count));
    copies_.remove_prefix(count);
    copy_to_ += count;
    data = data.subspan(count);
  }
}

void SendBuffer::add_piece(Slice data) {
  const std::size_t octets = data.size();
  Slice* const last = head_ < pieces_.size() ? &pieces_.back().slice : nullptr;
  if (last != nullptr && last->data() + last->size() == data.data()) {
    last->truncate(last->size() + octets);  // it goes on in the same chunk
  } else {
    pieces_.push_back({written_, std::move(data)});
  }
  written_ += octets;
}

bool SendBuffer::has_range(std::uint64_t limit) const {
  return sendable_octets(limit) > 0 || (fin_due() && sent_ == written_);
}

std::uint64_t SendBuffer::sendable_octets(std::uint64_t limit) const {
  const std::uint64_t end = std::min(written_, limit);
  return lost_.total() + (end > sent_ ? end - sent_ : 0);
}

SendRange SendBuffer::take(std::size_t max, std::uint64_t limit) {
  SendRange range;
  if (!lost_.empty()) {
    const Interval again = lost_.take_front(max);
    range = {again.begin, static_cast<std::uint32_t>(again.size()), Fin::absent};
  } else {
    const std::uint64_t end = std::min({written_, std::max(limit, sent_), sent_ + max});
    range = {sent_, static_cast<std::uint32_t>(end - sent_), Fin::absent};
    sent_ = end;
  }
  if (fin_due() && range.end() == written_) {
    range.fin = Fin::present;
    fin_ = FinState::in_flight;
  }
  return range;
}

std::size_t SendBuffer::find_piece(std::uint64_t offset) const {
  const auto first = pieces_.begin() + static_cast<std::ptrdiff_t>(head_);
  const auto after = std::upper_bound(first, pieces_.end(), offset,
                                      [](std::uint64_t at, const Piece& piece) { return at < piece.offset; });
  return static_cast<std::size_t>(after - pieces_.begin()) - 1;
}

void SendBuffer::copy_out(std::uint64_t offset, MutableBytes out) const {
  if (out.empty()) return;
  for (std::size_t i = find_piece(offset); !out.empty(); ++i) {
    const Piece& piece = pieces_[i];
    const auto skip = static_cast<std::size_t>(offset - piece.offset);
    const std::size_t count = std::min(piece.slice.size() - skip, out.size());
    const Bytes rest = piece.slice.bytes().subspan(skip);
    copy_bytes(rest.first(count), out.data());
    fetch_ahead(rest.subspan(count, std::min(count, rest.size() - count)));
    out = out.subspan(count);
    offset += count;
  }
}

void SendBuffer::on_acked(const SendRange& range) {
  if (range.fin == Fin::present) fin_ = FinState::acked;
  lost_.remove({range.offset, range.end()});
  if (range.offset > acked_to_) {
    acked_.add({range.offset, range.end()});
    return;
  }
  acked_to_ = std::max(acked_to_, range.end());
  while (!acked_.empty() && acked_.front().begin <= acked_to_) {
    acked_to_ = std::max(acked_to_, acked_.front().end);
    acked_.take_front(UINT64_MAX);
  }
  release_acked();
}

/// The chunks below acked_to_ go; those that are acknowledged above it wait for their turn.
void SendBuffer::release_acked() {
  while (head_ < pieces_.size() && pieces_[head_].offset + pieces_[head_].slice.size() <= acked_to_) {
    pieces_[head_++].slice = Slice();
  }
  if (head_ == pieces_.size()) {
    pieces_.clear();
    head_ = 0;
    copies_ = Slice();
  } else if (head_ >= 32 && head_ * 2 >= pieces_.size()) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

void SendBuffer::on_lost(const SendRange& range) {
  if (range.fin == Fin::present && fin_ == FinState::in_flight) fin_ = FinState::lost;
  lost_.add_except({std::max(range.offset, acked_to_), std::max(range.end(), acked_to_)}, acked_);
}

void SendBuffer::reset() {
  pieces_.clear();
  pieces_.shrink_to_fit();
  head_ = 0;
  copies_ = Slice();
  lost_.clear();
  acked_.clear();
  written_ = acked_to_ = sent_;
  fin_ = FinState::acked;
}

}  // namespace ringway::tmp
