#pragma once
// Looks at the octets of a head or a trailer section before llhttp does, and lets nothing pass that two
// readers could see differently: line ends other than CRLF, folded lines, controls, blanks before the name's
// end, and what is over a limit. It judges by place alone, so the verdict does not depend on how octets come.
//
//     start ──SP──▶ target ──SP──▶ version ──CR──▶ cr ──LF──▶ line_start ──▶ line ──CR──▶ cr
//     (responses and trailers begin at `line` and `line_start`)       └──CR──▶ last_cr ──LF──▶ ended

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "http/fault.h"
#include "http/parser.h"

namespace ringway::http {

class LineGuard {
 public:
  /// What the section begins with. A request is looked at from the blank after its method.
  enum class Begin : std::uint8_t { request_target, status_line, fields };

  /// `octets` have been seen already, and count against the limit.
  LineGuard(Begin begin, const ParserLimits& limits, std::size_t octets);

  /// How many octets of `bytes` are right: all of them, or until the section's end or the first fault.
  std::size_t scan(Bytes bytes);
  /// The empty line was seen.
  [[nodiscard]] bool ended() const { return place_ == Place::ended; }
  [[nodiscard]] const Fault& fault() const { return fault_; }
  /// Of the section until now.
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  enum class Place : std::uint8_t { start, target, version, line_start, line, cr, last_cr, ended };

  std::size_t scan_within_limit(Bytes bytes);
  static const char* scan_text(const char* at, const char* end);
  bool step(char octet);
  bool step_target(char octet);
  bool step_version(char octet);
  bool step_line_start(char octet);
  bool reject(int status, std::string_view message);

  Place place_;
  Fault fault_;
  std::size_t octets_;
  std::size_t lines_ = 0;
  std::size_t target_octets_ = 0;
  std::size_t version_octets_ = 0;
  std::size_t max_octets_;
  std::size_t max_target_octets_;
  std::size_t max_lines_;
};

}  // namespace ringway::http
