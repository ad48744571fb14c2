#pragma once
// Reads the frames of one packet, one after the other, without allocating:
//
//   FrameReader reader(frames);
//   while (reader.next()) switch (reader.type()) { case FrameType::stream: take(reader.stream()); ... }
//   if (reader.malformed()) close(CloseCode::frame, reader.fault());

#include <cassert>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "tmp_protocol/frame.h"
#include "tmp_protocol/varint.h"

namespace ringway::tmp {

class FrameReader {
 public:
  explicit FrameReader(Bytes frames) : rest_(frames) {}

  /// Reads the next frame. False at the end, and where it is malformed: then nothing of the packet should be believed.
  bool next();
  [[nodiscard]] bool malformed() const { return fault_ != nullptr; }
  /// What is wrong, for CLOSE's reason.
  [[nodiscard]] std::string_view fault() const { return fault_ == nullptr ? "" : fault_; }

  /// Runs of padding are one frame. Variants of ack and stream are told as `ack` and `stream`.
  [[nodiscard]] FrameType type() const { return type_; }

  // The content of the present frame; each only for its own types, as frame.h names them.
  [[nodiscard]] const AckHeader& ack() const { return content_.ack; }
  /// The ranges of the present ACK, well formed. Those beyond limits::kMaxAckRanges are left out.
  void ack_info(AckInfo& out) const;
  [[nodiscard]] const CryptoFrame& crypto() const { return content_.crypto; }
  [[nodiscard]] const CloseFrame& close() const { return content_.close; }
  [[nodiscard]] const GoawayFrame& goaway() const { return content_.goaway; }
  [[nodiscard]] const NewCookieFrame& new_cookie() const { return content_.new_cookie; }
  [[nodiscard]] const StreamFrame& stream() const { return content_.stream; }
  [[nodiscard]] const StreamOpenFrame& stream_open() const { return content_.stream_open; }
  [[nodiscard]] const ResetStreamFrame& reset_stream() const { return content_.reset_stream; }
  [[nodiscard]] const StopSendingFrame& stop_sending() const { return content_.stop_sending; }
  [[nodiscard]] const PriorityUpdateFrame& priority_update() const { return content_.priority_update; }
  [[nodiscard]] const LinkLimitFrame& link_limit() const { return content_.link_limit; }
  [[nodiscard]] const StreamLimitFrame& stream_limit() const { return content_.stream_limit; }
  [[nodiscard]] const PathProofFrame& path_proof() const { return content_.path_proof; }
  [[nodiscard]] const NewCidFrame& new_cid() const { return content_.new_cid; }
  [[nodiscard]] const RetireCidFrame& retire_cid() const { return content_.retire_cid; }
  [[nodiscard]] const PathStatusFrame& path_status() const { return content_.path_status; }
  [[nodiscard]] const DirectionQuality& link_quality() const { return content_.link_quality; }
  [[nodiscard]] const AckFrequencyFrame& ack_frequency() const { return content_.ack_frequency; }
  [[nodiscard]] const RepairFrame& repair() const { return content_.repair; }
  [[nodiscard]] const RecoveredFrame& recovered() const { return content_.recovered; }

 private:
  union Content {
    Content() : ack() {}
    AckHeader ack;
    CryptoFrame crypto;
    CloseFrame close;
    GoawayFrame goaway;
    NewCookieFrame new_cookie;
    StreamFrame stream;
    StreamOpenFrame stream_open;
    ResetStreamFrame reset_stream;
    StopSendingFrame stop_sending;
    PriorityUpdateFrame priority_update;
    LinkLimitFrame link_limit;
    StreamLimitFrame stream_limit;
    PathProofFrame path_proof;
    NewCidFrame new_cid;
    RetireCidFrame retire_cid;
    PathStatusFrame path_status;
    DirectionQuality link_quality;
    AckFrequencyFrame ack_frequency;
    RepairFrame repair;
    RecoveredFrame recovered;
  };

  bool read(std::uint64_t type);
  bool read_link_frame();
  bool read_ack(std::uint64_t type);
  bool read_crypto();
  bool read_close();
  bool read_new_cookie();
  bool read_stream(std::uint64_t type);
  bool read_stream_open();
  bool read_reset_stream();
  bool read_stop_sending();
  bool read_priority_update();
  bool read_stream_limit();
  bool read_path_proof();
  bool read_new_cid();
  bool read_retire_cid();
  bool read_path_status();
  bool read_link_quality();
  bool read_ack_frequency();
  bool read_repair();
  bool read_recovered();
  bool fail(const char* fault);

  FieldReader rest_;
  const char* fault_ = nullptr;
  FrameType type_ = FrameType::padding;
  Content content_;
  // Of the present ACK: checked by read_ack(), told by ack_info().
  Bytes ack_fields_;
  std::uint64_t ack_ranges_ = 0;
  std::uint64_t ack_delay_us_ = 0;
  EcnCounts ack_ecn_;
};

}  // namespace ringway::tmp
