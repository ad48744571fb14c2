#include "http/content_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.h"

namespace ringway::http {

namespace {

constexpr std::size_t kMaxSizeDigits = 16;

bool is_hex_digit(std::uint8_t octet) {
  return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'f') || (octet >= 'A' && octet <= 'F');
}

/// Fields that frame, route, authenticate or otherwise had to be known before the content (RFC 9110 §6.5.1).
bool is_forbidden_trailer(std::string_view name) {
  constexpr std::array<std::string_view, 41> kNames = {"age",
                                                       "authorization",
                                                       "cache-control",
                                                       "connection",
                                                       "content-encoding",
                                                       "content-length",
                                                       "content-range",
                                                       "content-type",
                                                       "cookie",
                                                       "date",
                                                       "expect",
                                                       "expires",
                                                       "forwarded",
                                                       "host",
                                                       "if-match",
                                                       "if-modified-since",
                                                       "if-none-match",
                                                       "if-range",
                                                       "if-unmodified-since",
                                                       "keep-alive",
                                                       "location",
                                                       "max-forwards",
                                                       "pragma",
                                                       "proxy-authenticate",
                                                       "proxy-authorization",
                                                       "proxy-connection",
                                                       "range",
                                                       "retry-after",
                                                       "set-cookie",
                                                       "te",
                                                       "trailer",
                                                       "transfer-encoding",
                                                       "upgrade",
                                                       "vary",
                                                       "via",
                                                       "warning",
                                                       "www-authenticate",
                                                       "x-forwarded-for",
                                                       "x-forwarded-host",
                                                       "x-forwarded-proto",
                                                       "x-real-ip"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

ContentReader::ContentReader(FieldReader& fields, const Content& content, const ParserLimits& limits)
    : fields_(fields),
      limits_(limits),
      place_(first_place(content)),
      remaining_(content.length),
      max_octets_(limits.content_octets) {}

ContentReader::Place ContentReader::first_place(const Content& content) {
  switch (content.kind) {
    case Content::Kind::none: return Place::complete;
    case Content::Kind::length: return content.length == 0 ? Place::complete : Place::length;
    case Content::Kind::chunked: return Place::size;
    case Content::Kind::until_close: return Place::until_close;
  }
  return Place::complete;
}

ContentReader::Progress ContentReader::read(const Slice& data, std::size_t& offset, Slice& content) {
  while (offset < data.size()) {
    switch (place_) {
      case Place::complete: return Progress::complete;
      case Place::until_close:
        content = data.part(offset, data.size() - offset);
        offset = data.size();
        return Progress::content;
      case Place::length:
        content = take(data, offset);
        if (remaining_ == 0) place_ = Place::complete;
        return Progress::content;
      case Place::data:
        content = take(data, offset);
        fields_.read(content.bytes());
        if (remaining_ == 0) place_ = Place::data_cr;
        return Progress::content;
      default: break;
    }
    const Progress progress = read_framing(data.bytes(), offset);
    if (progress != Progress::more_wanted) return progress;
  }
  return Progress::more_wanted;
}

Slice ContentReader::take(const Slice& data, std::size_t& offset) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, data.size() - offset));
  remaining_ -= count;
  return data.part(std::exchange(offset, offset + count), count);
}

/// Octets between the data of chunks: first this project's own look at them, then llhttp's.
ContentReader::Progress ContentReader::read_framing(Bytes bytes, std::size_t& offset) {
  if (place_ == Place::trailers) return read_trailers(bytes, offset);
  if (place_ == Place::extension) skip_extension(bytes, offset);
  const std::size_t begin = offset;
  bool right = !fault_;
  bool line_ended = false;
  while (right && !line_ended && offset < bytes.size() && place_ != Place::extension) {
    line_ended = place_ == Place::size_lf;
    right = step(bytes[offset]);
    if (right) ++offset;
  }
  const std::size_t semicolon = right && offset > begin && place_ == Place::extension ? 1 : 0;
  if (const Fault fault = fields_.read(bytes.subspan(begin, offset - begin - semicolon))) fault_ = fault;
  if (!fault_ && line_ended) end_of_size_line();
  return fault_ ? Progress::fault : Progress::more_wanted;
}

void ContentReader::skip_extension(Bytes bytes, std::size_t& offset) {
  for (; offset < bytes.size(); ++offset) {
    const std::uint8_t octet = bytes[offset];
    if (octet == '\r') {
      place_ = Place::size_cr;
      return;
    }
    const bool control = (octet < 0x20 && octet != '\t') || octet == 0x7f;
    if (control) {
      reject(400, "a control octet in a chunk's extension");
      return;
    }
    if (++extension_octets_ > limits::kMaxChunkExtensionOctets) {
      reject(400, "the chunks' extensions are too long");
      return;
    }
  }
}

bool ContentReader::step(std::uint8_t octet) {
  switch (place_) {
    case Place::size: return step_size(octet);
    case Place::size_cr: return expect(octet, '\r', Place::size_lf);
    case Place::size_lf: return octet == '\n' || reject(400, "CR without LF in a chunk's line");
    case Place::data_cr: return expect(octet, '\r', Place::data_lf);
    case Place::data_lf: return expect(octet, '\n', Place::size);
    default: return false;
  }
}

bool ContentReader::step_size(std::uint8_t octet) {
  if (is_hex_digit(octet)) return ++size_digits_ <= kMaxSizeDigits || reject(400, "a chunk's size is too large");
  const bool ends = octet == ';' || octet == '\r';
  if (!ends || size_digits_ == 0) return reject(400, "a chunk's size is malformed");
  place_ = octet == ';' ? Place::extension : Place::size_lf;
  return true;
}

bool ContentReader::expect(std::uint8_t octet, char wanted, Place next) {
  place_ = next;
  return octet == static_cast<std::uint8_t>(wanted) || reject(400, "no line end after a chunk's data");
}

/// llhttp has read the line: what it understood is the size.
bool ContentReader::end_of_size_line() {
  if (!fields_.take_chunk_header()) return reject(400, "a chunk's line is malformed");
  remaining_ = fields_.chunk_octets();
  size_digits_ = 0;
  if (remaining_ > max_octets_ || total_ > max_octets_ - remaining_) return reject(413, "the content is too large");
  total_ += remaining_;
  if (remaining_ > 0) {
    place_ = Place::data;
  } else {
    place_ = Place::trailers;
    trailers_.emplace(LineGuard::Begin::fields, limits_, 0);
  }
  return true;
}

ContentReader::Progress ContentReader::read_trailers(Bytes bytes, std::size_t& offset) {
  const std::size_t count = trailers_->scan(bytes.subspan(offset));
  const Fault fault = fields_.read(bytes.subspan(offset, count));
  offset += count;
  const bool same_end = trailers_->ended() == fields_.message_complete();
  fault_ = fault || !same_end ? Fault{400, "the trailers are malformed"} : trailers_->fault();
  if (fault_) return Progress::fault;
  if (!trailers_->ended()) return Progress::more_wanted;
  place_ = Place::complete;
  return Progress::complete;
}

bool ContentReader::reject(int status, std::string_view message) {
  fault_ = {status, message};
  return false;
}

Fields ContentReader::take_trailers() {
  if (!trailers_) return {};
  Fields trailers = std::exchange(fields_.fields(), {});
  trailers.remove_if([](const Field& field) { return is_forbidden_trailer(field.name); });
  return trailers;
}

}  // namespace ringway::http
