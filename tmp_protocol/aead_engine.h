#pragma once
// What computes an AEAD: OpenSSL, or Intel's ipsec-mb where it was built in and the processor has the instructions.
// EVP's calls cost a packet of 1.4 kB nearly as much as its octets do
// (docs/decisions/0006-two-libraries-that-encrypt.md).

#include <memory>

#include "tmp_protocol/crypto.h"

namespace ringway::tmp {

/// One key in one direction. One thread at a time.
class AeadEngine {
 public:
  using Nonce = AeadKey::Nonce;

  AeadEngine() = default;
  AeadEngine(const AeadEngine&) = delete;
  AeadEngine& operator=(const AeadEngine&) = delete;
  virtual ~AeadEngine() = default;

  /// Both as AeadKey's, in place, with the tag behind `text`.
  virtual bool seal(const Nonce& nonce, Bytes header, MutableBytes text) = 0;
  virtual bool open(const Nonce& nonce, Bytes header, MutableBytes text) = 0;
};

/// `key` is key_octets(suite).
std::unique_ptr<AeadEngine> make_openssl_engine(Suite suite, Direction direction, Bytes key);
/// Null where ipsec-mb cannot, or was not built in.
std::unique_ptr<AeadEngine> make_ipsec_mb_engine(Suite suite, Bytes key);

}  // namespace ringway::tmp
