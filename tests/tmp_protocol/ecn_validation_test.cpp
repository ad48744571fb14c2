#include "tmp_protocol/ecn_validation.h"

#include <gtest/gtest.h>

namespace ringway::tmp {
namespace {

struct Sender {
  EcnValidation ecn;
  std::uint64_t next = 0;
  void send(int packets) {
    for (int i = 0; i < packets; ++i) ecn.on_sent(next++);
  }
};

TEST(EcnValidation, MarksFromTheFirstPacketAndBelievesCountsThatAddUp) {
  Sender sender;
  EXPECT_TRUE(sender.ecn.marks());
  EXPECT_FALSE(sender.ecn.capable());
  sender.send(10);
  sender.ecn.on_ack({4, 0, 0}, 4);
  EXPECT_TRUE(sender.ecn.capable());
  sender.ecn.on_ack({8, 0, 2}, 6);
  EXPECT_TRUE(sender.ecn.capable());
}

TEST(EcnValidation, StopsWhereThePathBleaches) {
  Sender sender;
  sender.send(4);
  sender.ecn.on_ack({0, 0, 0}, 4);
  EXPECT_FALSE(sender.ecn.marks());
  sender.send(4);
  sender.ecn.on_ack({4, 0, 0}, 0);
  EXPECT_FALSE(sender.ecn.marks());
}

TEST(EcnValidation, StopsWhereItBeginsToBleachLater) {
  Sender sender;
  sender.send(20);
  sender.ecn.on_ack({10, 0, 0}, 10);
  sender.ecn.on_ack({15, 0, 0}, 10);
  EXPECT_FALSE(sender.ecn.marks());
}

TEST(EcnValidation, StopsAtCountsThatCannotBe) {
  for (const EcnCounts counts : {EcnCounts{5, 0, 0}, EcnCounts{2, 2, 0}, EcnCounts{0, 0, 5}}) {
    Sender sender;
    sender.send(4);
    sender.ecn.on_ack(counts, 4);
    EXPECT_FALSE(sender.ecn.marks()) << counts.ect0;
    EXPECT_FALSE(sender.ecn.capable());
  }
}

TEST(EcnValidation, APathThatMarksEverythingIsNotBelieved) {
  Sender sender;
  sender.send(20);
  sender.ecn.on_ack({0, 0, 4}, 4);
  EXPECT_FALSE(sender.ecn.capable());
  sender.ecn.on_ack({0, 0, 12}, 8);
  EXPECT_FALSE(sender.ecn.marks());
}

TEST(EcnValidation, StopsWhereNoMarkedPacketIsEverAnswered) {
  Sender sender;
  sender.send(4);
  sender.ecn.on_pto(1);
  EXPECT_TRUE(sender.ecn.marks());
  sender.ecn.on_pto(2);
  EXPECT_FALSE(sender.ecn.marks());
}

TEST(EcnValidation, AfterASilenceItTestsAgain) {
  Sender sender;
  sender.send(10);
  sender.ecn.on_ack({10, 0, 0}, 10);
  sender.send(5);
  sender.ecn.on_pto(2);
  EXPECT_FALSE(sender.ecn.marks());  // the probe may be what gets through
  sender.send(1);
  EXPECT_FALSE(sender.ecn.capable());
  sender.ecn.on_ack({10, 0, 0}, 0);
  EXPECT_TRUE(sender.ecn.marks());
  sender.send(3);
  EXPECT_EQ(sender.ecn.first_marked(), 16U);
  sender.ecn.on_ack({13, 0, 0}, 3);
  EXPECT_TRUE(sender.ecn.capable());
}

TEST(EcnValidation, AnotherRouteIsTestedAnew) {
  Sender sender;
  sender.send(4);
  sender.ecn.on_ack({0, 0, 0}, 4);
  sender.ecn.restart();
  EXPECT_TRUE(sender.ecn.marks());
  sender.send(6);
  sender.ecn.on_ack({5, 0, 1}, 6);
  EXPECT_TRUE(sender.ecn.capable());
  sender.ecn.restart();
  sender.send(2);
  sender.ecn.on_ack({7, 0, 1}, 2);  // the peer goes on counting
  EXPECT_TRUE(sender.ecn.capable());
}

}  // namespace
}  // namespace ringway::tmp
