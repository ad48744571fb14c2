#include "base/chunk.h"

#include <vector>

namespace ringway {

namespace {

std::atomic<std::size_t> chunks_alive{0};

}  // namespace

/// One thread's spare chunks. Bounded, so that a burst does not stay for ever. What lies here is not touched: a spare
/// chunk has long left the caches, and a link that ran through it would wait for memory at every step.
struct ChunkFreeList {
  static constexpr std::size_t kMaxChunks = 1024;  // 8 MiB a thread

  ChunkFreeList() = default;
  ChunkFreeList(const ChunkFreeList&) = delete;
  ChunkFreeList& operator=(const ChunkFreeList&) = delete;
  ~ChunkFreeList() { clear(); }

  Chunk* take() {
    if (spare.empty()) return new Chunk;
    Chunk* chunk = spare.back();
    spare.pop_back();
    chunk->references_.store(1, std::memory_order_relaxed);
    return chunk;
  }

  void give(Chunk* chunk) {
    if (spare.size() == kMaxChunks) {
      delete chunk;
    } else {
      spare.push_back(chunk);
    }
  }

  void clear() {
    for (Chunk* chunk : spare) delete chunk;
    spare.clear();
  }

  std::vector<Chunk*> spare;
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
