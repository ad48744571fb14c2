#include "tmp_protocol/path.h"

#include <gtest/gtest.h>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

const SocketAddress kHere = SocketAddress::parse("192.0.2.1:1").value();
const SocketAddress kThere = SocketAddress::parse("192.0.2.2:1").value();

TEST(Path, AllowsThreeTimesWhatCameUntilProven) {
  Path path(kHere, Path::Proof::unproven);
  EXPECT_EQ(path.allowance(), 0U);
  path.on_received(1200);
  EXPECT_EQ(path.allowance(), 3600U);
  path.on_sent(3000);
  EXPECT_EQ(path.allowance(), 600U);
  path.on_sent(700);  // the last packet may overshoot its room
  EXPECT_EQ(path.allowance(), 0U);
  path.prove();
  EXPECT_GT(path.allowance(), 1U << 30);
}

class PathValidationTest : public testing::Test {
 protected:
  SeededRandom random_{1};
  PathValidation validation_;
  Time now_ = Time(5s);
};

TEST_F(PathValidationTest, IsProvenByTheSameDataAlone) {
  validation_.begin(kThere, 100, random_, now_);
  ASSERT_TRUE(validation_.challenge_due(now_));
  const PathChallengeData data = validation_.data();
  EXPECT_FALSE(validation_.on_response(data)) << "nothing was asked yet";
  validation_.on_challenge(now_, 50ms);
  EXPECT_FALSE(validation_.challenge_due(now_));
  PathChallengeData other = data;
  other[3] ^= 1;
  EXPECT_FALSE(validation_.on_response(other));
  EXPECT_TRUE(validation_.on_response(data));
  EXPECT_FALSE(validation_.active());
}

TEST_F(PathValidationTest, AsksAFewTimesAndGivesUp) {
  validation_.begin(kThere, 100, random_, now_);
  int asked = 0;
  for (int i = 0; i < 100 && validation_.active(); ++i) {
    now_ = std::max(now_, validation_.next_timeout());
    if (validation_.challenge_due(now_)) {
      validation_.on_challenge(now_, 50ms);
      ++asked;
    }
    validation_.advance(now_);
  }
  EXPECT_EQ(asked, 5);
  EXPECT_FALSE(validation_.active());
  EXPECT_EQ(validation_.next_timeout(), kNever);
}

TEST_F(PathValidationTest, BeginsAnewForAnotherAddress) {
  validation_.begin(kThere, 100, random_, now_);
  const PathChallengeData first = validation_.data();
  validation_.begin(kThere, 100, random_, now_);
  EXPECT_EQ(validation_.data(), first);
  EXPECT_EQ(validation_.path().allowance(), 600U);
  validation_.begin(kHere, 100, random_, now_);
  EXPECT_NE(validation_.data(), first);
  EXPECT_EQ(validation_.path().allowance(), 300U);
}

}  // namespace
}  // namespace ringway::tmp
