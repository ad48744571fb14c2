#include "http/serializer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "http/name_set.h"
#include "http/syntax.h"

namespace ringway::http {

namespace {

/// Larger heads do not leave their memory behind.
constexpr std::size_t kKeptOctets = 64 * 1024;

/// Text of a head under way: one block per thread, which messages follow each other in.
class HeadText {
 public:
  HeadText() { text_.clear(); }
  HeadText(const HeadText&) = delete;
  HeadText& operator=(const HeadText&) = delete;
  ~HeadText() {
    if (text_.capacity() > kKeptOctets) std::string().swap(text_);
  }

  void add(std::string_view text) { text_.append(text); }
  void add_number(std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), end);
  }
  /// Nothing that could end the line, or a part of it, comes out of this.
  void add_visible(std::string_view text) {
    const std::size_t begin = text_.size();
    text_.append(text);
    if (is_visible(text)) return;
    const auto is_bad = [](char octet) { return octet <= 0x20 || octet == 0x7f; };
    std::replace_if(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(), is_bad, '_');
  }
  void add_field(std::string_view name, std::string_view value) {
    text_.append(name).append(": ").append(value).append("\r\n");
  }
  void add_length(std::uint64_t length) {
    text_.append("content-length: ");
    add_number(length);
    text_.append("\r\n");
  }
  void write_to(ByteQueue& out) const { out.append(std::string_view(text_)); }

 private:
  static thread_local std::string text_;
};

thread_local std::string HeadText::text_;

/// What the serializer says itself; two of them would be worse than either.
bool is_own_field(std::string_view name) {
  static constexpr NameSet kNames("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");
  return kNames.contains(name);
}

/// A field that would break the message is left out.
void add_fields(HeadText& text, const Fields& fields) {
  for (const Field field : fields) {
    if (is_own_field(field.name) || !is_token(field.name) || !is_field_value(field.value)) continue;
    text.add_field(field.name, field.value);
  }
}

void add_upgrade(HeadText& text, std::string_view protocol) {
  text.add_field("connection", "upgrade");
  if (is_field_value(protocol)) text.add_field("upgrade", protocol);
}

bool expects_content(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

void add_request_framing(HeadText& text, std::string_view method, const Content& content) {
  if (content.kind == Content::Kind::chunked) {
    text.add_field("transfer-encoding", "chunked");
  } else if (content.kind == Content::Kind::length) {
    text.add_length(content.length);
  } else if (expects_content(method)) {
    text.add_length(0);
  }
}

/// Whether such a response says its length: HEAD and 304 that of what they leave out (RFC 9110 §8.6).
bool says_length(int status, const Content& content) {
  if (content.kind == Content::Kind::length) return true;
  if (content.kind != Content::Kind::none || content.length == Content::kUnsaid) return false;
  return status != 304 || content.length > 0;
}

void add_response_framing(HeadText& text, int status, const Content& content) {
  if (status < 200 || status == 204) return;
  if (content.kind == Content::Kind::chunked) text.add_field("transfer-encoding", "chunked");
  if (says_length(status, content)) text.add_length(content.length);
}

}  // namespace

void write_request_head(ByteQueue& out, const RequestHead& head, Content content) {
  HeadText text;
  text.add_visible(head.method);
  text.add(" ");
  text.add_visible(head.target);
  text.add(" HTTP/1.1\r\nhost: ");
  text.add_visible(head.authority);
  text.add("\r\n");
  add_fields(text, head.fields);
  if (head.expects_continue) text.add_field("expect", "100-continue");
  if (!head.upgrade.empty()) add_upgrade(text, head.upgrade);
  add_request_framing(text, head.method, content);
  text.add("\r\n");
  text.write_to(out);
}

void write_response_head(ByteQueue& out, const ResponseHead& head, Content content, std::string_view connection) {
  HeadText text;
  text.add("HTTP/1.1 ");
  text.add_number(static_cast<std::uint64_t>(std::clamp(head.status, 100, 999)));
  text.add(" ");
  text.add(is_field_value(head.reason) && !head.reason.empty() ? std::string_view(head.reason)
                                                               : reason_phrase(head.status));
  text.add("\r\n");
  add_fields(text, head.fields);
  if (head.status == 101) {
    add_upgrade(text, head.upgrade);
  } else if (!connection.empty()) {
    text.add_field("connection", connection);
  }
  add_response_framing(text, head.status, content);
  text.add("\r\n");
  text.write_to(out);
}

void write_chunk(ByteQueue& out, Slice data) {
  if (data.empty()) return;
  std::array<char, 20> line{};
  char* end = std::to_chars(line.data(), line.data() + line.size(), data.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(std::string_view(line.data(), static_cast<std::size_t>(end - line.data())));
  out.append(std::move(data));
  out.append("\r\n");
}

void write_last_chunk(ByteQueue& out, const Fields& trailers) {
  HeadText text;
  text.add("0\r\n");
  add_fields(text, trailers);
  text.add("\r\n");
  text.write_to(out);
}

}  // namespace ringway::http
