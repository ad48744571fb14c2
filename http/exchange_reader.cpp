#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "http/exchange_codec.h"
#include "http/exchange_head.h"
#include "http/exchange_record.h"
#include "http/field_block.h"
#include "http/link_coder.h"
#include "http/wire_text.h"

namespace ringway::http {

namespace {

/// A chunk with less room than this is not worth decoding into.
constexpr std::size_t kLeastRoom = 512;

/// How long the content must be, where the head says so.
std::optional<std::uint64_t> octets_of(const Content& content) {
  if (content.kind == Content::Kind::none) return 0;
  return content.kind == Content::Kind::length ? std::optional(content.length) : std::nullopt;
}

}  // namespace

/// Record by record; what a head or the trailers are made of is held until it is whole:
///
///     header ──head, complete──▶ held ──────▶ header
///     header ──content─────────▶ plain ─────▶ header
///     header ──content, zstd───▶ coded ─────▶ header
///     header ──unknown─────────▶ skipped ───▶ header
class ExchangeReader::Impl {
 public:
  Impl(Direction direction, ExchangeEvents& events) : events_(events), direction_(direction) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  Status feed(const Slice& data);
  [[nodiscard]] bool pending() const { return pending_; }
  [[nodiscard]] bool complete() const { return stage_ == Stage::complete; }
  [[nodiscard]] std::uint64_t content_in() const { return content_in_; }
  [[nodiscard]] std::uint64_t content_out() const { return content_out_; }

 private:
  enum class Stage : std::uint8_t { head, content, complete };
  enum class Place : std::uint8_t { header, held, plain, coded, skipped };

  // Each of these ends with at most one event, after which nothing of this is touched.
  Status step();
  Status read_header();
  Status begin_record(std::uint8_t kind, std::uint64_t octets);
  [[nodiscard]] bool is_due(RecordKind kind) const;
  Status read_held();
  Status read_plain();
  Status read_coded();
  Status give_content(Slice content);
  Status end_record(Bytes payload);
  Status end_request_head(Bytes payload);
  Status end_interim_head(Bytes payload);
  Status end_response_head(Bytes payload);
  Status end_message(Bytes payload);

  Slice take_payload();
  MutableBytes room_for_decoded();

  ExchangeEvents& events_;
  const Direction direction_;
  Stage stage_ = Stage::head;
  Place place_ = Place::header;
  RecordKind kind_ = RecordKind::request_head;
  std::uint8_t header_octets_ = 0;
  std::array<std::uint8_t, 9> header_{};
  std::uint64_t remaining_ = 0;  // of the record's payload
  std::string held_;             // the payload's beginning, where it came in parts

  Slice present_;      // being read
  ByteQueue waiting_;  // fed while `pending_`
  bool pending_ = false;

  std::unique_ptr<LinkDecompressor> decompressor_;
  bool draining_ = false;           // it may hold more than it had room for
  std::size_t budget_ = 0;          // octets that this feed may still decode
  Chunk* decoded_chunk_ = nullptr;  // being filled, and held by `decoded_`
  Slice decoded_;
  std::size_t decoded_octets_ = 0;  // of it, given away

  std::optional<std::uint64_t> announced_;  // octets of content, where the head says so
  std::uint64_t content_in_ = 0;
  std::uint64_t content_out_ = 0;
  unsigned interim_heads_ = 0;
  std::optional<Error> error_;
  bool* destroyed_ = nullptr;  // set while an event may destroy this
};

Status ExchangeReader::Impl::feed(const Slice& data) {
  if (error_) return *error_;
  if (present_.empty() && waiting_.empty()) {
    present_ = data;
  } else {
    waiting_.append(data);
  }
  bool destroyed = false;
  destroyed_ = &destroyed;
  budget_ = limits::kMaxDecodedPerFeed;
  pending_ = false;
  Status status;
  while (status && !pending_) {
    if (present_.empty()) present_ = waiting_.pop_front();
    if (present_.empty() && !draining_) break;
    status = step();
    if (destroyed) return status;
  }
  destroyed_ = nullptr;
  decoded_ = Slice();
  if (!status) error_ = status.error();
  return status;
}

Status ExchangeReader::Impl::step() {
  if (draining_) return read_coded();
  switch (place_) {
    case Place::header: return read_header();
    case Place::held: return read_held();
    case Place::plain: return read_plain();
    case Place::coded: return read_coded();
    case Place::skipped: break;
  }
  take_payload();
  return {};
}

/// A kind and a length; a record without payload is at its end with them.
Status ExchangeReader::Impl::read_header() {
  const std::size_t wanted = header_octets_ < 2 ? 2 : 1 + varint_octets_at(header_[1]);
  const std::size_t count = std::min(wanted - header_octets_, present_.size());
  copy_bytes(present_.bytes().first(count), header_.data() + header_octets_);
  present_.remove_prefix(count);
  header_octets_ = static_cast<std::uint8_t>(header_octets_ + count);
  if (header_octets_ < 2 || header_octets_ < 1 + varint_octets_at(header_[1])) return {};
  header_octets_ = 0;
  return begin_record(header_[0], load_varint(header_.data() + 1));
}

Status ExchangeReader::Impl::begin_record(std::uint8_t kind, std::uint64_t octets) {
  if (complete()) return link_error("a record after the last one");
  remaining_ = octets;
  if (kind >= kFirstIgnorableKind) {
    place_ = octets > 0 ? Place::skipped : Place::header;
    return {};
  }
  kind_ = static_cast<RecordKind>(kind);
  if (!is_due(kind_)) return link_error("a record of kind " + std::to_string(kind) + " out of its place");
  if (kind_ == RecordKind::content || kind_ == RecordKind::content_zstd) {
    if (kind_ == RecordKind::content) decompressor_.reset();
    place_ = octets == 0 ? Place::header : kind_ == RecordKind::content ? Place::plain : Place::coded;
    return {};
  }
  if (octets > limits::kMaxHeadRecordOctets) return link_error("a head or trailers that are too large");
  if (octets == 0) return end_record({});
  place_ = Place::held;
  return {};
}

bool ExchangeReader::Impl::is_due(RecordKind kind) const {
  switch (kind) {
    case RecordKind::request_head: return stage_ == Stage::head && direction_ == Direction::request;
    case RecordKind::interim_head:
    case RecordKind::response_head: return stage_ == Stage::head && direction_ == Direction::response;
    case RecordKind::content:
    case RecordKind::content_zstd:
    case RecordKind::complete: return stage_ == Stage::content;
  }
  return false;
}

/// What of the payload is here.
Slice ExchangeReader::Impl::take_payload() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, present_.size()));
  Slice payload = present_.part(0, count);
  present_.remove_prefix(count);
  remaining_ -= count;
  if (remaining_ == 0) place_ = Place::header;
  return payload;
}

Status ExchangeReader::Impl::read_held() {
  const Slice payload = take_payload();
  if (held_.empty() && remaining_ == 0) return end_record(payload.bytes());
  held_.append(as_text(payload.bytes()));
  if (remaining_ > 0) return {};
  const std::string whole = std::exchange(held_, {});
  return end_record(as_bytes(whole));
}

Status ExchangeReader::Impl::read_plain() {
  Slice payload = take_payload();
  content_in_ += payload.size();
  return give_content(std::move(payload));
}

Status ExchangeReader::Impl::read_coded() {
  if (budget_ == 0) {
    pending_ = true;
    return {};
  }
  if (decompressor_ == nullptr) decompressor_ = LinkDecompressor::acquire();
  if (decompressor_ == nullptr) return link_error("too many streams with compressed content at a time");
  // Content that is still inside the decoder belongs to a record that may have ended.
  const std::uint64_t payload = place_ == Place::coded ? remaining_ : 0;
  const Bytes in = present_.bytes().first(static_cast<std::size_t>(std::min<std::uint64_t>(payload, present_.size())));
  const MutableBytes room = room_for_decoded();
  const Result<CoderStep> step = decompressor_->decompress(in, room);
  if (!step) return step.error();
  if (step->taken == 0 && step->given == 0 && !in.empty()) return link_error("compressed content stands still");
  present_.remove_prefix(step->taken);
  remaining_ -= step->taken;
  if (place_ == Place::coded && remaining_ == 0) place_ = Place::header;
  draining_ = step->given == room.size();
  budget_ -= step->given;
  content_in_ += step->taken;
  if (step->given == 0) return {};
  Slice content = decoded_.part(decoded_octets_, step->given);
  decoded_octets_ += step->given;
  return give_content(std::move(content));
}

/// Small pieces share a chunk while one feed lasts.
MutableBytes ExchangeReader::Impl::room_for_decoded() {
  if (decoded_.empty() || kChunkOctets - decoded_octets_ < kLeastRoom) {
    decoded_chunk_ = Chunk::make();
    decoded_ = Slice(decoded_chunk_, 0, kChunkOctets);
    decoded_octets_ = 0;
  }
  const std::size_t octets = std::min(kChunkOctets - decoded_octets_, budget_);
  return {decoded_chunk_->data() + decoded_octets_, octets};
}

Status ExchangeReader::Impl::give_content(Slice content) {
  content_out_ += content.size();
  if (announced_ && content_out_ > *announced_) return link_error("more content than its head says");
  events_.on_exchange_content(std::move(content));
  return {};
}

Status ExchangeReader::Impl::end_record(Bytes payload) {
  switch (kind_) {
    case RecordKind::request_head: return end_request_head(payload);
    case RecordKind::interim_head: return end_interim_head(payload);
    case RecordKind::response_head: return end_response_head(payload);
    default: return end_message(payload);
  }
}

Status ExchangeReader::Impl::end_request_head(Bytes payload) {
  Result<ExchangeRequest> request = read_request_head(payload);
  if (!request) return request.error();
  stage_ = Stage::content;
  if (request->head.upgrade.empty()) announced_ = octets_of(request->content);
  events_.on_exchange_request(std::move(request->head), request->content, std::move(request->context));
  return {};
}

Status ExchangeReader::Impl::end_interim_head(Bytes payload) {
  if (++interim_heads_ > limits::kMaxInterimHeads) return link_error("too many interim responses");
  Result<ResponseHead> head = read_interim_head(payload);
  if (!head) return head.error();
  events_.on_exchange_interim(std::move(*head));
  return {};
}

Status ExchangeReader::Impl::end_response_head(Bytes payload) {
  Result<ExchangeResponse> response = read_response_head(payload);
  if (!response) return response.error();
  stage_ = Stage::content;
  if (response->head.status != 101) announced_ = octets_of(response->content);
  events_.on_exchange_response(std::move(response->head), response->content, std::move(response->context));
  return {};
}

Status ExchangeReader::Impl::end_message(Bytes payload) {
  const bool to_head = direction_ == Direction::response && content_out_ == 0;
  if (announced_ && content_out_ < *announced_ && !to_head) return link_error("less content than its head says");
  WireText in(payload);
  Fields trailers;
  if (Status status = read_field_block(in, trailers); !status) return status;
  stage_ = Stage::complete;
  decompressor_.reset();
  events_.on_exchange_complete(std::move(trailers));
  return {};
}

ExchangeReader::ExchangeReader(Direction direction, ExchangeEvents& events)
    : impl_(std::make_unique<Impl>(direction, events)) {}

ExchangeReader::~ExchangeReader() = default;

Status ExchangeReader::feed(const Slice& data) { return impl_->feed(data); }

bool ExchangeReader::pending() const { return impl_->pending(); }

bool ExchangeReader::complete() const { return impl_->complete(); }

std::uint64_t ExchangeReader::content_in() const { return impl_->content_in(); }

std::uint64_t ExchangeReader::content_out() const { return impl_->content_out(); }

}  // namespace ringway::http
