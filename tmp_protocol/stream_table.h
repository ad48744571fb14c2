#pragma once
// The streams of one link by id: a slab of them with an open-addressing index, so that finding one allocates nothing
// and a stream never moves. Knows which ids may be used: those of the peer below its limit, and none twice (RFC 9000
// §2.1, §4.6). Closed ids are remembered by what is not closed: the open ones, and intervals of ids that were passed
// over; at most as many intervals as streams are allowed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tmp_protocol/id_index.h"
#include "tmp_protocol/interval_set.h"
#include "tmp_protocol/stream.h"
#include "tmp_protocol/stream_state.h"

namespace ringway::tmp {

class StreamTable {
 public:
  /// What an id stands for that find() does not know.
  enum class Standing : std::uint8_t {
    fresh,         // of the peer, may be opened
    beyond_limit,  // of the peer, may not be opened yet
    closed,        // was open once
    never_opened,  // ours, and we did not open it
  };

  /// `max_streams`: open at a time, made by the peer. `peer_max_streams`: what the peer allows at first.
  StreamTable(Initiator self, std::uint64_t max_streams, std::uint64_t peer_max_streams);
  StreamTable(const StreamTable&) = delete;
  StreamTable& operator=(const StreamTable&) = delete;

  [[nodiscard]] Initiator self() const { return self_; }
  [[nodiscard]] Stream* find(std::uint64_t id) const;
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] Standing standing(std::uint64_t id) const;

  /// A new stream of this end; null where the peer allows no more now.
  Stream* open(const StreamWindows& windows, Time now);
  /// A new stream of the peer; its standing is fresh.
  Stream& accept(std::uint64_t id, const StreamWindows& windows, Time now);
  /// The stream is over and is destroyed: its id stays closed for ever, and the peer may open one more where it was
  /// its.
  void close(Stream& stream);

  /// MAX_STREAMS came in. True where the limit rose.
  bool raise_peer_limit(std::uint64_t max_streams);
  [[nodiscard]] std::uint64_t peer_limit() const { return peer_limit_; }
  [[nodiscard]] bool exhausted() const { return opened_ >= peer_limit_; }
  /// open() failed: whether STREAMS_BLOCKED is due; once for each limit.
  bool must_tell_blocked() { return std::exchange(told_blocked_, peer_limit_) != peer_limit_; }
  /// The peer could open no more at `limit` (STREAMS_BLOCKED).
  void on_peer_blocked(std::uint64_t limit) { peer_waits_ = peer_waits_ || limit >= told_limit_; }
  /// Enough streams were closed for a MAX_STREAMS frame, or any while the peer waits.
  [[nodiscard]] bool credit_due() const { return earned_limit_ - told_limit_ > (peer_waits_ ? 0 : max_streams_ / 4); }
  /// Gives the credit out.
  void renew_credit() {
    told_limit_ = earned_limit_;
    peer_waits_ = false;
  }
  /// The limit that the peer was told last.
  [[nodiscard]] std::uint64_t limit() const { return told_limit_; }

  /// Calls `visit(Stream&)` for each; it may close that one.
  template <class Visit>
  void for_each(Visit visit);

 private:
  static constexpr std::size_t kBlockStreams = 16;
  using Block = std::array<std::optional<Stream>, kBlockStreams>;

  [[nodiscard]] std::optional<Stream>& at(std::uint32_t slot) const {
    return (*blocks_[slot / kBlockStreams])[slot % kBlockStreams];
  }
  Stream& emplace(std::uint64_t id, Opening opening, const StreamWindows& windows, Time now);

  Initiator self_;
  std::uint64_t max_streams_;
  std::uint64_t peer_limit_;
  std::uint64_t told_blocked_ = UINT64_MAX;  // the limit that the last STREAMS_BLOCKED told
  std::uint64_t opened_ = 0;                 // ours
  std::uint64_t next_fresh_ = 0;             // the peer's streams from this number on were never seen
  IntervalSet passed_over_;                  // numbers below next_fresh_ that were not seen yet
  std::uint64_t told_limit_;
  std::uint64_t earned_limit_;  // told_limit_ and one for each stream of the peer closed since
  bool peer_waits_ = false;
  IdIndex index_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::uint32_t> free_;
};

template <class Visit>
void StreamTable::for_each(Visit visit) {
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    for (std::optional<Stream>& stream : *blocks_[block]) {
      if (stream) visit(*stream);
    }
  }
}

}  // namespace ringway::tmp
