#include "tmp_protocol/pacer.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;
constexpr std::size_t kOctets = 1250;  // 1 ms at 10 Mbit/s

/// Sends all that may leave at `now`; packets.
int train(Pacer& pacer, Time now, int most = 1000) {
  int sent = 0;
  while (sent < most && pacer.open(now)) {
    pacer.on_sent(kOctets, now);
    ++sent;
  }
  return sent;
}

TEST(Pacer, SendsUnpacedWithoutARate) {
  Pacer pacer;
  EXPECT_EQ(train(pacer, kStart), 1000);
}

TEST(Pacer, TrainsLastOneMillisecond) {
  Pacer pacer;
  pacer.set_rate(12.5e6);  // 100 Mbit/s: 100 µs each
  EXPECT_EQ(train(pacer, kStart), 11);
  EXPECT_EQ(pacer.release(), kStart + 1100us);
  EXPECT_EQ(train(pacer, kStart + 1100us), 11);
}

TEST(Pacer, TrainsAreAsShortAsTheyShouldBe) {
  Pacer pacer;
  pacer.set_rate(12.5e6);
  pacer.set_train(150us);
  EXPECT_EQ(train(pacer, kStart), 2);
  EXPECT_EQ(pacer.release(), kStart + 200us);
}

TEST(Pacer, OnePacketAtATimeOnASlowPath) {
  Pacer pacer;
  pacer.set_rate(125e3);  // 1 Mbit/s: 10 ms each
  EXPECT_EQ(train(pacer, kStart), 1);
  EXPECT_FALSE(pacer.open(kStart + 9ms));
  EXPECT_EQ(train(pacer, kStart + 10ms), 1);
}

TEST(Pacer, ALateTimerLosesNothing) {
  Pacer pacer;
  pacer.set_rate(12.5e6);
  int sent = train(pacer, kStart);
  Time now = kStart;
  for (int i = 0; i < 100; ++i) sent += train(pacer, now += 4ms);  // a timer of 4 ms
  const double seconds = to_seconds(now - kStart);
  EXPECT_NEAR(sent, seconds * 12.5e6 / kOctets, 25);
}

TEST(Pacer, LatenessIsBounded) {
  Pacer pacer;
  pacer.set_rate(12.5e6);
  train(pacer, kStart);
  const int most = static_cast<int>((limits::kPacerLateCredit + 1ms) / 100us) + 2;
  EXPECT_LE(train(pacer, kStart + 10s), most);
}

TEST(Pacer, IdlenessEarnsNoCredit) {
  Pacer pacer;
  pacer.set_rate(12.5e6);
  train(pacer, kStart);
  pacer.on_idle();
  EXPECT_EQ(train(pacer, kStart + 10s), 11);
}

TEST(Pacer, IdlenessDoesNotOpenAPausedPacer) {
  Pacer pacer;
  pacer.set_rate(12.5e6);
  train(pacer, kStart);
  pacer.on_idle();
  EXPECT_FALSE(pacer.open(kStart + 500us));
}

TEST(Pacer, CreditSurvivesAPartialTrain) {
  Pacer pacer;
  pacer.set_rate(12.5e6);
  train(pacer, kStart);
  const Time late = kStart + 1100us + 3ms;
  EXPECT_EQ(train(pacer, late, 5), 5);
  EXPECT_GE(train(pacer, late), 30);
}

}  // namespace
}  // namespace ringway::tmp
