#include "tmp_protocol/crypto.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/aead_engine.h"

namespace ringway::tmp {
namespace {

// RFC 9001 appendix A.1: the same construction as TLS's, so its published figures test ours.
TEST(Crypto, DerivesTheKeysOfRfc9001) {
  const Octets salt = from_hex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
  const Secret initial = hkdf_extract(salt, from_hex("8394c8f03e515708"));
  EXPECT_EQ(to_hex(initial.bytes()), "7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44");
  const Secret client = derive_secret(initial.bytes(), "client in");
  EXPECT_EQ(to_hex(client.bytes()), "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
  std::array<std::uint8_t, 16> key;
  expand_label(client.bytes(), "quic key", {}, key);
  EXPECT_EQ(to_hex(key), "1f369613dd76d5467730efcbe3b1a22d");
  std::array<std::uint8_t, 12> iv;
  expand_label(client.bytes(), "quic iv", {}, iv);
  EXPECT_EQ(to_hex(iv), "fa044b2f42a3fd3b46fb255c");
}

// RFC 9001 appendices A.2 and A.5.
TEST(Crypto, MasksAsRfc9001) {
  const MaskCipher aes(Suite::aes_128_gcm, from_hex("9f50449e04a0e810283a1e9933adedd2"));
  EXPECT_EQ(to_hex(aes.mask(from_hex("d1b1c98dd7689fb8ec11d242b123dc9b").data())), "437b9aec36");
  const MaskCipher chacha(Suite::chacha20_poly1305,
                          from_hex("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4"));
  const Octets sample = from_hex("5e5cd55c41f69080575d7999c25a5bfb");
  EXPECT_EQ(to_hex(chacha.mask(sample.data())), "aefefe7d03");
  EXPECT_EQ(to_hex(chacha.mask(sample.data())), "aefefe7d03");
}

TEST(Crypto, SealsAndOpensInPlace) {
  const Secret secret = derive_secret(octets_of("a secret"), "test");
  for (const Suite suite : {Suite::aes_128_gcm, Suite::chacha20_poly1305}) {
    const AeadKey sealing(suite, Direction::seal, secret.bytes());
    const AeadKey opening(suite, Direction::open, secret.bytes());
    const Octets header = octets_of("header");
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1443U}) {
      Octets packet(size + kTagOctets, 0x61);
      const MutableBytes text = MutableBytes(packet).first(size);
      ASSERT_TRUE(sealing.seal(1, 2, header, text));
      if (size > 8) {
        EXPECT_NE(Octets(text.begin(), text.end()), Octets(size, 0x61));
      }
      ASSERT_TRUE(opening.open(1, 2, header, text));
      EXPECT_EQ(Octets(text.begin(), text.end()), Octets(size, 0x61));
    }
  }
}

// Of every length up to a packet's: each ends its blocks elsewhere.
TEST(Crypto, EnginesAgree) {
  const Octets key = from_hex("feffe9928665731c6d6a8f9467308308");
  const std::unique_ptr<AeadEngine> quick = make_ipsec_mb_engine(Suite::aes_128_gcm, key);
  if (quick == nullptr) GTEST_SKIP() << "built without ipsec-mb, or the processor is not one for it";
  const std::unique_ptr<AeadEngine> sealing = make_openssl_engine(Suite::aes_128_gcm, Direction::seal, key);
  const std::unique_ptr<AeadEngine> opening = make_openssl_engine(Suite::aes_128_gcm, Direction::open, key);
  const AeadEngine::Nonce nonce = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
  const Octets header = octets_of("thirteen long");
  for (std::size_t size = 0; size <= 1459; ++size) {
    Octets one(size + kTagOctets, 0x61);
    Octets other = one;
    ASSERT_TRUE(quick->seal(nonce, header, MutableBytes(one).first(size)));
    ASSERT_TRUE(sealing->seal(nonce, header, MutableBytes(other).first(size)));
    ASSERT_EQ(one, other) << size;
    ASSERT_TRUE(quick->open(nonce, header, MutableBytes(one).first(size))) << size;
    ASSERT_TRUE(opening->open(nonce, header, MutableBytes(other).first(size))) << size;
    ASSERT_EQ(one, other) << size;
  }
}

TEST(Crypto, OpensNothingThatDiffersInOneBit) {
  const Secret secret = derive_secret(octets_of("a secret"), "test");
  for (const Suite suite : {Suite::aes_128_gcm, Suite::chacha20_poly1305}) {
    const AeadKey sealing(suite, Direction::seal, secret.bytes());
    const AeadKey opening(suite, Direction::open, secret.bytes());
    Octets sealed = octets_of("twelve octets and a tag behind");
    const std::size_t size = sealed.size() - kTagOctets;
    Octets header = octets_of("head");
    ASSERT_TRUE(sealing.seal(3, 4, header, MutableBytes(sealed).first(size)));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      Octets altered = sealed;
      altered[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(opening.open(3, 4, header, MutableBytes(altered).first(size))) << bit;
    }
    for (const auto& [high, low] : {std::pair(2U, 4U), std::pair(3U, 5U)}) {
      Octets copy = sealed;
      EXPECT_FALSE(opening.open(high, low, header, MutableBytes(copy).first(size)));
    }
    header[0] ^= 1;
    Octets copy = sealed;
    EXPECT_FALSE(opening.open(3, 4, header, MutableBytes(copy).first(size)));
    header[0] ^= 1;
    EXPECT_TRUE(opening.open(3, 4, header, MutableBytes(sealed).first(size)));
  }
}

// RFC 4231, test case 2.
TEST(KeyedMac, IsHmacCutToSixteenOctets) {
  const KeyedMac mac(octets_of("Jefe"));
  const std::string expected = "5bdcc146bf60754e6a042426089575c7";
  EXPECT_EQ(to_hex(mac.tag(octets_of("what do ya want for nothing?"))), expected);
  EXPECT_EQ(to_hex(mac.tag(octets_of("what do ya "), octets_of("want for "), octets_of("nothing?"))), expected);
  EXPECT_EQ(to_hex(mac.tag(octets_of("what do ya want for nothing?"))), expected);
  EXPECT_EQ(to_hex(hmac_sha256(octets_of("Jefe"), octets_of("what do ya want for nothing?"))),
            expected + "5a003f089d2739839dec58b964ec3843");
}

// FIPS 197 appendix C.1.
TEST(BlockCipher, IsAes128) {
  const BlockCipher cipher(from_hex("000102030405060708090a0b0c0d0e0f"));
  const Octets block = from_hex("00112233445566778899aabbccddeeff");
  EXPECT_EQ(to_hex(cipher.encrypt(block.data())), "69c4e0d86a7b0430d8cdb78070b4c55a");
  EXPECT_EQ(to_hex(cipher.encrypt(block.data())), "69c4e0d86a7b0430d8cdb78070b4c55a");
}

TEST(Crypto, ComparesWholeOctets) {
  EXPECT_TRUE(same_octets(octets_of("same"), octets_of("same")));
  EXPECT_TRUE(same_octets({}, {}));
  EXPECT_FALSE(same_octets(octets_of("same"), octets_of("sane")));
  EXPECT_FALSE(same_octets(octets_of("same"), octets_of("sam")));
}

}  // namespace
}  // namespace ringway::tmp
