#include "cli/dns/health_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/atlas_maker.h"
#include "tests/support/no_descriptors.h"

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;
using dns::steering::SharedAtlas;

constexpr Duration kPatience = 20s;

class Lines final : public LineSink {
 public:
  void write(std::string_view line) override { all += std::string(line) + "\n"; }
  [[nodiscard]] bool say(std::string_view words) const { return all.find(words) != std::string::npos; }
  std::string all;
};

/// Somebody who takes connections, or does not, at an address that is theirs.
class Place {
 public:
  explicit Place(const std::string& ip, std::uint16_t port = 0) : address_{IpAddress::parse(ip).value(), port} {
    hold();
  }
  void listen(int backlog = 1024) { EXPECT_EQ(::listen(socket_.get(), backlog), 0); }
  void stop() {
    socket_.close();
    hold();
  }
  /// Packets to it are dropped: its queue is full.
  void fall_silent() {
    listen(0);
    for (net::Descriptor& each : waiting_) {
      each = net::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const net::NativeAddress native(address_);
      EXPECT_TRUE(::connect(each.get(), native.get(), native.size) == 0 || errno == EINPROGRESS);
    }
  }
  [[nodiscard]] const SocketAddress& address() const { return address_; }

 private:
  void hold() {
    socket_ = net::open_bound_socket(SOCK_STREAM, address_, net::PortUse::exclusive).value();
    address_ = net::bound_address(socket_.get());
  }

  SocketAddress address_;
  net::Descriptor socket_;
  net::Descriptor waiting_[4];
};

class HealthWatchTest : public ::testing::Test {
 protected:
  using Addresses = std::map<std::string, std::vector<std::string>>;

  /// One POP with these front-ends.
  static SharedAtlas atlas(const Addresses& frontends) {
    dns::steering::Plan plan;
    plan.pops.push_back({"zurich", std::nullopt, 1});
    for (const auto& [name, addresses] : frontends) {
      dns::steering::FrontendPlan& frontend = plan.frontends.emplace_back();
      frontend.name = name;
      for (const std::string& each : addresses) frontend.v4.push_back(IpAddress::parse(each).value());
    }
    return dns::steering::AtlasMaker().draw(plan, Time()).value();
  }
  void follow(const Addresses& frontends, Duration timeout = 20ms) {
    watch_.follow(atlas(frontends), {first_.address().port, 20ms, timeout});
  }
  /// "+-?": well, ill, unknown.
  [[nodiscard]] std::string seen() const {
    std::string seen;
    for (const auto& votes : watch_.votes()) seen += votes.well > 0 ? '+' : votes.ill > 0 ? '-' : '?';
    return seen;
  }
  [[nodiscard]] bool comes_to(const std::string& wanted) {
    return worker_->run_until([&] { return seen() == wanted; }, kPatience);
  }
  std::uint64_t looks(const std::string& result) {
    return metrics_.counter("ringway_dns_checks_total", "", {{"result", result}}).value();
  }
  bool look_again(const std::string& result, std::uint64_t times) {
    const std::uint64_t before = looks(result);
    return worker_->run_until([&] { return looks(result) >= before + times; }, kPatience);
  }

  std::unique_ptr<net::Worker> worker_ = net::Worker::make(0).value();
  Lines lines_;
  Log log_{"dns", LogSettings{}, lines_, worker_->loop().clock};
  Metrics metrics_;
  HealthWatch watch_{*worker_, log_, metrics_};
  Place first_{"127.0.0.1"};
  Place second_{"127.0.0.2", first_.address().port};
};

TEST_F(HealthWatchTest, SeesWhoIsGoneAndWhoIsBack) {
  first_.listen();
  second_.listen();
  follow({{"a", {"127.0.0.1"}}, {"b", {"127.0.0.2"}}});
  EXPECT_EQ(seen(), "??");
  ASSERT_TRUE(comes_to("++"));
  EXPECT_EQ(lines_.all, "") << "it is nothing new that they answer";
  second_.stop();
  ASSERT_TRUE(comes_to("+-"));
  EXPECT_TRUE(lines_.say("a front-end does not answer")) << lines_.all;
  EXPECT_TRUE(lines_.say("connect to " + second_.address().text() + ": Connection refused")) << lines_.all;
  Metrics figures;
  watch_.collect(figures);
  EXPECT_EQ(figures.gauge("ringway_dns_frontend_up", "", {{"frontend", "a"}}).value(), 1);
  EXPECT_EQ(figures.gauge("ringway_dns_frontend_up", "", {{"frontend", "b"}}).value(), 0);
  second_.listen();
  ASSERT_TRUE(comes_to("++"));
  EXPECT_TRUE(lines_.say("a front-end answers again")) << lines_.all;
}

TEST_F(HealthWatchTest, ThinksWhatAnotherThoughtUntilItSeesOtherwise) {
  second_.listen();
  const Addresses frontends{{"a", {"127.0.0.1"}}, {"b", {"127.0.0.2"}}, {"c", {"255.255.255.255"}}};
  const dns::steering::SharedAtlas atlas_of_all = atlas(frontends);
  watch_.presume({7, atlas_of_all, {{{}}, {{0, 0, false}, {0, 1, false}, {0, 2, false}}}});
  follow(frontends);
  EXPECT_EQ(seen(), "+--") << "nobody was looked at yet";
  ASSERT_TRUE(comes_to("-+-"));
  EXPECT_TRUE(lines_.say("a front-end does not answer")) << lines_.all;
  EXPECT_TRUE(lines_.say("a front-end answers again")) << lines_.all;
  watch_.rest();
  follow(frontends);
  EXPECT_EQ(seen(), "???");
}

TEST_F(HealthWatchTest, OneAddressThatAnswersIsEnough) {
  first_.listen();
  follow({{"a", {"127.0.0.2", "127.0.0.1"}}, {"b", {"127.0.0.2"}}});
  ASSERT_TRUE(comes_to("+-"));
  second_.listen();
  first_.stop();
  ASSERT_TRUE(comes_to("++"));
}

/// A manager's atlas has them too, for sites such as "shop/backends".
TEST_F(HealthWatchTest, BackEndsAreNotLookedAt) {
  first_.listen();
  follow({{"a", {"127.0.0.1"}}, {"b", {"127.0.0.2"}}, {"backend/c", {"127.0.0.2"}}});
  ASSERT_TRUE(comes_to("+-?"));
  EXPECT_FALSE(lines_.say("backend")) << lines_.all;
}

TEST_F(HealthWatchTest, SilenceIsAFailure) {
  first_.listen();
  second_.fall_silent();
  follow({{"a", {"127.0.0.1"}}, {"b", {"127.0.0.2"}}});
  ASSERT_TRUE(comes_to("+-"));
  EXPECT_TRUE(lines_.say("connect to " + second_.address().text() + ": Connection timed out")) << lines_.all;
}

/// As after SIGCONT: the wait for sockets ends without a word of them, and the time is over.
TEST_F(HealthWatchTest, WhoAnsweredWhileThisProcessSleptIsWell) {
  first_.listen();
  std::optional<Look> seen;
  HealthProbe probe(*worker_, {first_.address()},
                    [&seen](const HealthProbe::Outcome& outcome) { seen = outcome.look; });
  probe.begin(20ms);
  std::this_thread::sleep_for(50ms);
  EXPECT_FALSE(seen);
  worker_->loop().timers.run(worker_->now() + 50ms);
  EXPECT_EQ(seen, Look::answered);
}

TEST_F(HealthWatchTest, WhereNoRouteLeadsNobodyIsIll) {
  first_.listen();
  follow({{"a", {"127.0.0.1"}}, {"b", {"255.255.255.255"}}, {"c", {"255.255.255.255", "127.0.0.2"}}});
  ASSERT_TRUE(comes_to("+?-"));
  ASSERT_TRUE(look_again("not made", 5));
  EXPECT_EQ(seen(), "+?-");
  EXPECT_TRUE(lines_.say("a front-end cannot be looked at")) << lines_.all;
}

TEST_F(HealthWatchTest, WhatThisHostLacksIsNobodysIllness) {
  if (testing::kSanitizerNeedsDescriptors) GTEST_SKIP() << "the sanitizer itself needs descriptors";
  first_.listen();
  follow({{"a", {"127.0.0.1"}}}, kPatience);
  ASSERT_TRUE(comes_to("+"));
  {
    const testing::NoDescriptors none;
    ASSERT_TRUE(look_again("not made", 5));
  }
  EXPECT_EQ(seen(), "+");
  EXPECT_EQ(looks("failed"), 0U);
  EXPECT_TRUE(lines_.say("Too many open files")) << lines_.all;
}

TEST_F(HealthWatchTest, KnowsWhatItKnewOfThoseThatStay) {
  first_.listen();
  follow({{"a", {"127.0.0.1"}}, {"b", {"127.0.0.2"}}});
  ASSERT_TRUE(comes_to("+-"));
  follow({{"a", {"127.0.0.2"}}, {"b", {"127.0.0.2"}}, {"c", {"127.0.0.1"}}});
  EXPECT_EQ(seen(), "?-?") << "the first has moved";
  ASSERT_TRUE(comes_to("--+"));
  watch_.rest();
  EXPECT_EQ(seen(), "");
  const std::uint64_t before = looks("failed");
  worker_->run_until([] { return false; }, 100ms);
  EXPECT_EQ(looks("failed"), before) << "it rests";
}

TEST_F(HealthWatchTest, EverybodyHasATurnWhateverTheNumber) {
  second_.fall_silent();
  Addresses many;
  for (std::size_t i = 0; i < 2 * limits::kMaxChecksUnderWay; ++i) many["silent-" + std::to_string(i)] = {"127.0.0.2"};
  first_.listen();
  many["z"] = {"127.0.0.1"};
  const auto open_files = [] {
    const auto begin = std::filesystem::directory_iterator("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
  };
  const std::size_t before = open_files();
  std::size_t most = 0;
  follow(many);
  ASSERT_TRUE(worker_->run_until(
      [&] {
        most = std::max(most, open_files());
        return seen() == std::string(2 * limits::kMaxChecksUnderWay, '-') + "+";
      },
      kPatience));
  EXPECT_GT(most, before + limits::kMaxChecksUnderWay / 2);
  EXPECT_LE(most, before + limits::kMaxChecksUnderWay + 1);
}

}  // namespace
}  // namespace ringway::cli
