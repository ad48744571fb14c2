#pragma once
// Content as a head announced it (RFC 9112 §6, §7): by length, chunked with trailers, or until the connection
// closes. Gives back parts of what it was given and holds none of it.
//
//     chunked:  size ──;──▶ extension ──▶ size_cr ──▶ size_lf ──▶ data ──▶ data_cr ──▶ data_lf ──▶ size
//                 └──────────────CR──────────────────────┘ └──0──▶ trailers ──▶ complete
//
// Extensions are passed over here: llhttp 8.1 refuses some that RFC 9112 §7.1.1 allows, and sets no bound.

#include <cstdint>
#include <optional>

#include "base/chunk.h"
#include "http/fault.h"
#include "http/field_reader.h"
#include "http/line_guard.h"
#include "http/message.h"
#include "http/parser.h"

namespace ringway::http {

class ContentReader {
 public:
  enum class Progress : std::uint8_t { more_wanted, content, complete, fault };

  /// After the head of the same message was read by `fields`, which outlives this.
  ContentReader(FieldReader& fields, const Content& content, const ParserLimits& limits);

  /// Takes octets of `data` from `offset` on, moves `offset` behind them, and stops at the first thing to tell:
  /// with Progress::content it is in `content`. Not called with nothing left in `data`.
  Progress read(const Slice& data, std::size_t& offset, Slice& content);
  [[nodiscard]] bool complete() const { return place_ == Place::complete; }
  [[nodiscard]] bool lasts_until_close() const { return place_ == Place::until_close; }
  [[nodiscard]] const Fault& fault() const { return fault_; }
  /// Of content of unknown length, as of now.
  void set_limit(std::uint64_t octets) { max_octets_ = octets; }
  /// What the message ended with, without the names that RFC 9110 §6.5.1 forbids there.
  Fields take_trailers();

 private:
  enum class Place : std::uint8_t {
    length,
    until_close,
    size,
    extension,
    size_cr,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailers,
    complete
  };

  static Place first_place(const Content& content);
  Slice take(const Slice& data, std::size_t& offset);
  Progress read_framing(Bytes bytes, std::size_t& offset);
  Progress read_trailers(Bytes bytes, std::size_t& offset);
  bool step(std::uint8_t octet);
  bool step_size(std::uint8_t octet);
  void skip_extension(Bytes bytes, std::size_t& offset);
  bool end_of_size_line();
  bool expect(std::uint8_t octet, char wanted, Place next);
  bool reject(int status, std::string_view message);

  FieldReader& fields_;
  ParserLimits limits_;
  Place place_;
  Fault fault_;
  std::uint64_t remaining_;  // of the content, or of the chunk
  std::uint64_t total_ = 0;  // octets in chunks until now
  std::uint64_t max_octets_;
  std::size_t size_digits_ = 0;
  std::size_t extension_octets_ = 0;  // in the whole message
  std::optional<LineGuard> trailers_;
};

}  // namespace ringway::http
