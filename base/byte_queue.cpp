#include "base/byte_queue.h"

#include <algorithm>

namespace ringway {

namespace {

/// Below this a copy costs less than holding a whole chunk for the slice.
constexpr std::size_t kCopyBelowOctets = 1024;

}  // namespace

void ByteQueue::append(Slice slice) {
  if (slice.empty()) return;
  if (slice.size() < kCopyBelowOctets) {
    append(slice.bytes());
    return;
  }
  size_ += slice.size();
  slices_.push_back(std::move(slice));
}

void ByteQueue::refer(Slice slice) {
  if (slice.empty()) return;
  size_ += slice.size();
  Slice* const tail = slices_.empty() ? nullptr : &slices_.back();
  if (tail != nullptr && tail->data() + tail->size() == slice.data()) {
    tail->size_ += static_cast<std::uint32_t>(slice.size());
  } else {
    slices_.push_back(std::move(slice));
  }
}

void ByteQueue::append(Bytes bytes) {
  bytes = bytes.subspan(append_to_tail(bytes));
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kChunkOctets);
    Chunk* chunk = Chunk::make();
    copy_bytes(bytes.first(count), chunk->data());
    slices_.emplace_back(chunk, 0, static_cast<std::uint32_t>(count));
    size_ += count;
    bytes = bytes.subspan(count);
  }
}

/// Fills up the last chunk where this queue alone holds it; returns the octets taken.
std::size_t ByteQueue::append_to_tail(Bytes bytes) {
  if (size_ == 0 || bytes.empty()) return 0;
  Slice& tail = slices_.back();
  if (!tail.chunk_->unique()) return 0;
  const std::size_t end = tail.offset_ + tail.size_;
  const std::size_t count = std::min(bytes.size(), kChunkOctets - end);
  copy_bytes(bytes.first(count), tail.chunk_->data() + end);
  tail.size_ += static_cast<std::uint32_t>(count);
  size_ += count;
  return count;
}

void ByteQueue::append(ByteQueue& other) {
  if (empty()) {
    swap(other);
    return;
  }
  for (std::size_t i = other.head_; i < other.slices_.size(); ++i) append(std::move(other.slices_[i]));
  other.clear();
}

Slice ByteQueue::pop_front(std::size_t max) {
  if (empty()) return {};
  Slice& first = slices_[head_];
  if (first.size() > max) {
    Slice result = first.part(0, max);
    first.remove_prefix(max);
    size_ -= max;
    return result;
  }
  Slice result = std::move(first);
  size_ -= result.size();
  drop_front();
  return result;
}

void ByteQueue::remove_prefix(std::size_t count) {
  size_ -= count;
  while (count > 0) {
    Slice& first = slices_[head_];
    if (first.size() > count) {
      first.remove_prefix(count);
      return;
    }
    count -= first.size();
    drop_front();
  }
}

/// The emptied front slice goes; the vector moves down once more than half of it is behind the head.
void ByteQueue::drop_front() {
  slices_[head_] = Slice();
  ++head_;
  if (head_ == slices_.size()) {
    slices_.clear();
    head_ = 0;
  } else if (head_ >= 32 && head_ * 2 >= slices_.size()) {
    slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

void ByteQueue::clear() {
  slices_.clear();
  head_ = 0;
  size_ = 0;
}

void ByteQueue::swap(ByteQueue& other) noexcept {
  slices_.swap(other.slices_);
  std::swap(head_, other.head_);
  std::swap(size_, other.size_);
}

void ByteQueue::copy_out(std::size_t offset, MutableBytes out) const {
  for (const Slice& slice : slices()) {
    if (out.empty()) return;
    if (offset >= slice.size()) {
      offset -= slice.size();
      continue;
    }
    const std::size_t count = std::min(slice.size() - offset, out.size());
    copy_bytes(slice.bytes().subspan(offset, count), out.data());
    out = out.subspan(count);
    offset = 0;
  }
}

std::string ByteQueue::text() const {
  std::string result;
  result.reserve(size_);
  for (const Slice& slice : slices()) result.append(as_text(slice.bytes()));
  return result;
}

}  // namespace ringway
