#include <optional>
#include <utility>

#include "base/limits.h"
#include "http/content_reader.h"
#include "http/field_reader.h"
#include "http/head_rules.h"
#include "http/line_guard.h"
#include "http/parser.h"

namespace ringway::http {

/// The response to one request, its interim responses before it:
///
///     head ──1xx──▶ head ──▶ content ──▶ complete
///       └──101, or nothing follows──────────┘
class ResponseParser::Impl {
 public:
  Impl(ResponseEvents& events, const ParserLimits& limits, std::string_view method)
      : events_(events), limits_(limits), method_(method) {
    begin_head();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  std::size_t feed(const Slice& data);
  void finish();
  [[nodiscard]] bool begun() const { return begun_; }
  [[nodiscard]] bool complete() const { return place_ == Place::complete; }
  [[nodiscard]] const ParseError* error() const { return error_ ? &*error_ : nullptr; }

 private:
  enum class Place : std::uint8_t { head, content, complete };

  void begin_head();
  void read_head(Bytes bytes, std::size_t& offset);
  void finish_head();
  void interim_head(ResponseHead head);
  void final_head(ResponseHead head, const Content& content);
  void read_content(const Slice& data, std::size_t& offset);
  void complete_message();
  /// Whatever an origin does wrong, the client's answer is the same.
  void fail(std::string_view message) { error_ = ParseError{502, std::string(message)}; }

  ResponseEvents& events_;
  ParserLimits limits_;
  std::string method_;
  std::optional<FieldReader> reader_;
  std::optional<LineGuard> guard_;
  std::optional<ContentReader> content_;
  std::optional<ParseError> error_;
  unsigned interim_heads_ = 0;
  Place place_ = Place::head;
  bool begun_ = false;
  bool* destroyed_ = nullptr;  // set while an event may destroy this
};

void ResponseParser::Impl::begin_head() {
  reader_.emplace(FieldReader::Of::response);
  guard_.emplace(LineGuard::Begin::status_line, limits_, 0);
}

std::size_t ResponseParser::Impl::feed(const Slice& data) {
  bool destroyed = false;
  destroyed_ = &destroyed;
  begun_ = begun_ || !data.empty();
  std::size_t offset = 0;
  while (offset < data.size() && !error_ && !complete()) {
    if (place_ == Place::head) {
      read_head(data.bytes(), offset);
    } else {
      read_content(data, offset);
    }
    if (destroyed) return offset;
  }
  destroyed_ = nullptr;
  return error_ ? data.size() : offset;
}

void ResponseParser::Impl::read_head(Bytes bytes, std::size_t& offset) {
  // llhttp would pass over empty lines.
  if (guard_->octets() == 0 && bytes[offset] != 'H') return fail("this is no HTTP");
  const std::size_t count = guard_->scan(bytes.subspan(offset));
  const Fault fault = reader_->read(bytes.subspan(offset, count));
  offset += count;
  if (fault && !reader_->head_complete()) return fail(fault.message);
  if (guard_->fault()) return fail(guard_->fault().message);
  if (guard_->ended() != reader_->head_complete()) return fail("the head is malformed");
  if (guard_->ended()) finish_head();
}

void ResponseParser::Impl::finish_head() {
  if (reader_->major_version() != 1) return fail("a version of HTTP other than 1.0 and 1.1");
  if (reader_->status() < 100) return fail("the status is malformed");
  ResponseHead head;
  head.status = reader_->status();
  head.reason = std::move(reader_->start_text());
  head.minor_version = reader_->minor_version();
  head.fields = std::exchange(reader_->fields(), {});
  Content content;
  if (const Fault fault = judge_response(head, method_, content)) return fail(fault.message);
  if (content.kind == Content::Kind::chunked && !reader_->is_chunked()) return fail("the framing is unclear");
  if (content.kind == Content::Kind::length && content.length > limits_.content_octets) {
    return fail("the content is too large");
  }
  if (head.status < 200 && head.status != 101) {
    interim_head(std::move(head));
  } else {
    final_head(std::move(head), content);
  }
}

void ResponseParser::Impl::interim_head(ResponseHead head) {
  if (++interim_heads_ > limits::kMaxInterimHeads) return fail("too many interim responses");
  begin_head();
  events_.on_interim_head(std::move(head));
}

void ResponseParser::Impl::final_head(ResponseHead head, const Content& content) {
  content_.emplace(*reader_, content, limits_);
  const bool switched = head.status == 101;
  place_ = switched ? Place::complete : Place::content;
  bool& destroyed = *destroyed_;
  events_.on_response_head(std::move(head), content);
  if (!destroyed && !switched && content_->complete()) complete_message();
}

void ResponseParser::Impl::read_content(const Slice& data, std::size_t& offset) {
  Slice content;
  switch (content_->read(data, offset, content)) {
    case ContentReader::Progress::more_wanted: return;
    case ContentReader::Progress::fault: return fail(content_->fault().message);
    case ContentReader::Progress::complete: return complete_message();
    case ContentReader::Progress::content: break;
  }
  bool& destroyed = *destroyed_;
  events_.on_response_content(std::move(content));
  if (!destroyed && content_->complete()) complete_message();
}

void ResponseParser::Impl::complete_message() {
  place_ = Place::complete;
  events_.on_response_complete(content_->take_trailers());
}

void ResponseParser::Impl::finish() {
  if (complete() || error_) return;
  if (place_ == Place::head) return fail(begun_ ? "closed inside the head" : "closed before any octet of a response");
  if (!content_->lasts_until_close()) return fail("closed inside the content");
  complete_message();
}

ResponseParser::ResponseParser(ResponseEvents& events, const ParserLimits& limits) : events_(events), limits_(limits) {}

ResponseParser::~ResponseParser() = default;

void ResponseParser::begin(std::string_view method) { impl_ = std::make_unique<Impl>(events_, limits_, method); }

std::size_t ResponseParser::feed(const Slice& data) {
  if (impl_ == nullptr || impl_->error() != nullptr) return 0;
  return impl_->feed(data);
}

void ResponseParser::finish() {
  if (impl_ != nullptr) impl_->finish();
}

const ParseError* ResponseParser::error() const { return impl_ == nullptr ? nullptr : impl_->error(); }

bool ResponseParser::complete() const { return impl_ != nullptr && impl_->complete(); }

bool ResponseParser::begun() const { return impl_ != nullptr && impl_->begun(); }

}  // namespace ringway::http
