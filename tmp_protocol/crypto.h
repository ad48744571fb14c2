#pragma once
// The few primitives that the wire is made of, over OpenSSL's EVP: SHA-256, HMAC, HKDF (RFC 5869) with TLS 1.3's
// labels (RFC 8446 §7.1), and the two AEADs. Algorithms are fetched once in a process, contexts made once for each key.

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace ringway::tmp {

/// 32 octets that keys come from. Wiped when it goes.
struct Secret {
  std::array<std::uint8_t, 32> octets{};

  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();
  [[nodiscard]] Bytes bytes() const { return octets; }
};

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(Bytes data);
Digest hmac_sha256(Bytes key, Bytes data);
/// RFC 5869 §2.2.
Secret hkdf_extract(Bytes salt, Bytes key);
/// HKDF-Expand-Label of RFC 8446 §7.1 with "tls13 " before `label`; `out` is at most 32 octets.
void expand_label(Bytes secret, std::string_view label, Bytes context, MutableBytes out);
Secret derive_secret(Bytes secret, std::string_view label, Bytes context = {});
/// In a time that does not depend on the content.
[[nodiscard]] bool same_octets(Bytes left, Bytes right);

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree>;

struct MacContextFree {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

/// HMAC-SHA256 cut to 16 octets, under one key that is set up once. One thread at a time.
class KeyedMac {
 public:
  static constexpr std::size_t kOctets = 16;
  using Tag = std::array<std::uint8_t, kOctets>;

  explicit KeyedMac(Bytes key);
  [[nodiscard]] Tag tag(Bytes first, Bytes second = {}, Bytes third = {}) const;

 private:
  std::unique_ptr<EVP_MAC_CTX, MacContextFree> context_;
};

/// AES-128 of single blocks. One thread at a time.
class BlockCipher {
 public:
  using Block = std::array<std::uint8_t, 16>;

  /// `key` is 16 octets.
  explicit BlockCipher(Bytes key);
  [[nodiscard]] Block encrypt(const std::uint8_t* block) const;

 private:
  CipherContext context_;
};

/// Values are TLS 1.3's (RFC 8446 appendix B.4): packets use what the handshake chose.
enum class Suite : std::uint16_t { aes_128_gcm = 0x1301, chacha20_poly1305 = 0x1303 };

inline constexpr std::size_t kTagOctets = 16;
inline constexpr std::size_t kNonceOctets = 12;
[[nodiscard]] std::size_t key_octets(Suite suite);
/// Whether this machine encrypts AES-GCM in hardware.
[[nodiscard]] bool has_aes_hardware();

/// What masks packet headers (RFC 9001 §5.4): AES-128-ECB of the sample, or ChaCha20 of five zeros with the sample as
/// counter and nonce. One thread at a time.
class MaskCipher {
 public:
  static constexpr std::size_t kSampleOctets = 16;
  using Mask = std::array<std::uint8_t, 5>;

  /// `key` is key_octets(suite).
  MaskCipher(Suite suite, Bytes key);
  [[nodiscard]] Mask mask(const std::uint8_t* sample) const;

 private:
  CipherContext context_;
  bool chacha_;
};

enum class Direction : std::uint8_t { seal, open };

class AeadEngine;

/// One AEAD key in one direction. One thread at a time.
class AeadKey {
 public:
  using Nonce = std::array<std::uint8_t, kNonceOctets>;

  /// Key and IV come from `secret` by the labels "tmp key" and "tmp iv".
  AeadKey(Suite suite, Direction direction, Bytes secret);
  AeadKey(const AeadKey&) = delete;
  AeadKey& operator=(const AeadKey&) = delete;
  ~AeadKey();

  /// Encrypts `text` in place; the tag goes to the kTagOctets behind it, which the caller owns.
  /// `high` and `low` are exclusive-or'ed into the first 4 and the last 8 octets of the IV.
  bool seal(std::uint32_t high, std::uint64_t low, Bytes header, MutableBytes text) const;
  /// Decrypts `text` in place, the tag standing behind it. False where anything was altered; `text` is garbage then.
  bool open(std::uint32_t high, std::uint64_t low, Bytes header, MutableBytes text) const;

 private:
  [[nodiscard]] Nonce nonce(std::uint32_t high, std::uint64_t low) const;
  std::unique_ptr<AeadEngine> engine_;
  Nonce iv_{};
};

}  // namespace ringway::tmp
