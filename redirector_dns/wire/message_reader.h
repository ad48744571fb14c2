#pragma once
// Reads a whole message, the one section after the other (RFC 1035 §4.1): what is checked and tried with, and what a
// tool prints. Queries to be answered are read by query.h, which looks at less.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

/// Bits of the header's second word.
inline constexpr std::uint16_t kFlagResponse = 0x8000;
inline constexpr std::uint16_t kFlagAuthoritative = 0x0400;
inline constexpr std::uint16_t kFlagTruncated = 0x0200;
inline constexpr std::uint16_t kFlagRecursionDesired = 0x0100;
inline constexpr std::uint16_t kFlagCheckingDisabled = 0x0010;
inline constexpr std::uint16_t kOpcodeBits = 0x7800;
inline constexpr std::uint16_t kRcodeBits = 0x000f;

struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint16_t additionals = 0;

  [[nodiscard]] bool is_response() const { return (flags & kFlagResponse) != 0; }
  [[nodiscard]] std::uint8_t opcode() const { return static_cast<std::uint8_t>((flags & kOpcodeBits) >> 11); }
  /// Of the other sections.
  [[nodiscard]] std::uint32_t records() const { return std::uint32_t{answers} + authorities + additionals; }
};

/// Of a message of at least kHeaderOctets.
Header read_header(Bytes message);

struct Question {
  Name name;
  RecordType type{};
  std::uint16_t record_class = 0;
};

struct Record {
  Name owner;
  RecordType type{};
  std::uint16_t record_class = 0;
  std::uint32_t ttl_s = 0;
  std::vector<std::uint8_t> rdata;  // well formed, names without compression; of OPT: as it came
};

class MessageReader {
 public:
  /// `message` has at least kHeaderOctets.
  explicit MessageReader(Bytes message) : message_(message), header_(read_header(message)) {}

  [[nodiscard]] const Header& header() const { return header_; }
  /// The next of as many as the header says; the caller counts. False where it is malformed.
  bool question(Question& out);
  bool record(Record& out);
  [[nodiscard]] bool at_end() const { return at_ == message_.size(); }

 private:
  Bytes message_;
  Header header_;
  std::size_t at_ = kHeaderOctets;
};

}  // namespace ringway::dns
