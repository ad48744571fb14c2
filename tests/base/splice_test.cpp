#include "base/splice.h"

#include <gtest/gtest.h>

#include "tests/support/fake_stream.h"

namespace ringway {
namespace {

using testing::FakeStream;
using testing::FarEnd;

class SpliceTest : public ::testing::Test {
 protected:
  SpliceTest()
      : splice_(std::make_unique<FakeStream>(left_), std::make_unique<FakeStream>(right_),
                [this](const StreamEnd& end) {
                  ++ends_;
                  code_ = end.code;
                }) {}

  std::shared_ptr<FarEnd> left_ = std::make_shared<FarEnd>();
  std::shared_ptr<FarEnd> right_ = std::make_shared<FarEnd>();
  int ends_ = 0;
  StreamCode code_ = StreamCode::none;
  Splice splice_;
};

TEST_F(SpliceTest, PassesOctetsBothWaysAndGivesThemBack) {
  left_->send("question");
  right_->send("answer");
  EXPECT_EQ(right_->take(), "question");
  EXPECT_EQ(left_->take(), "answer");
  EXPECT_EQ(left_->credit, 8U);
  EXPECT_EQ(right_->credit, 6U);
}

TEST_F(SpliceTest, GivesNoCreditWhileTheOtherSideIsFull) {
  right_->window = 4;
  left_->send("too much");
  EXPECT_EQ(left_->credit, 0U);
  right_->take();
  right_->writable();
  EXPECT_EQ(left_->credit, 8U);
}

TEST_F(SpliceTest, HalvesEndOnTheirOwn) {
  left_->end();
  EXPECT_TRUE(right_->finished);
  EXPECT_FALSE(left_->finished);
  EXPECT_EQ(ends_, 0);
  right_->send("still");
  EXPECT_EQ(left_->take(), "still");
  right_->end();
  EXPECT_TRUE(left_->finished);
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(code_, StreamCode::none);
}

TEST_F(SpliceTest, AnAbortTakesTheOtherSideAlong) {
  left_->abort(StreamCode::connection_failed);
  EXPECT_TRUE(right_->aborted);
  EXPECT_EQ(right_->code, StreamCode::connection_failed);
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(code_, StreamCode::connection_failed);
}

TEST_F(SpliceTest, AStopReachesTheWriter) {
  left_->handler->on_stop(StreamCode::unwanted);
  EXPECT_TRUE(right_->stopped);
  EXPECT_TRUE(left_->finished);
  left_->send("goes on");
  EXPECT_EQ(right_->take(), "goes on");
  left_->end();
  EXPECT_EQ(ends_, 1);
}

}  // namespace
}  // namespace ringway
