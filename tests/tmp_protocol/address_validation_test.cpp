#include "tmp_protocol/address_validation.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/packet.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

SocketAddress address(std::string_view text) {
  const auto parsed = SocketAddress::parse(text);
  EXPECT_TRUE(parsed);
  return *parsed;
}

TEST(AuthorityMac, IsSharedByMembersOfOneAuthority) {
  const AuthorityMac frontend(test_identity(Role::frontend, "pop-1")->mac_keys());
  const AuthorityMac backend(test_identity(Role::backend, "host-1")->mac_keys());
  const AuthorityMac stranger(test_identity(Role::frontend, "pop-1", other_authority())->mac_keys());
  Octets datagram = octets_of("a packet, and room for sixteen octets ................");
  frontend.sign(datagram);
  EXPECT_TRUE(backend.verify(datagram));
  EXPECT_TRUE(frontend.verify(datagram));
  EXPECT_FALSE(stranger.verify(datagram));
  for (std::size_t index = 0; index < datagram.size(); ++index) {
    Octets altered = datagram;
    altered[index] ^= 0x10;
    EXPECT_FALSE(backend.verify(altered)) << index;
  }
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    EXPECT_FALSE(backend.verify(Bytes(datagram).first(size))) << size;
  }
}

TEST(AuthorityMac, TakesAnyAuthorityThatIsTrusted) {
  IdentityPem pem = test_pem(Role::backend, "host-1");
  pem.authority = other_authority().certificate + pem.authority;
  const auto both = Identity::from_pem(pem);
  ASSERT_TRUE(both) << both.error().message;
  const AuthorityMac member((*both)->mac_keys());
  const AuthorityMac ours(test_identity(Role::frontend, "pop-1")->mac_keys());
  const AuthorityMac theirs(test_identity(Role::frontend, "pop-1", other_authority())->mac_keys());
  Octets datagram(40);
  ours.sign(datagram);
  EXPECT_TRUE(member.verify(datagram));
  theirs.sign(datagram);
  EXPECT_TRUE(member.verify(datagram));
  member.sign(datagram);
  EXPECT_TRUE(ours.verify(datagram)) << "signs for the authority of its own certificate";
}

TEST(CookieJar, ProvesOneAddressForAWhile) {
  SeededRandom random(1);
  const CookieJar jar(random);
  const Time now = Time(100s);
  const SocketAddress client = address("192.0.2.1:4000");
  const Cookie cookie = jar.make(client, {7}, now);
  EXPECT_TRUE(jar.check(cookie, client, {7}, now));
  EXPECT_TRUE(jar.check(cookie, client, {7}, now + kCookieLife));
  EXPECT_FALSE(jar.check(cookie, client, {7}, now + kCookieLife + 1ns));
  EXPECT_FALSE(jar.check(cookie, client, {7}, now - 1ns)) << "of the future";
  EXPECT_FALSE(jar.check(cookie, client, {8}, now));
  EXPECT_FALSE(jar.check(cookie, address("192.0.2.1:4001"), {7}, now));
  EXPECT_FALSE(jar.check(cookie, address("192.0.2.2:4000"), {7}, now));
  EXPECT_FALSE(jar.check(cookie, address("[2001:db8::1]:4000"), {7}, now));
}

TEST(CookieJar, RefusesAlteredAndForeignCookies) {
  SeededRandom random(1);
  const CookieJar jar(random);
  const CookieJar other(random);
  const Time now = Time(100s);
  const SocketAddress client = address("192.0.2.1:4000");
  const Cookie cookie = jar.make(client, {7}, now);
  EXPECT_FALSE(other.check(cookie, client, {7}, now));
  EXPECT_FALSE(jar.check({}, client, {7}, now));
  for (std::size_t index = 0; index < cookie.size(); ++index) {
    Cookie altered = cookie;
    altered[index] ^= 1;
    EXPECT_FALSE(jar.check(altered, client, {7}, now)) << index;
    EXPECT_FALSE(jar.check(Bytes(cookie).first(index), client, {7}, now));
  }
  EXPECT_LE(kCookieOctets, kMaxCookieOctets);
}

TEST(ResetTokens, OutliveTheProcess) {
  const ResetTokens before(octets_of("a key from a file"));
  const ResetTokens after(octets_of("a key from a file"));
  const ResetTokens other(octets_of("another key"));
  EXPECT_EQ(before.token({5}), after.token({5}));
  EXPECT_NE(before.token({5}), after.token({6}));
  EXPECT_NE(before.token({5}), other.token({5}));
}

TEST(ResetTokens, AnswerWithLessThanTheyGot) {
  const ResetTokens tokens(octets_of("a key"));
  SeededRandom random(1);
  std::array<std::uint8_t, kMaxResetOctets> out{};
  for (std::size_t received = 0; received < 200; ++received) {
    const std::size_t octets = tokens.write({5}, received, random, out);
    if (received <= kMinResetOctets) {
      EXPECT_EQ(octets, 0U);
      continue;
    }
    ASSERT_LT(octets, received);
    ASSERT_GE(octets, kMinResetOctets);
    const Bytes datagram = Bytes(out).first(octets);
    EXPECT_TRUE(data_destination(datagram)) << "looks like a data packet";
    EXPECT_TRUE(is_reset(datagram, tokens.token({5})));
    EXPECT_FALSE(is_reset(datagram, tokens.token({6})));
    EXPECT_FALSE(is_reset(datagram.first(octets - 1), tokens.token({5})));
  }
}

}  // namespace
}  // namespace ringway::tmp
