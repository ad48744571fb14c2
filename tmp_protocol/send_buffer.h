#pragma once
// What one stream sends: slices held by reference from the write until the acknowledgement, and what is known of each
// octet: unsent, in flight, lost (to be sent again) or acknowledged. FIN is kept like one more octet after the last.
// Bounds: in flight is bounded by the peer's flow control, unsent by the writer (limits::kStreamUnsentOctets).

#include <cstdint>
#include <vector>

#include "base/byte_queue.h"
#include "base/bytes.h"
#include "base/chunk.h"
#include "tmp_protocol/fin.h"
#include "tmp_protocol/interval_set.h"

namespace ringway::tmp {

/// What goes into one STREAM frame, and comes back with its acknowledgement or loss.
struct SendRange {
  std::uint64_t offset = 0;
  std::uint32_t octets = 0;
  Fin fin = Fin::absent;

  [[nodiscard]] std::uint64_t end() const { return offset + octets; }
};

class SendBuffer {
 public:
  /// Not after finish(). Small slices are copied together.
  void write(Slice data);
  void finish() { fin_ = FinState::unsent; }

  /// Whether a frame could leave now, where flow control lets new octets up to offset `limit` leave.
  [[nodiscard]] bool has_range(std::uint64_t limit) const;
  /// Takes what to send next as in flight: lost ranges first, then new octets below `limit`, at most `max` octets; FIN
  /// goes with the last. Only where has_range(limit).
  SendRange take(std::size_t max, std::uint64_t limit);
  /// The octets [offset, offset + out.size()), not yet acknowledged, for the packet.
  void copy_out(std::uint64_t offset, MutableBytes out) const;

  void on_acked(const SendRange& range);
  void on_lost(const SendRange& range);
  /// Forgets the content (RESET_STREAM); nothing is sent any more.
  void reset();

  /// Octets written in all: the final size once finished.
  [[nodiscard]] std::uint64_t written() const { return written_; }
  /// The first offset that never left: the final size when reset.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  /// Where the range begins that take() would give.
  [[nodiscard]] std::uint64_t next_offset() const { return lost_.empty() ? sent_ : lost_.front().begin; }
  [[nodiscard]] std::uint64_t unsent_octets() const { return written_ - sent_; }
  [[nodiscard]] std::uint64_t lost_octets() const { return lost_.total(); }
  /// What could leave under `limit`: lost octets and new ones.
  [[nodiscard]] std::uint64_t sendable_octets(std::uint64_t limit) const;
  [[nodiscard]] bool fin_lost() const { return fin_ == FinState::lost; }
  [[nodiscard]] bool finished() const { return fin_ != FinState::open; }
  /// FIN has left at least once.
  [[nodiscard]] bool fin_sent() const { return fin_ > FinState::unsent; }
  /// Everything, FIN included, is acknowledged.
  [[nodiscard]] bool all_acked() const { return fin_ == FinState::acked && acked_to_ == written_; }

 private:
  enum class FinState : std::uint8_t { open, unsent, in_flight, lost, acked };
  struct Piece {
    std::uint64_t offset;
    Slice slice;
  };

  [[nodiscard]] bool fin_due() const { return fin_ == FinState::unsent || fin_ == FinState::lost; }
  void write_copy(Bytes data);
  void add_piece(Slice data);
  [[nodiscard]] std::size_t find_piece(std::uint64_t offset) const;
  void release_acked();

  std::vector<Piece> pieces_;  // by rising offset, from head_ on
  std::size_t head_ = 0;
  Slice copies_;                     // what is left of the chunk that small writes are copied to
  std::uint8_t* copy_to_ = nullptr;  // its octets
  IntervalSet lost_;                 // declared lost, not taken again, not acknowledged since
  IntervalSet acked_;                // acknowledged above acked_to_
  std::uint64_t acked_to_ = 0;       // everything below is acknowledged
  std::uint64_t sent_ = 0;
  std::uint64_t written_ = 0;
  FinState fin_ = FinState::open;
};

}  // namespace ringway::tmp
