#include "cli/dns/explain.h"

#include <gtest/gtest.h>

#include "tests/cli/dns/steered_world.h"

namespace ringway::cli {
namespace {

std::string explained(const SteeredWorld& world, const std::string& client) {
  const auto text = explain_text(world.content, "www.shop.test", client, 0);
  return text ? *text : text.error().message;
}

TEST(Explain, SaysWhoIsAnsweredAndWhy) {
  const SteeredWorld world(steered_file("198.51.100.1, \"2001:db8::1\"", "198.51.100.2, \"2001:db8::2\""));
  const std::string told = explained(world, "203.0.113.7");
  EXPECT_TRUE(told.starts_with("www.shop.test: site shop, table 1\nclient 203.0.113.7: cell 203.0.0.0/16\n")) << told;
  EXPECT_TRUE(
      told.ends_with("answer: zurich (first), TTL 20 s, scope /24\n"
                     "  pop-1                198.51.100.1 2001:db8::1\n"))
      << told;
}

TEST(Explain, TellsAaaaApartWhereItIsChosenApart) {
  const SteeredWorld world(steered_file("198.51.100.1", "198.51.100.2, \"2001:db8::2\""));
  const std::string told = explained(world, "203.0.113.7");
  EXPECT_TRUE(
      told.ends_with("answer to A: zurich (first), TTL 20 s, scope /24\n"
                     "  pop-1                198.51.100.1\n"
                     "answer to AAAA: oslo (passed on), TTL 20 s, scope /24\n"
                     "  pop-2                2001:db8::2\n"))
      << told;
}

}  // namespace
}  // namespace ringway::cli
