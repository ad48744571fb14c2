#pragma once
// Writes frames into a packet's room. Each write is whole or not at all: false where there is no room for it.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "base/bytes.h"
#include "tmp_protocol/frame.h"
#include "tmp_protocol/varint.h"

namespace ringway::tmp {

class FrameWriter {
 public:
  explicit FrameWriter(MutableBytes room) : begin_(room.data()), at_(begin_), end_(begin_ + room.size()) {}

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] bool empty() const { return at_ == begin_; }
  [[nodiscard]] std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] Bytes written() const { return {begin_, size()}; }
  /// `octets` less room, until release_all().
  void hold_back(std::size_t octets) { held_back_ += octets, end_ -= octets; }
  void release_all() { end_ += std::exchange(held_back_, 0); }
  /// Takes back all behind the first `size` octets.
  void truncate(std::size_t size) { at_ = begin_ + size; }

  bool ping() { return bare(FrameType::ping); }
  bool immediate_ack() { return bare(FrameType::immediate_ack); }
  bool guarded() { return bare(FrameType::guarded); }
  /// As much padding as is given, at most room().
  void padding(std::size_t octets);
  /// Leaves out the lowest ranges where there is no room for all. False where not even the first fits.
  bool ack(std::uint64_t path, const AckInfo& ack);
  bool crypto(const CryptoFrame& frame);
  bool close(const CloseFrame& frame);
  bool goaway(const GoawayFrame& frame);
  bool new_cookie(const NewCookieFrame& frame);
  bool stream_open(StreamId id, const StreamOpening& opening);
  bool reset_stream(const ResetStreamFrame& frame);
  bool stop_sending(const StopSendingFrame& frame);
  bool priority_update(const PriorityUpdateFrame& frame);
  /// `type`: max_data, max_streams, data_blocked or streams_blocked.
  bool link_limit(FrameType type, std::uint64_t limit);
  /// `type`: max_stream_data or stream_data_blocked.
  bool stream_limit(FrameType type, const StreamLimitFrame& frame);
  /// `type`: path_challenge or path_response.
  bool path_proof(FrameType type, const PathChallengeData& data);
  bool new_cid(const NewCidFrame& frame);
  bool retire_cid(const RetireCidFrame& frame);
  bool path_status(const PathStatusFrame& frame);
  bool link_quality(const DirectionQuality& quality);
  bool ack_frequency(const AckFrequencyFrame& frame);
  bool repair(const RepairFrame& frame);
  bool recovered(const RecoveredFrame& frame);

  // STREAM frames are built in place, so that sub-packets of one stream can share a header:
  // begin_stream(), then add() as often as wanted, then end_stream().
  /// Octets of a STREAM frame besides its data, as begin_stream() writes it.
  static std::size_t stream_overhead(StreamId id, std::uint64_t offset) {
    return 3 + varint_octets(id) + (offset == 0 ? 0 : varint_octets(offset));
  }
  /// False where there is no room for the header and one octet of data, or none with `octets` 0.
  bool begin_stream(StreamId id, std::uint64_t offset, std::size_t least_octets = 1);
  /// The place for data: room() octets.
  [[nodiscard]] std::uint8_t* place() { return at_; }
  /// `octets` of data, at most room(), were put there.
  void advance(std::size_t octets) { at_ += octets; }
  void add(Bytes data) {
    copy_bytes(data, at_);
    at_ += data.size();
  }
  void end_stream(Fin fin);
  /// A whole one, for tests and small texts.
  bool stream(const StreamFrame& frame);

 private:
  bool bare(FrameType type);
  bool fields(FrameType type, std::initializer_list<std::uint64_t> values, Bytes tail = {});

  std::uint8_t* begin_;
  std::uint8_t* at_;
  std::uint8_t* end_;
  std::size_t held_back_ = 0;
  std::uint8_t* stream_type_ = nullptr;  // of the STREAM frame under construction
  std::uint8_t* stream_length_ = nullptr;
};

}  // namespace ringway::tmp
