#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "http/exchange_codec.h"
#include "http/exchange_record.h"
#include "http/field_block.h"
#include "http/link_coder.h"
#include "http/syntax.h"
#include "http/wire_text.h"

namespace ringway::http {

namespace {

/// From so much content on it is judged by how well it compressed.
constexpr std::uint64_t kJudgedOctets = 4096;
/// Kind, and a length of two octets: enough for what a chunk holds.
constexpr std::size_t kContentHeader = 3;
/// Up to here a copy costs less than a chunk for the header alone.
constexpr std::size_t kCopiedOctets = 2048;
constexpr std::size_t kKeptOctets = 64 * 1024;

/// A record that is made whole: its payload behind the room that kind and length may need. The text is one for a
/// thread, which records follow each other in.
class Record {
 public:
  explicit Record(RecordKind kind) : kind_(kind) { text_.assign(kHeaderRoom, '\0'); }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() {
    if (text_.capacity() > kKeptOctets) std::string().swap(text_);
  }

  std::string& payload() { return text_; }
  void write_to(ByteQueue& out) {
    const std::size_t length = text_.size() - kHeaderRoom;
    const std::size_t octets = varint_octets(length);
    const std::size_t begin = kHeaderRoom - octets - 1;
    text_[begin] = static_cast<char>(kind_);
    store_varint(reinterpret_cast<std::uint8_t*>(text_.data()) + begin + 1, length, octets);
    out.append(std::string_view(text_).substr(begin));
  }

 private:
  static constexpr std::size_t kHeaderRoom = 9;
  static thread_local std::string text_;
  RecordKind kind_;
};

thread_local std::string Record::text_;

void append_flags(std::string& out, unsigned flags, const Content& content) {
  flags |= static_cast<unsigned>(content.kind) << head_flags::kContentShift;
  if (content.length > 0) flags |= head_flags::kLength;
  out.push_back(static_cast<char>(flags));
  if (content.length > 0) append_varint(out, std::min(content.length, kMaxVarint));
}

void append_method(std::string& out, std::string_view method) {
  const auto* const at = std::find(kMethods.begin(), kMethods.end(), method);
  if (at != kMethods.end()) {
    out.push_back(static_cast<char>(at - kMethods.begin() + 1));
  } else {
    out.push_back('\0');
    append_text(out, method);
  }
}

void append_status(std::string& out, int status) {
  out.push_back(static_cast<char>(status >> 8));
  out.push_back(static_cast<char>(status & 0xff));
}

/// A reason worth its octets: neither the standard phrase, nor one that no message may hold.
std::string_view reason_of(const ResponseHead& head) {
  const bool usual = head.reason == reason_phrase(head.status) || !is_field_value(head.reason);
  return usual ? std::string_view() : std::string_view(head.reason);
}

/// `text` where it may stand in a record, else nothing: a name for the log is not worth the exchange.
std::string_view label(std::string_view text, std::size_t max_octets) {
  return text.size() <= max_octets && is_visible(text) ? text : std::string_view();
}

void append_content_header(std::uint8_t* at, RecordKind kind, std::size_t length) {
  at[0] = static_cast<std::uint8_t>(kind);
  store_varint(at + 1, length, kContentHeader - 1);
}

}  // namespace

class ExchangeWriter::Impl {
 public:
  void begin_content(const Fields& fields, const Content& content);
  void write_content(ByteQueue& out, Slice data);
  void end_content() { compressor_.reset(); }
  [[nodiscard]] std::uint64_t content_in() const { return content_in_; }
  [[nodiscard]] std::uint64_t content_out() const { return content_out_; }

 private:
  bool write_compressed(ByteQueue& out, const Slice& data);
  void write_plain(ByteQueue& out, Slice data);

  bool wants_compressor_ = false;               // until the first content
  std::optional<std::uint64_t> octets_;         // of all content, where it is known
  std::unique_ptr<LinkCompressor> compressor_;  // while content crosses compressed
  std::uint64_t content_in_ = 0;
  std::uint64_t content_out_ = 0;
};

void ExchangeWriter::Impl::begin_content(const Fields& fields, const Content& content) {
  wants_compressor_ = choose_coding(fields, content) == LinkCoding::zstd;
  if (content.kind == Content::Kind::length) octets_ = content.length;
}

/// Once content has crossed plain, for want of a compressor or because it gains nothing, all that follows does.
void ExchangeWriter::Impl::write_content(ByteQueue& out, Slice data) {
  if (data.empty()) return;
  if (std::exchange(wants_compressor_, false)) compressor_ = LinkCompressor::acquire(octets_);
  content_in_ += data.size();
  if (compressor_ != nullptr && write_compressed(out, data)) return;
  compressor_.reset();
  write_plain(out, std::move(data));
}

/// False where the data had better go as it is.
bool ExchangeWriter::Impl::write_compressed(ByteQueue& out, const Slice& data) {
  Chunk* const chunk = Chunk::make();
  Slice record(chunk, 0, kChunkOctets);
  const MutableBytes room(chunk->data() + kContentHeader, kChunkOctets - kContentHeader);
  const std::optional<std::size_t> octets = compressor_->compress(data.bytes(), room);
  if (!octets) return false;
  const std::uint64_t worthwhile = content_in_ - content_in_ / 16;
  if (content_in_ >= kJudgedOctets && content_out_ + *octets > worthwhile) return false;
  append_content_header(chunk->data(), RecordKind::content_zstd, *octets);
  record.truncate(kContentHeader + *octets);
  out.append(std::move(record));
  content_out_ += *octets;
  return true;
}

void ExchangeWriter::Impl::write_plain(ByteQueue& out, Slice data) {
  std::array<std::uint8_t, kContentHeader> header{};
  append_content_header(header.data(), RecordKind::content, data.size());
  out.append(Bytes(header));
  content_out_ += data.size();
  if (data.size() <= kCopiedOctets) {
    out.append(data.bytes());
  } else {
    out.append(std::move(data));
  }
}

ExchangeWriter::ExchangeWriter() : impl_(std::make_unique<Impl>()) {}
ExchangeWriter::~ExchangeWriter() = default;
ExchangeWriter::ExchangeWriter(ExchangeWriter&&) noexcept = default;
ExchangeWriter& ExchangeWriter::operator=(ExchangeWriter&&) noexcept = default;

void ExchangeWriter::request_head(ByteQueue& out, const RequestHead& head, Content content,
                                  const RequestContext& context) {
  Record record(RecordKind::request_head);
  std::string& text = record.payload();
  unsigned flags = head.minor_version > 0 ? head_flags::kMinorVersion : 0;
  if (head.scheme == "https") flags |= head_flags::kHttps;
  if (head.expects_continue) flags |= head_flags::kExpectsContinue;
  if (!head.upgrade.empty()) flags |= head_flags::kUpgrade;
  append_flags(text, flags, content);
  append_method(text, head.method);
  append_text(text, head.authority);
  append_text(text, head.target);
  if (!head.upgrade.empty()) append_text(text, head.upgrade);
  append_text(text, label(context.request_id, kMaxRequestIdOctets));
  append_field_block(text, head.fields);
  record.write_to(out);
  impl_->begin_content(head.fields, content);
}

void ExchangeWriter::interim_head(ByteQueue& out, const ResponseHead& head) {
  Record record(RecordKind::interim_head);
  std::string& text = record.payload();
  const std::string_view reason = reason_of(head);
  unsigned flags = head.minor_version > 0 ? head_flags::kMinorVersion : 0;
  if (!reason.empty()) flags |= head_flags::kReason;
  append_flags(text, flags, Content{});
  append_status(text, head.status);
  if (!reason.empty()) append_text(text, reason);
  append_field_block(text, head.fields);
  record.write_to(out);
}

void ExchangeWriter::response_head(ByteQueue& out, const ResponseHead& head, Content content,
                                   const ResponseContext& context) {
  Record record(RecordKind::response_head);
  std::string& text = record.payload();
  const std::string_view reason = reason_of(head);
  unsigned flags = head.minor_version > 0 ? head_flags::kMinorVersion : 0;
  if (context.from_gateway) flags |= head_flags::kFromGateway;
  if (!reason.empty()) flags |= head_flags::kReason;
  if (!head.upgrade.empty()) flags |= head_flags::kUpgrade;
  append_flags(text, flags, content);
  append_status(text, head.status);
  if (!reason.empty()) append_text(text, reason);
  if (!head.upgrade.empty()) append_text(text, head.upgrade);
  append_text(text, label(context.origin, kMaxOriginNameOctets));
  append_varint(text, context.queue_us);
  append_varint(text, context.origin_us);
  append_field_block(text, head.fields);
  record.write_to(out);
  impl_->begin_content(head.fields, content);
}

void ExchangeWriter::content(ByteQueue& out, Slice data) { impl_->write_content(out, std::move(data)); }

void ExchangeWriter::complete(ByteQueue& out, const Fields& trailers) {
  impl_->end_content();
  Record record(RecordKind::complete);
  append_field_block(record.payload(), trailers);
  record.write_to(out);
}

std::uint64_t ExchangeWriter::content_in() const { return impl_->content_in(); }

std::uint64_t ExchangeWriter::content_out() const { return impl_->content_out(); }

}  // namespace ringway::http
