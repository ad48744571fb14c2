#include "base/address.h"

#include <gtest/gtest.h>

namespace ringway {
namespace {

TEST(SocketAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"127.0.0.1:80", "[::1]:443", "[2001:db8::7]:65535", "0.0.0.0:0"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
}

TEST(SocketAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8o",
                           "::1:80", "[127.0.0.1]:80", "[::1]", "localhost:80", "127.0.0.256:1"}) {
    EXPECT_FALSE(SocketAddress::parse(text)) << text;
  }
}

TEST(IpNetwork, HoldsWhatItsPrefixSays) {
  const auto holds = [](const char* network, const char* address) {
    return IpNetwork::parse(network)->contains(*IpAddress::parse(address));
  };
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.100"));
  EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(IpNetwork::parse("192.0.2.0/33"));
  EXPECT_FALSE(IpNetwork::parse("192.0.2.0/"));
}

TEST(IpNetwork, WritesWhatItRead) {
  EXPECT_EQ(IpNetwork::parse("192.0.2.0/24")->text(), "192.0.2.0/24");
  EXPECT_EQ(IpNetwork::parse("2001:db8::/32")->text(), "2001:db8::/32");
}

}  // namespace
}  // namespace ringway
