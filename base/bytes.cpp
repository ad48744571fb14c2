#include "base/bytes.h"

namespace ringway {

std::string to_hex(Bytes bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  char* at = text.data();
  for (const std::uint8_t octet : bytes) {
    *at++ = kDigits[octet >> 4];
    *at++ = kDigits[octet & 0x0f];
  }
  return text;
}

}  // namespace ringway
