#pragma once
// What one stream receives: octets in any order and any number of times in, each octet once and in order out.
// What is in order passes through; what is early is written where it will be read: into chunks that the readers are
// then given parts of. A chunk that is not full yet has a bit for each octet, so that memory is at most 9/8 of the
// flow-control window and two chunks, however small the pieces are, and as much as was received where they are not.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/byte_queue.h"
#include "base/bytes.h"
#include "base/chunk.h"
#include "tmp_protocol/fin.h"
#include "tmp_protocol/stream_fault.h"

namespace ringway::tmp {

class Reassembly {
 public:
  static constexpr std::size_t kBlockOctets = kChunkOctets;

  Reassembly();
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;
  ~Reassembly();

  /// Takes one STREAM frame and appends to `out` what is in order now. The caller has checked flow control.
  /// Fails where the frame and the known final size exclude each other (RFC 9000 §4.5).
  [[nodiscard]] StreamFault insert(std::uint64_t offset, Bytes data, Fin fin, ByteQueue& out);
  /// The final size that RESET_STREAM tells.
  [[nodiscard]] StreamFault set_final_size(std::uint64_t size);
  /// Drops what is kept and passes on nothing more; sizes are still checked.
  void discard();

  /// Octets passed on: the offset of the next.
  [[nodiscard]] std::uint64_t delivered() const { return next_; }
  /// One above the highest offset seen; what flow control counts.
  [[nodiscard]] std::uint64_t highest() const { return highest_; }
  [[nodiscard]] std::optional<std::uint64_t> final_size() const { return final_size_; }
  /// Every octet up to the final size was seen. Where discarded: the final size is known.
  [[nodiscard]] bool complete() const;
  [[nodiscard]] std::size_t held_memory_octets() const;

 private:
  class Block;

  void keep(std::uint64_t offset, Bytes data);
  void pass_on_kept(ByteQueue& out);
  [[nodiscard]] std::unique_ptr<Block>& block_of(std::uint64_t offset);
  void reach(std::uint64_t offset);

  // A ring of a power of two: the block with number n, offsets from n * kBlockOctets on, is at n modulo its size.
  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t blocks_held_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t highest_ = 0;
  std::optional<std::uint64_t> final_size_;
  bool discarding_ = false;
};

}  // namespace ringway::tmp
