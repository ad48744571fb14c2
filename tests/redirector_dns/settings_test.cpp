#include "redirector_dns/settings.h"

#include <gtest/gtest.h>

namespace ringway::dns {
namespace {

using namespace std::chrono_literals;
using steering::Admin;

const std::string kFile = R"(
name: dns-1
listen: [ "127.0.0.1:5300" ]
zones: []
)";

const std::string kSteering = R"(
steering:
  pops: [ { name: oslo, latitude: 59.9, longitude: 10.7 }, { name: rome, latitude: 41.9, longitude: 12.5 } ]
  frontends:
    - { name: pop-1, pop: oslo, addresses: [ "192.0.2.1" ] }
    - { name: pop-2, pop: oslo, addresses: [ "192.0.2.2" ], draining: true }
  sites: [ { name: shop, frontends: [ pop-1, pop-2 ] } ]
)";

TEST(RedirectorSettings, DrainSingleFrontEnds) {
  const auto settings = parse_settings(kFile + kSteering, "dns.yaml");
  ASSERT_TRUE(settings) << settings.error().message;
  const steering::Readings readings = readings_of(*(*settings)->steering);
  ASSERT_EQ(readings.pops.size(), 2U);
  EXPECT_EQ(readings.pops[0].admin, Admin::serving);
  ASSERT_EQ(readings.frontends.size(), 2U);
  EXPECT_EQ(readings.frontends[0].admin, Admin::serving);
  EXPECT_EQ(readings.frontends[1].admin, Admin::draining);
}

std::string fault_of(const std::string& text) {
  const auto settings = parse_settings(text, "dns.yaml");
  return settings ? "none" : settings.error().message;
}

TEST(RedirectorSettings, SayHowHealthIsChecked) {
  const auto none = parse_settings(kFile + kSteering, "dns.yaml");
  ASSERT_TRUE(none);
  EXPECT_FALSE((*none)->health_check);
  const auto some = parse_settings(kFile + kSteering + "health_check: { port: 443 }\n", "dns.yaml");
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ((*some)->health_check, (HealthCheckSettings{443, 5s, 2s}));
  const auto all =
      parse_settings(kFile + kSteering + "health_check: { port: 80, every: 1s, timeout: 100ms }\n", "dns.yaml");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ((*all)->health_check, (HealthCheckSettings{80, 1s, 100ms}));
}

TEST(RedirectorSettings, RefuseChecksThatCannotBeMeant) {
  const auto with = [](const std::string& check) { return fault_of(kFile + kSteering + "health_check: " + check); };
  EXPECT_NE(with("{ every: 5s }").find("port"), std::string::npos);
  EXPECT_NE(with("{ port: 0 }").find("1 to 65535"), std::string::npos);
  EXPECT_NE(with("{ port: 443, every: 100ms }").find("1s to 30s"), std::string::npos);
  EXPECT_NE(with("{ port: 443, every: 2s, timeout: 3s }").find("it is longer than `every`"), std::string::npos);
  EXPECT_NE(with("{ port: 443, evry: 2s }").find("evry"), std::string::npos);
  EXPECT_NE(fault_of(kFile + "health_check: { port: 443 }").find("it needs `steering` or `manager`"),
            std::string::npos);
}

}  // namespace
}  // namespace ringway::dns
