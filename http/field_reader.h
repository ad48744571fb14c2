#pragma once
// llhttp in strict mode, as the reader of one message's start line, fields, chunk lines and trailers. It is
// given only octets that LineGuard or ChunkGuard has let pass; where the two see different ends, that is a fault.

#include <llhttp.h>

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "http/fault.h"
#include "http/message.h"

namespace ringway::http {

class FieldReader {
 public:
  enum class Of : std::uint8_t { request, response };

  explicit FieldReader(Of of);
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;
  ~FieldReader() = default;

  /// The fault that llhttp finds in these octets, if any.
  Fault read(Bytes bytes);

  [[nodiscard]] bool head_complete() const { return head_complete_; }
  [[nodiscard]] bool message_complete() const { return message_complete_; }
  [[nodiscard]] bool is_chunked() const { return (llhttp_.flags & F_CHUNKED) != 0; }
  [[nodiscard]] int major_version() const { return llhttp_.http_major; }
  [[nodiscard]] int minor_version() const { return llhttp_.http_minor; }
  [[nodiscard]] int status() const { return llhttp_.status_code; }
  /// Whether a chunk's line ended; asked once for each.
  bool take_chunk_header();
  /// Of the last chunk's line.
  [[nodiscard]] std::uint64_t chunk_octets() const { return chunk_octets_; }

  /// The target of a request, the reason phrase of a response.
  [[nodiscard]] std::string& start_text() { return start_text_; }
  /// Of the head until it was complete, then of the trailers.
  [[nodiscard]] Fields& fields() { return fields_; }

 private:
  struct Callbacks;

  llhttp_t llhttp_{};
  Fields fields_;
  std::string start_text_;
  std::string name_;  // of the field being read
  std::string value_;
  std::uint64_t chunk_octets_ = 0;
  bool chunk_header_ = false;
  bool head_complete_ = false;
  bool message_complete_ = false;
};

}  // namespace ringway::http
