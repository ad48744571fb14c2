#include "cli/backend_links.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/manual_loop.h"

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;

class FakeLink final : public tmp::Link {
 public:
  explicit FakeLink(tmp::PeerTarget target) : target_(std::move(target)) {}
  [[nodiscard]] bool up() const override { return is_up; }
  [[nodiscard]] const std::string& peer() const override { return target_.name; }
  std::unique_ptr<tmp::LinkStream> open(const tmp::StreamOpening& /*opening*/,
                                        ByteStreamHandler& /*handler*/) override {
    return nullptr;
  }
  [[nodiscard]] std::size_t streams() const override { return in_flight; }
  [[nodiscard]] tmp::LinkQuality quality() const override { return {}; }
  [[nodiscard]] const tmp::LinkCounters& counters() const override { return counters_; }
  void drain() override {}
  void close(const std::string& /*reason*/) override { closed = true; }

  bool is_up = false;
  bool closed = false;
  std::size_t in_flight = 0;

 private:
  tmp::PeerTarget target_;
  tmp::LinkCounters counters_;
};

class BackendLinksTest : public ::testing::Test {
 protected:
  static tmp::PeerTarget target(const std::string& name, std::uint16_t port) {
    return {name, {IpAddress::v4({192, 0, 2, 1}), port}};
  }

  testing::ManualLoop loop_;
  std::vector<std::unique_ptr<FakeLink>> made_;
  BackendLinks::ByName used_;
  BackendLinks links_{loop_.loop(),
                      [this](const tmp::PeerTarget& wanted) -> tmp::Link& {
                        made_.push_back(std::make_unique<FakeLink>(wanted));
                        return *made_.back();
                      },
                      [this](BackendLinks::ByName links) { used_ = std::move(links); }};
};

TEST_F(BackendLinksTest, IsNotReadyBeforeWhatIsPreparedIsUp) {
  links_.set({target("a", 1)}, 10s);
  EXPECT_TRUE(links_.ready());
  made_[0]->is_up = true;
  links_.prepare({target("b", 2)});
  EXPECT_FALSE(links_.ready());
  EXPECT_EQ(used_.size(), 1U) << "nothing is in use before it is set";
  made_[1]->is_up = true;
  EXPECT_TRUE(links_.ready());
  links_.set({target("b", 2)}, 10s);
  EXPECT_EQ(made_.size(), 2U);
  EXPECT_EQ(used_.at("b"), made_[1].get());
  EXPECT_TRUE(made_[0]->closed);
}

TEST_F(BackendLinksTest, WaitsForNothingWhereNothingIsUp) {
  links_.set({target("a", 1)}, 10s);
  links_.prepare({target("b", 2)});
  EXPECT_TRUE(links_.ready());
}

TEST_F(BackendLinksTest, LeavesWhatWasPreparedInVain) {
  links_.set({target("a", 1)}, 10s);
  links_.prepare({target("b", 2), target("c", 3)});
  links_.set({target("a", 1), target("b", 4)}, 10s);
  ASSERT_EQ(made_.size(), 4U);
  EXPECT_FALSE(made_[0]->closed);
  EXPECT_TRUE(made_[1]->closed) << "it leads to another address";
  EXPECT_TRUE(made_[2]->closed);
  EXPECT_EQ(used_.at("b"), made_[3].get());
}

TEST_F(BackendLinksTest, AMovedBackendIsUsedWhereItWasUntilItsNewLinkIsUp) {
  links_.set({target("a", 1)}, 10s);
  made_[0]->is_up = true;
  made_[0]->in_flight = 1;
  links_.set({target("a", 2)}, 10s);
  EXPECT_EQ(used_.at("a"), made_[0].get());
  made_[1]->is_up = true;
  loop_.advance(1s);
  EXPECT_EQ(used_.at("a"), made_[1].get());
  EXPECT_FALSE(made_[0]->closed) << "an exchange is in flight";
  made_[0]->in_flight = 0;
  loop_.advance(1s);
  EXPECT_TRUE(made_[0]->closed);
}

TEST_F(BackendLinksTest, ClosesWhatIsLeftAtTheLimit) {
  links_.set({target("a", 1)}, 10s);
  made_[0]->in_flight = 1;
  links_.set({}, 10s);
  loop_.advance(9s);
  EXPECT_FALSE(made_[0]->closed);
  loop_.advance(2s);
  EXPECT_TRUE(made_[0]->closed);
}

}  // namespace
}  // namespace ringway::cli
