#pragma once
// The unit in which octets are held: fixed-size, counted chunks, and slices that refer to them.
// Each octet of a chunk is written once, before a slice names it, and never changed; slices of it may travel between
// threads.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace ringway {

/// Octets in one chunk; with its header it fills two pages.
inline constexpr std::size_t kChunkOctets = 8192 - 16;

class Chunk {
 public:
  /// A fresh chunk with one reference, from this thread's free list where it has one.
  static Chunk* make();
  /// Chunks alive in the whole process; what memory ceilings are compared with.
  static std::size_t alive();
  /// Gives this thread's free list back to the system.
  static void trim();

  [[nodiscard]] std::uint8_t* data() { return octets_; }
  void add_reference() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release();
  [[nodiscard]] bool unique() const { return references_.load(std::memory_order_acquire) == 1; }

 private:
  friend struct ChunkFreeList;
  Chunk() = default;
  std::atomic<std::uint32_t> references_{1};
  alignas(16) std::uint8_t octets_[kChunkOctets];
};

/// A part of a chunk, holding one reference to it. An empty slice holds none.
class Slice {
 public:
  Slice() = default;
  /// Takes over one reference to `chunk`.
  Slice(Chunk* chunk, std::uint32_t offset, std::uint32_t size) : chunk_(chunk), offset_(offset), size_(size) {}
  Slice(const Slice& other) : chunk_(other.chunk_), offset_(other.offset_), size_(other.size_) {
    if (chunk_ != nullptr) chunk_->add_reference();
  }
  Slice(Slice&& other) noexcept
      : chunk_(std::exchange(other.chunk_, nullptr)), offset_(other.offset_), size_(std::exchange(other.size_, 0)) {}
  Slice& operator=(Slice other) noexcept {
    swap(other);
    return *this;
  }
  ~Slice() {
    if (chunk_ != nullptr) chunk_->release();
  }

  void swap(Slice& other) noexcept {
    std::swap(chunk_, other.chunk_);
    std::swap(offset_, other.offset_);
    std::swap(size_, other.size_);
  }

  [[nodiscard]] const std::uint8_t* data() const { return chunk_ == nullptr ? nullptr : chunk_->data() + offset_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Bytes bytes() const { return {data(), size_}; }

  void remove_prefix(std::size_t count) {
    offset_ += static_cast<std::uint32_t>(count);
    size_ -= static_cast<std::uint32_t>(count);
  }
  void truncate(std::size_t size) { size_ = static_cast<std::uint32_t>(size); }
  /// The part [offset, offset + size), sharing the chunk.
  [[nodiscard]] Slice part(std::size_t offset, std::size_t size) const {
    Slice result(*this);
    result.offset_ += static_cast<std::uint32_t>(offset);
    result.size_ = static_cast<std::uint32_t>(size);
    return result;
  }

 private:
  friend class ByteQueue;
  Chunk* chunk_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace ringway
