#pragma once
// Reading the parts of a record that is held whole: integers and counted texts, never past its end.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/varint.h"

namespace ringway::http {

/// After something was missing, `failed()` stays true and everything read is empty.
class WireText {
 public:
  explicit WireText(Bytes bytes) : left_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  [[nodiscard]] std::size_t size() const { return left_.size(); }

  std::uint8_t octet() { return has(1) ? take(1)[0] : std::uint8_t{0}; }
  std::uint16_t u16() { return has(2) ? load_u16(take(2).data()) : std::uint16_t{0}; }
  std::uint64_t varint() {
    if (!has(1)) return 0;
    const std::size_t count = varint_octets_at(left_[0]);
    return has(count) ? load_varint(take(count).data()) : 0;
  }
  /// A varint and as many octets.
  std::string_view text() {
    const std::uint64_t count = varint();
    if (count > left_.size()) failed_ = true;
    return failed_ ? std::string_view() : as_text(take(static_cast<std::size_t>(count)));
  }

 private:
  bool has(std::size_t count) {
    failed_ = failed_ || left_.size() < count;
    return !failed_;
  }
  Bytes take(std::size_t count) {
    const Bytes taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }

  Bytes left_;
  bool failed_ = false;
};

inline void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

}  // namespace ringway::http
