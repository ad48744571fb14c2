#include "base/chunk.h"

#include <memory>

namespace ringway {

namespace {

std::atomic<std::size_t> chunks_alive{0};

}  // namespace

/// One thread's spare chunks. Bounded, so that a burst does not stay for ever.
struct ChunkFreeList {
  static constexpr std::size_t kMaxChunks = 1024;  // 8 MiB a thread

  ChunkFreeList() = default;
  ChunkFreeList(const ChunkFreeList&) = delete;
  ChunkFreeList& operator=(const ChunkFreeList&) = delete;
  ~ChunkFreeList() { clear(); }

  Chunk* take() {
    if (head == nullptr) return new Chunk;
    Chunk* chunk = std::exchange(head, head->next_free_);
    --count;
    chunk->references_.store(1, std::memory_order_relaxed);
    return chunk;
  }

  void give(Chunk* chunk) {
    if (count >= kMaxChunks) {
      delete chunk;
      return;
    }
    chunk->next_free_ = std::exchange(head, chunk);
    ++count;
  }

  void clear() {
    while (head != nullptr) delete std::exchange(head, head->next_free_);
    count = 0;
  }

  Chunk* head = nullptr;
  std::size_t count = 0;
};

namespace {

ChunkFreeList& free_list() {
  thread_local ChunkFreeList list;
  return list;
}

}  // namespace

Chunk* Chunk::make() {
  chunks_alive.fetch_add(1, std::memory_order_relaxed);
  return free_list().take();
}

std::size_t Chunk::alive() { return chunks_alive.load(std::memory_order_relaxed); }

void Chunk::trim() { free_list().clear(); }

void Chunk::release() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  chunks_alive.fetch_sub(1, std::memory_order_relaxed);
  free_list().give(this);
}

}  // namespace ringway
