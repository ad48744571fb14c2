#include "redirector_dns/settings.h"

#include <gtest/gtest.h>

namespace ringway::dns {
namespace {

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

}  // namespace
}  // namespace ringway::dns
