#pragma once
// Octets waiting in order: what was read and not yet passed on. Owns its slices; one thread at a time.

#include <string>
#include <string_view>
#include <vector>

#include "base/chunk.h"

namespace ringway {

class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;
  ByteQueue(ByteQueue&& other) noexcept { swap(other); }
  ByteQueue& operator=(ByteQueue&& other) noexcept {
    clear();
    swap(other);
    return *this;
  }
  ~ByteQueue() = default;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// By reference; small slices are copied behind the last one where it has room, so that a queue
  /// of many small writes does not hold one chunk each.
  void append(Slice slice);
  /// By reference whatever its size, joined to the last slice where it goes on in the same chunk: for slices that come
  /// one after the other out of chunks that are read to their ends.
  void refer(Slice slice);
  /// Copies.
  void append(Bytes bytes);
  void append(std::string_view text) { append(as_bytes(text)); }
  /// Takes all of `other`, which is left empty.
  void append(ByteQueue& other);

  /// The first slice; the queue is not empty.
  [[nodiscard]] const Slice& front() const { return slices_[head_]; }
  /// Takes the first slice, at most `max` octets of it. Empty where the queue is.
  Slice pop_front(std::size_t max = SIZE_MAX);
  /// Drops `count` octets, at most size().
  void remove_prefix(std::size_t count);
  void clear();
  void swap(ByteQueue& other) noexcept;

  /// Copies [offset, offset + out.size()) to `out`; the range lies inside the queue.
  void copy_out(std::size_t offset, MutableBytes out) const;
  /// All of it, for tests and small texts.
  [[nodiscard]] std::string text() const;

  /// The slices in order, none of them empty; for gathering writes.
  [[nodiscard]] std::span<const Slice> slices() const { return std::span(slices_).subspan(head_); }

 private:
  std::size_t append_to_tail(Bytes bytes);

  void drop_front();

  // A vector and a head: an empty queue allocates nothing, and idle connections have several.
  std::vector<Slice> slices_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ringway
