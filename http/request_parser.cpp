#include <optional>
#include <utility>

#include "base/limits.h"
#include "http/content_reader.h"
#include "http/field_reader.h"
#include "http/head_rules.h"
#include "http/line_guard.h"
#include "http/parser.h"
#include "http/syntax.h"

namespace ringway::http {

/// One request:
///
///     blank ──octet──▶ method ──SP──▶ head ──▶ content ──▶ complete
///       └───CR, LF──▶ blank              └── nothing follows ──┘
///
/// llhttp knows a closed list of methods and has rules of its own for some. A gateway passes any on, so
/// the method is read here, and llhttp is told GET in its place.
class RequestParser::Impl {
 public:
  Impl(RequestEvents& events, const ParserLimits& limits)
      : events_(events), limits_(limits), reader_(FieldReader::Of::request) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  /// An event may destroy this; `destroyed` says so afterwards.
  std::size_t feed(const Slice& data, bool& destroyed);
  [[nodiscard]] bool blank() const { return place_ == Place::blank; }
  [[nodiscard]] bool complete() const { return place_ == Place::complete; }
  [[nodiscard]] const ParseError* error() const { return error_ ? &*error_ : nullptr; }
  void set_content_limit(std::uint64_t octets) {
    limits_.content_octets = octets;
    if (content_) content_->set_limit(octets);
  }

 private:
  enum class Place : std::uint8_t { blank, blank_lf, method, head, content, complete };

  void step(const Slice& data, std::size_t& offset);
  void read_blank(std::uint8_t octet, std::size_t& offset);
  void read_method(Bytes bytes, std::size_t& offset);
  void read_head(Bytes bytes, std::size_t& offset);
  void finish_head();
  void read_content(const Slice& data, std::size_t& offset);
  void complete_message();
  void fail(const Fault& fault) { error_ = ParseError{fault.status, std::string(fault.message)}; }

  RequestEvents& events_;
  ParserLimits limits_;
  FieldReader reader_;
  std::optional<LineGuard> guard_;
  std::optional<ContentReader> content_;
  std::optional<ParseError> error_;
  std::string method_;
  Place place_ = Place::blank;
  bool* destroyed_ = nullptr;  // set while an event may destroy this
};

std::size_t RequestParser::Impl::feed(const Slice& data, bool& destroyed) {
  destroyed_ = &destroyed;
  std::size_t offset = 0;
  while (offset < data.size() && !error_ && !complete()) {
    step(data, offset);
    if (destroyed) return offset;
  }
  destroyed_ = nullptr;
  return error_ ? data.size() : offset;
}

/// Ends with at most one event, after which nothing of this is touched.
void RequestParser::Impl::step(const Slice& data, std::size_t& offset) {
  switch (place_) {
    case Place::blank:
    case Place::blank_lf: return read_blank(data.bytes()[offset], offset);
    case Place::method: return read_method(data.bytes(), offset);
    case Place::head: return read_head(data.bytes(), offset);
    case Place::content: return read_content(data, offset);
    case Place::complete: return;
  }
}

/// Empty lines before a request are passed over (RFC 9112 §2.2).
void RequestParser::Impl::read_blank(std::uint8_t octet, std::size_t& offset) {
  if (place_ == Place::blank_lf) {
    if (octet != '\n') return fail({400, "CR without LF"});
    place_ = Place::blank;
  } else if (octet == '\r') {
    place_ = Place::blank_lf;
  } else {
    place_ = Place::method;
    return;
  }
  ++offset;
}

void RequestParser::Impl::read_method(Bytes bytes, std::size_t& offset) {
  for (; offset < bytes.size(); ++offset) {
    const char octet = static_cast<char>(bytes[offset]);
    if (octet == ' ' && !method_.empty()) {
      // Its target is what a proxy would tunnel to.
      if (method_ == "CONNECT") return fail({501, "CONNECT is not for a gateway"});
      reader_.read(as_bytes("GET"));
      guard_.emplace(LineGuard::Begin::request_target, limits_, method_.size());
      place_ = Place::head;
      return;
    }
    if (!is_token_octet(octet)) return fail({400, "the method is malformed"});
    if (method_.size() == limits::kMaxMethodOctets) return fail({501, "the method is too long"});
    method_.push_back(octet);
  }
}

void RequestParser::Impl::read_head(Bytes bytes, std::size_t& offset) {
  const std::size_t count = guard_->scan(bytes.subspan(offset));
  const Fault fault = reader_.read(bytes.subspan(offset, count));
  offset += count;
  // What llhttp says of a whole head comes after what the rules say of it.
  if (fault && !reader_.head_complete()) return fail(fault);
  if (guard_->fault()) return fail(guard_->fault());
  if (guard_->ended() != reader_.head_complete()) return fail({400, "the head is malformed"});
  if (guard_->ended()) finish_head();
}

void RequestParser::Impl::finish_head() {
  RequestHead head;
  head.method = std::move(method_);
  head.target = std::move(reader_.start_text());
  head.minor_version = reader_.minor_version();
  head.fields = std::exchange(reader_.fields(), {});
  Content content;
  if (const Fault fault = judge_request(head, content)) return fail(fault);
  if (reader_.is_chunked() != (content.kind == Content::Kind::chunked)) return fail({400, "the framing is unclear"});
  if (content.length > limits_.content_octets) return fail({413, "the content is too large"});
  content_.emplace(reader_, content, limits_);
  place_ = Place::content;

  bool& destroyed = *destroyed_;
  events_.on_request_head(std::move(head), content);
  if (destroyed) return;
  // The handler may have set another limit when it saw what the request is for.
  if (content.length > limits_.content_octets) return fail({413, "the content is too large"});
  if (content_->complete()) complete_message();
}

void RequestParser::Impl::read_content(const Slice& data, std::size_t& offset) {
  Slice content;
  switch (content_->read(data, offset, content)) {
    case ContentReader::Progress::more_wanted: return;
    case ContentReader::Progress::fault: return fail(content_->fault());
    case ContentReader::Progress::complete: return complete_message();
    case ContentReader::Progress::content: break;
  }
  bool& destroyed = *destroyed_;
  events_.on_request_content(std::move(content));
  if (!destroyed && content_->complete()) complete_message();
}

void RequestParser::Impl::complete_message() {
  place_ = Place::complete;
  events_.on_request_complete(content_->take_trailers());
}

RequestParser::RequestParser(RequestEvents& events, const ParserLimits& limits) : events_(events), limits_(limits) {}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(const Slice& data) {
  if (data.empty()) return 0;
  if (impl_ == nullptr) impl_ = std::make_unique<Impl>(events_, limits_);
  if (impl_->error() != nullptr) return 0;
  bool destroyed = false;
  const std::size_t taken = impl_->feed(data, destroyed);
  if (!destroyed && impl_->blank()) impl_.reset();
  return taken;
}

const ParseError* RequestParser::error() const { return impl_ == nullptr ? nullptr : impl_->error(); }

bool RequestParser::idle() const { return impl_ == nullptr; }

bool RequestParser::complete() const { return impl_ != nullptr && impl_->complete(); }

void RequestParser::next() {
  if (complete()) impl_.reset();
}

void RequestParser::set_content_limit(std::uint64_t octets) {
  limits_.content_octets = octets;
  if (impl_ != nullptr) impl_->set_content_limit(octets);
}

}  // namespace ringway::http
