#pragma once
// The records of an exchange on a TMP stream (docs/tmp_http.md): what reader and writer share.

#include <array>
#include <cstdint>
#include <string_view>

namespace ringway::http {

enum class RecordKind : std::uint8_t {
  request_head = 0,
  interim_head = 1,
  response_head = 2,
  content = 3,
  content_zstd = 4,
  complete = 5
};

/// Kinds from here on may be passed over by a reader that does not know them.
inline constexpr std::uint8_t kFirstIgnorableKind = 64;

/// Of the first octet of a head. The others are 0, and a reader refuses what has them set.
namespace head_flags {
inline constexpr unsigned kMinorVersion = 0x01;     // HTTP/1.1
inline constexpr unsigned kHttps = 0x02;            // request
inline constexpr unsigned kFromGateway = 0x02;      // response
inline constexpr unsigned kExpectsContinue = 0x04;  // request
inline constexpr unsigned kReason = 0x04;           // interim and response: a reason follows
inline constexpr unsigned kUpgrade = 0x08;          // request and response: a protocol follows
inline constexpr unsigned kContentShift = 4;        // two bits: Content::Kind
inline constexpr unsigned kLength = 0x40;           // request and response: a length follows
inline constexpr unsigned kKnown = 0x7f;
}  // namespace head_flags

/// A method is its place in this list and one, or 0 and a text.
inline constexpr std::array<std::string_view, 9> kMethods = {"GET",   "HEAD",    "POST",  "PUT",     "DELETE",
                                                             "PATCH", "OPTIONS", "TRACE", "PROPFIND"};

/// Content is compressed within a window of 2^17 octets.
inline constexpr int kLinkWindowLog = 17;

}  // namespace ringway::http
