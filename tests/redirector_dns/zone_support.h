#pragma once
// Zones as tests write them.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "redirector_dns/zone/master_file.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {

/// What every zone needs, for example.com.
inline constexpr std::string_view kZoneHead = R"($TTL 1h
@ SOA ns1 hostmaster 1 1h 15m 1w 30
@ NS ns1
@ NS ns2.example.net.
ns1 A 192.0.2.53
)";

inline std::shared_ptr<const Zone> zone_of(std::string_view text, std::string_view apex = "example.com.") {
  config::Report report("zone", text);
  std::shared_ptr<const Zone> zone = read_master_file(text, name_of(apex), kFileZoneBounds, report);
  EXPECT_TRUE(zone != nullptr) << report.text();
  return zone;
}

inline std::shared_ptr<const Zone> zone_with(std::string_view lines) {
  return zone_of(std::string(kZoneHead) + std::string(lines));
}

/// What is wrong with a zone of these lines; its head is right.
inline std::string faults_with(std::string_view lines) {
  const std::string text = std::string(kZoneHead) + std::string(lines);
  config::Report report("zone", text);
  EXPECT_EQ(read_master_file(text, name_of("example.com."), kFileZoneBounds, report), nullptr) << lines;
  return report.text();
}

}  // namespace ringway::dns
