#include "cli/dns/explain.h"

#include <gtest/gtest.h>

#include "tests/cli/dns/steered_world.h"

namespace ringway::cli {
namespace {

std::string explained(const SteeredWorld& world, const std::string& client) {
  const auto text =
      explain_text(world.content, OwnSteering{*world.settings->steering, *world.plan}, {"www.shop.test", client}, 0);
  return text ? *text : text.error().message;
}

/// What is said of one POP's distance.
std::string distance(const SteeredWorld& world, const std::string& client, const std::string& pop) {
  const std::string told = explained(world, client);
  const std::size_t verdict = told.find("answering  ", told.find("\n  " + pop));
  const std::size_t begin = told.find(", ", verdict) + 2;
  return told.substr(begin, told.find('\n', begin) - begin);
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

TEST(Explain, SaysHowFarPopsAreAndWhoSaysSo) {
  SteeredWorld world(steered_file("198.51.100.1", "198.51.100.2") + R"(
    - { network: 203.0.111.0/24, latitude: 47.4, longitude: 8.5, round_trips: [ { pop: oslo, ms: 7.5 } ] }
    - { network: 203.0.110.0/24, round_trips: [ { pop: oslo, ms: 7.5 } ] }
)");
  EXPECT_EQ(distance(world, "203.0.111.7", "oslo"), "7.5 ms, measured");
  EXPECT_EQ(distance(world, "203.0.111.7", "zurich"), "1.0 ms, by the place of 203.0.111.0/24");
  EXPECT_TRUE(distance(world, "203.0.110.7", "zurich").ends_with(" ms, by way of a POP that is measured"));
  EXPECT_EQ(distance(world, "192.0.2.7", "oslo"), "30.0 ms, as nothing is known");
  dns::steering::Plan plan = *world.plan;
  dns::steering::ClientPlan& of_a_database = plan.clients.emplace_back();
  of_a_database.network = dns::steering::Network::parse("203.0.120.0/24").value();
  of_a_database.place = {59.9, 10.7};
  world.plan = std::make_shared<const dns::steering::Plan>(plan);
  EXPECT_EQ(distance(world, "203.0.120.7", "oslo"), "1.0 ms, by the geography of 203.0.120.0/24");
}

TEST(Explain, DoesNotSayHowFarPopsAreWhereAManagerTells) {
  const SteeredWorld world(steered_file("198.51.100.1", "198.51.100.2"));
  const auto told = explain_text(world.content, {}, {"www.shop.test", "203.0.113.7"}, 0);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->find(" ms"), std::string::npos) << *told;
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
