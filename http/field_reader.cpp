#include "http/field_reader.h"

#include <utility>

namespace ringway::http {

namespace {

/// Most heads of browsers fit; larger ones grow.
constexpr std::size_t kUsualFields = 16;
constexpr std::size_t kUsualOctets = 768;

Fault fault_of(llhttp_errno_t error) {
  switch (error) {
    case HPE_OK:
    case HPE_PAUSED_UPGRADE: return {};
    case HPE_INVALID_URL: return {400, "the target is malformed"};
    case HPE_INVALID_VERSION:
    case HPE_INVALID_CONSTANT: return {400, "the version is malformed"};
    case HPE_INVALID_STATUS: return {400, "the status is malformed"};
    case HPE_INVALID_HEADER_TOKEN: return {400, "a field's name or value holds an octet that may not stand there"};
    case HPE_UNEXPECTED_CONTENT_LENGTH: return {400, "Content-Length more than once, or with Transfer-Encoding"};
    case HPE_INVALID_CONTENT_LENGTH: return {400, "Content-Length is no number, or is too large"};
    case HPE_INVALID_TRANSFER_ENCODING: return {400, "chunked is not the last transfer coding"};
    case HPE_INVALID_CHUNK_SIZE: return {400, "a chunk's size is malformed"};
    default: return {400, "the message is malformed"};
  }
}

}  // namespace

struct FieldReader::Callbacks {
  static FieldReader& of(llhttp_t* llhttp) { return *static_cast<FieldReader*>(llhttp->data); }

  static int on_start_text(llhttp_t* llhttp, const char* at, std::size_t count) {
    of(llhttp).start_text_.append(at, count);
    return 0;
  }
  static int on_name(llhttp_t* llhttp, const char* at, std::size_t count) {
    of(llhttp).name_.append(at, count);
    return 0;
  }
  static int on_value(llhttp_t* llhttp, const char* at, std::size_t count) {
    of(llhttp).value_.append(at, count);
    return 0;
  }
  static int on_field(llhttp_t* llhttp) {
    FieldReader& self = of(llhttp);
    // llhttp leaves blanks that follow the value.
    while (!self.value_.empty() && (self.value_.back() == ' ' || self.value_.back() == '\t')) self.value_.pop_back();
    self.fields_.add(self.name_, self.value_);
    self.name_.clear();
    self.value_.clear();
    return 0;
  }
  static int on_head(llhttp_t* llhttp) {
    of(llhttp).head_complete_ = true;
    // What follows an upgrade is never given to llhttp.
    llhttp->upgrade = 0;
    return 0;
  }
  static int on_chunk_header(llhttp_t* llhttp) {
    of(llhttp).chunk_header_ = true;
    of(llhttp).chunk_octets_ = llhttp->content_length;
    return 0;
  }
  static int on_message(llhttp_t* llhttp) {
    of(llhttp).message_complete_ = true;
    return 0;
  }

  static llhttp_settings_t make(Of of) {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    (of == Of::request ? settings.on_url : settings.on_status) = on_start_text;
    settings.on_header_field = on_name;
    settings.on_header_value = on_value;
    settings.on_header_value_complete = on_field;
    settings.on_headers_complete = on_head;
    settings.on_chunk_header = on_chunk_header;
    settings.on_message_complete = on_message;
    return settings;
  }
};

FieldReader::FieldReader(Of of) {
  static const llhttp_settings_t kRequest = Callbacks::make(Of::request);
  static const llhttp_settings_t kResponse = Callbacks::make(Of::response);
  llhttp_init(&llhttp_, of == Of::request ? HTTP_REQUEST : HTTP_RESPONSE, of == Of::request ? &kRequest : &kResponse);
  llhttp_.data = this;
  fields_.reserve(kUsualFields, kUsualOctets);
}

Fault FieldReader::read(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  return fault_of(llhttp_execute(&llhttp_, text.data(), text.size()));
}

bool FieldReader::take_chunk_header() { return std::exchange(chunk_header_, false); }

}  // namespace ringway::http
