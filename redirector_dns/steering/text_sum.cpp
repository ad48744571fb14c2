#include "redirector_dns/steering/text_sum.h"

#include <openssl/evp.h>

#include <array>

#include "base/bytes.h"

namespace ringway::dns::steering {

namespace {

constexpr std::string_view kLabel = "sum ";
constexpr std::size_t kSumOctets = 64;
constexpr std::size_t kLineOctets = kLabel.size() + kSumOctets + 1;

std::string sha256(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return to_hex(digest);
}

}  // namespace

void add_sum(std::string& text) {
  const std::string sum = sha256(text);
  text.append(kLabel).append(sum).append("\n");
}

std::string_view sum_of(std::string_view text) {
  if (text.size() < kLineOctets || !text.ends_with('\n')) return {};
  const std::string_view line = text.substr(text.size() - kLineOctets);
  return line.starts_with(kLabel) ? line.substr(kLabel.size(), kSumOctets) : std::string_view();
}

Result<std::string_view> without_sum(std::string_view text) {
  const std::string_view sum = sum_of(text);
  if (sum.empty()) return client_error("steering table: it has no sum at its end; it may be cut off");
  const std::string_view body = text.substr(0, text.size() - kLineOctets);
  if (sha256(body) != sum) return client_error("steering table: its sum is not that of its content");
  return body;
}

}  // namespace ringway::dns::steering
