#include "tmp_protocol/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "tmp_protocol/aead_engine.h"

namespace ringway::tmp {

namespace {

// What must not fail does so only where OpenSSL itself is broken or memory is gone: no key is better than a wrong one.
void must(bool done) {
  if (!done) std::abort();
}

// Fetched once: an implicit fetch for each key costs more than the key. Never freed, as OpenSSL cleans up at exit.
const EVP_CIPHER* fetch_cipher(const char* name) {
  const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  must(cipher != nullptr);
  return cipher;
}

const EVP_CIPHER* aes_128_gcm() {
  static const EVP_CIPHER* const cipher = fetch_cipher("AES-128-GCM");
  return cipher;
}

const EVP_CIPHER* aes_128_ecb() {
  static const EVP_CIPHER* const cipher = fetch_cipher("AES-128-ECB");
  return cipher;
}

const EVP_CIPHER* chacha20() {
  static const EVP_CIPHER* const cipher = fetch_cipher("ChaCha20");
  return cipher;
}

const EVP_CIPHER* chacha20_poly1305() {
  static const EVP_CIPHER* const cipher = fetch_cipher("ChaCha20-Poly1305");
  return cipher;
}

const EVP_CIPHER* aead_cipher(Suite suite) { return suite == Suite::aes_128_gcm ? aes_128_gcm() : chacha20_poly1305(); }

EVP_MAC* hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  must(mac != nullptr);
  return mac;
}

int length(Bytes octets) { return static_cast<int>(octets.size()); }

}  // namespace

Secret::~Secret() { OPENSSL_cleanse(octets.data(), octets.size()); }

Digest sha256(Bytes data) {
  Digest digest;
  SHA256(data.data(), data.size(), digest.data());
  return digest;
}

Digest hmac_sha256(Bytes key, Bytes data) {
  Digest digest;
  must(HMAC(EVP_sha256(), key.data(), length(key), data.data(), data.size(), digest.data(), nullptr) != nullptr);
  return digest;
}

Secret hkdf_extract(Bytes salt, Bytes key) {
  Secret secret;
  secret.octets = hmac_sha256(salt, key);
  return secret;
}

void expand_label(Bytes secret, std::string_view label, Bytes context, MutableBytes out) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<std::uint8_t, 128> info;
  assert(out.size() <= sizeof(Digest) && 5 + kPrefix.size() + label.size() + context.size() <= info.size());
  std::uint8_t* at = info.data();
  store_u16(at, static_cast<std::uint16_t>(out.size()));
  at[2] = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  at += 3;
  for (const std::string_view part : {kPrefix, label}) {
    copy_bytes(as_bytes(part), at);
    at += part.size();
  }
  *at++ = static_cast<std::uint8_t>(context.size());
  copy_bytes(context, at);
  at += context.size();
  *at++ = 1;  // the number of the first block of HKDF-Expand, which is all that 32 octets need
  Digest block = hmac_sha256(secret, {info.data(), at});
  std::copy_n(block.begin(), out.size(), out.begin());
  OPENSSL_cleanse(block.data(), block.size());
}

Secret derive_secret(Bytes secret, std::string_view label, Bytes context) {
  Secret result;
  expand_label(secret, label, context, result.octets);
  return result;
}

bool same_octets(Bytes left, Bytes right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

KeyedMac::KeyedMac(Bytes key) : context_(EVP_MAC_CTX_new(hmac())) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  must(context_ != nullptr && EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1);
}

KeyedMac::Tag KeyedMac::tag(Bytes first, Bytes second, Bytes third) const {
  EVP_MAC_CTX* const context = context_.get();
  must(EVP_MAC_init(context, nullptr, 0, nullptr) == 1);  // the same key again
  for (const Bytes part : {first, second, third}) {
    if (!part.empty()) must(EVP_MAC_update(context, part.data(), part.size()) == 1);
  }
  Digest digest;
  std::size_t octets = 0;
  must(EVP_MAC_final(context, digest.data(), &octets, digest.size()) == 1);
  Tag tag;
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

BlockCipher::BlockCipher(Bytes key) : context_(EVP_CIPHER_CTX_new()) {
  assert(key.size() == sizeof(Block));
  must(context_ != nullptr && EVP_EncryptInit_ex2(context_.get(), aes_128_ecb(), key.data(), nullptr, nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

BlockCipher::Block BlockCipher::encrypt(const std::uint8_t* block) const {
  Block out;
  int octets = 0;
  must(EVP_EncryptUpdate(context_.get(), out.data(), &octets, block, static_cast<int>(out.size())) == 1);
  return out;
}

std::size_t key_octets(Suite suite) { return suite == Suite::aes_128_gcm ? 16 : 32; }

MaskCipher::MaskCipher(Suite suite, Bytes key)
    : context_(EVP_CIPHER_CTX_new()), chacha_(suite == Suite::chacha20_poly1305) {
  assert(key.size() == key_octets(suite));
  const EVP_CIPHER* const cipher = chacha_ ? chacha20() : aes_128_ecb();
  must(context_ != nullptr && EVP_EncryptInit_ex2(context_.get(), cipher, key.data(), nullptr, nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

MaskCipher::Mask MaskCipher::mask(const std::uint8_t* sample) const {
  static constexpr std::uint8_t kZeros[sizeof(Mask)] = {};
  std::array<std::uint8_t, kSampleOctets> block;
  int octets = 0;
  if (chacha_) {
    must(EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, sample, nullptr) == 1);
    must(EVP_EncryptUpdate(context_.get(), block.data(), &octets, kZeros, sizeof(kZeros)) == 1);
  } else {
    must(EVP_EncryptUpdate(context_.get(), block.data(), &octets, sample, kSampleOctets) == 1);
  }
  Mask mask;
  std::copy_n(block.begin(), mask.size(), mask.begin());
  return mask;
}

bool has_aes_hardware() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRYPTO)
  return true;
#else
  return false;
#endif
}

namespace {

class OpensslEngine final : public AeadEngine {
 public:
  OpensslEngine(Suite suite, Direction direction, Bytes key) : context_(EVP_CIPHER_CTX_new()) {
    const int encrypts = direction == Direction::seal ? 1 : 0;
    must(context_ != nullptr &&
         EVP_CipherInit_ex2(context_.get(), aead_cipher(suite), key.data(), nullptr, encrypts, nullptr) == 1);
  }

  bool seal(const Nonce& nonce, Bytes header, MutableBytes text) override {
    EVP_CIPHER_CTX* const context = context_.get();
    std::uint8_t* const end = text.data() + text.size();
    int octets = 0;
    return EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
           EVP_EncryptUpdate(context, nullptr, &octets, header.data(), length(header)) == 1 &&
           EVP_EncryptUpdate(context, text.data(), &octets, text.data(), length(text)) == 1 &&
           EVP_EncryptFinal_ex(context, end, &octets) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagOctets, end) == 1;
  }

  bool open(const Nonce& nonce, Bytes header, MutableBytes text) override {
    EVP_CIPHER_CTX* const context = context_.get();
    std::uint8_t* const end = text.data() + text.size();
    int octets = 0;
    return EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagOctets, end) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &octets, header.data(), length(header)) == 1 &&
           EVP_DecryptUpdate(context, text.data(), &octets, text.data(), length(text)) == 1 &&
           EVP_DecryptFinal_ex(context, end, &octets) == 1;
  }

 private:
  CipherContext context_;
};

}  // namespace

std::unique_ptr<AeadEngine> make_openssl_engine(Suite suite, Direction direction, Bytes key) {
  return std::make_unique<OpensslEngine>(suite, direction, key);
}

AeadKey::AeadKey(Suite suite, Direction direction, Bytes secret) {
  std::array<std::uint8_t, 32> octets;
  const MutableBytes key(octets.data(), key_octets(suite));
  expand_label(secret, "tmp key", {}, key);
  expand_label(secret, "tmp iv", {}, iv_);
  engine_ = make_ipsec_mb_engine(suite, key);
  if (engine_ == nullptr) engine_ = make_openssl_engine(suite, direction, key);
  OPENSSL_cleanse(octets.data(), octets.size());
}

AeadKey::~AeadKey() = default;

AeadKey::Nonce AeadKey::nonce(std::uint32_t high, std::uint64_t low) const {
  Nonce nonce;
  store_u32(nonce.data(), load_u32(iv_.data()) ^ high);
  store_u64(nonce.data() + 4, load_u64(iv_.data() + 4) ^ low);
  return nonce;
}

bool AeadKey::seal(std::uint32_t high, std::uint64_t low, Bytes header, MutableBytes text) const {
  return engine_->seal(nonce(high, low), header, text);
}

bool AeadKey::open(std::uint32_t high, std::uint64_t low, Bytes header, MutableBytes text) const {
  return engine_->open(nonce(high, low), header, text);
}

}  // namespace ringway::tmp
