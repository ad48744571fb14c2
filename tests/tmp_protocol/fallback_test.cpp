#include "tmp_protocol/fallback.h"

#include <gtest/gtest.h>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;
using Phase = Fallback::Phase;

class FallbackTest : public testing::Test {
 protected:
  /// Carried since `now_`.
  void carry(CarrierId carrier) {
    fallback_.on_dialed(carrier, now_);
    ASSERT_TRUE(fallback_.on_up(carrier, now_));
  }
  void return_to_udp() {
    fallback_.on_trial();
    EXPECT_FALSE(fallback_.on_echo(now_));
    EXPECT_FALSE(fallback_.on_echo(now_));
    EXPECT_TRUE(fallback_.on_echo(now_)) << "three full echoes are enough";
  }
  /// The pause before the next trial.
  Duration pause() { return fallback_.trial_at() - now_; }

  SeededRandom random_{1};
  Fallback fallback_{random_};
  Time now_ = Time(100s);
};

TEST_F(FallbackTest, DialsWhereNoAnswerComes) {
  EXPECT_EQ(fallback_.leaves_at(kNever, 300ms), kNever);
  EXPECT_EQ(fallback_.leaves_at(now_, 300ms), now_ + 300ms);
  fallback_.on_dialed(7, now_);
  EXPECT_EQ(fallback_.phase(), Phase::dialing);
  EXPECT_EQ(fallback_.leaves_at(now_, 300ms), kNever) << "once";
  EXPECT_FALSE(fallback_.on_up(8, now_)) << "another's";
  EXPECT_TRUE(fallback_.on_up(7, now_));
  EXPECT_EQ(fallback_.phase(), Phase::carried);
}

TEST_F(FallbackTest, GivesTheCarrierUpWhereUdpAnswersFirst) {
  fallback_.on_dialed(7, now_);
  EXPECT_EQ(fallback_.on_udp_answers(), 7U);
  EXPECT_EQ(fallback_.phase(), Phase::direct);
  EXPECT_FALSE(fallback_.on_up(7, now_)) << "too late";
  EXPECT_EQ(fallback_.on_udp_answers(), kNoCarrier);
}

TEST_F(FallbackTest, DoesNotDialInALoop) {
  fallback_.on_dialed(7, now_);
  EXPECT_FALSE(fallback_.on_down(7, now_)) << "nothing was carried by it";
  EXPECT_EQ(fallback_.leaves_at(now_ - 1s, 300ms), now_ + limits::kCarrierRedialPause);
  fallback_.on_dialed(kNoCarrier, now_);
  EXPECT_EQ(fallback_.phase(), Phase::direct);
  EXPECT_EQ(fallback_.leaves_at(now_ - 1s, 300ms), now_ + limits::kCarrierRedialPause);
}

TEST_F(FallbackTest, DialsAgainWhereTheCarrierIsLost) {
  carry(7);
  now_ += 10s;
  EXPECT_FALSE(fallback_.on_down(6, now_));
  EXPECT_TRUE(fallback_.on_down(7, now_));
  EXPECT_EQ(fallback_.leaves_at(kNever, 300ms), now_) << "at once: UDP did not pass lately";
  EXPECT_EQ(fallback_.on_udp_answers(), kNoCarrier);
  EXPECT_EQ(fallback_.leaves_at(kNever, 300ms), kNever) << "but it does now";
}

TEST_F(FallbackTest, TriesUdpForEver) {
  carry(7);
  Duration expected = limits::kMinUdpTrialPause;
  for (int trial = 0; trial < 100; ++trial) {
    EXPECT_GE(pause(), expected * 3 / 4) << trial;
    EXPECT_LE(pause(), expected * 5 / 4) << trial;
    now_ = fallback_.trial_at();
    fallback_.on_trial();
    EXPECT_EQ(fallback_.trial_at(), kNever) << "one at a time";
    now_ += 9s;
    fallback_.on_no_echo(now_);
    expected = std::min<Duration>(2 * expected, limits::kMaxUdpTrialPause);
  }
}

TEST_F(FallbackTest, CountsEchoesInARow) {
  carry(7);
  EXPECT_FALSE(fallback_.on_echo(now_));
  EXPECT_FALSE(fallback_.on_echo(now_));
  fallback_.on_no_echo(now_);
  return_to_udp();
  EXPECT_EQ(fallback_.phase(), Phase::returned);
}

TEST_F(FallbackTest, KeepsTheCarrierForAWhileAfterTheReturn) {
  carry(7);
  return_to_udp();
  EXPECT_EQ(fallback_.carrier(), 7U);
  EXPECT_EQ(fallback_.trial_at(), kNever);
  EXPECT_EQ(fallback_.hang_up_at(), now_ + limits::kCarrierKeepTime);
  EXPECT_EQ(fallback_.leaves_at(now_, 2s), now_ + 2s);
  fallback_.on_carried_again(now_ + 2s);
  EXPECT_EQ(fallback_.phase(), Phase::carried);
  return_to_udp();
  EXPECT_FALSE(fallback_.peer_returned());
  fallback_.on_udp_heard();
  EXPECT_TRUE(fallback_.peer_returned());
  EXPECT_EQ(fallback_.hang_up(), 7U);
  EXPECT_EQ(fallback_.phase(), Phase::direct);
  EXPECT_EQ(fallback_.hang_up_at(), kNever);
}

TEST_F(FallbackTest, TriesAPathThatDeceivesEverMoreSeldom) {
  carry(7);
  for (int deception = 0; deception < 6; ++deception) {
    return_to_udp();
    now_ += 3s;
    fallback_.on_carried_again(now_);
  }
  EXPECT_GE(pause(), limits::kMaxUdpTrialPause * 3 / 4);
  return_to_udp();
  now_ += limits::kMaxUdpTrialPause + 1s;
  EXPECT_EQ(fallback_.hang_up(), 7U);
  carry(8);
  EXPECT_LE(pause(), limits::kMinUdpTrialPause * 5 / 4) << "it had held";
}

}  // namespace
}  // namespace ringway::tmp
