#pragma once
// The streams of one link by id: a slab of them with an open-addressing index, so that finding one allocates nothing and
// a stream never moves. Knows which ids may be used: those of the peer below its limit, and none twice (RFC 9000 §2.1,
// §4.6). Closed ids are remembered by what is not closed: the open ones, and intervals of ids that were passed over.

#include <cstdint>
#include <memory>
#include <vector>

#include "tmp_protocol/id_index.h"
#include "tmp_protocol/interval_set.h"
#include "tmp_protocol/stream.h"
#include "tmp_protocol/stream_fault.h"
#include "tmp_protocol/stream_state.h"

namespace ringway::tmp {

class StreamTable {
 public:
  /// What an id that is not open stands for.
  enum class Standing : std::uint8_t { fresh, closed, beyond_limit, never_opened };

  /// `max_streams`: open at a time, made by the peer. `peer_max_streams`: what the peer allows at first.
  StreamTable(Initiator self, std::uint64_t max_streams, std::uint64_t peer_max_streams);
  ~StreamTable();
  StreamTable(const StreamTable&) = delete;
  StreamTable& operator=(const StreamTable&) = delete;

  [[nodiscard]] Stream* find(std::uint64_t id) const;
  [[nodiscard]] std::size_t size() const { return index_.size(); }

  /// A new stream of this end; null where the peer allows no more now.
  Stream* open(const StreamWindows& windows);
  /// What the peer's or our id stands for where find() has nothing.
  [[nodiscard]] Standing standing(std::uint64_t id) const;
  /// A new stream of the peer; its standing is fresh.
  Stream& accept(std::uint64_t id, const StreamWindows& windows);
  /// The stream is over: its id stays closed for ever, and the peer is owed one more where it was the peer's.
  void close(Stream& stream);

  /// MAX_STREAMS came in. True where the limit rose.
  bool raise_peer_limit(std::uint64_t max_streams);
  [[nodiscard]] std::uint64_t peer_limit() const { return peer_limit_; }
  /// Our streams opened so far.
  [[nodiscard]] std::uint64_t opened() const { return opened_; }
  /// New MAX_STREAMS credit is worth a frame.
  [[nodiscard]] bool credit_due() const;
  /// The limit to tell the peer now.
  std::uint64_t renew_credit();
  [[nodiscard]] std::uint64_t credit() const { return told_limit_; }
  [[nodiscard]] bool has_credit() const { return owed_limit_ > told_limit_; }

  /// Calls `visit(Stream&)` for each; `visit` may close that one.
  template <class Visit>
  void for_each(Visit visit);

 private:
  static constexpr std::size_t kBlockStreams = 32;
  struct Block;

  Initiator self_;
  std::uint64_t max_streams_;
  std::uint64_t peer_limit_;
  std::uint64_t opened_ = 0;
  std::uint64_t next_fresh_ = 0;  // the peer's streams from this number on were never seen
  IntervalSet passed_over_;       // numbers below next_fresh_ that were not seen yet
  std::uint64_t told_limit_;
  std::uint64_t owed_limit_;
  IdIndex index_;
};

}  // namespace ringway::tmp
