#include "tmp_protocol/fingerprint.h"

#include <algorithm>

#include "base/text.h"

namespace ringway::tmp {

namespace {

constexpr std::string_view kPrefix = "sha256:";

std::string_view without_space(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = std::min(text.find_first_not_of(kSpace), text.size());
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

Digest fingerprint_of(const X509& certificate) {
  Digest digest{};
  unsigned octets = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &octets);
  return digest;
}

Result<Digest> fingerprint_of(std::string_view certificate_pem) {
  const std::vector<CertificateHandle> certificates = read_certificates(certificate_pem);
  if (certificates.empty()) return internal_error("holds no PEM certificate");
  return fingerprint_of(*certificates.front());
}

std::string fingerprint_text(const Digest& fingerprint) { return std::string(kPrefix) + to_hex(fingerprint); }

std::optional<Digest> parse_fingerprint(std::string_view text) {
  text = without_space(text.substr(text.rfind('=') + 1));
  if (equals_ignoring_case(text.substr(0, kPrefix.size()), kPrefix)) text.remove_prefix(kPrefix.size());
  const std::size_t stride = text.size() == 95 ? 3 : 2;  // with a colon after each octet but the last, or without
  if (text.size() != 64 && text.size() != 95) return std::nullopt;
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(text[stride * i]);
    const int low = hex_value(text[stride * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    if (stride == 3 && i != 0 && text[stride * i - 1] != ':') return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

}  // namespace ringway::tmp
