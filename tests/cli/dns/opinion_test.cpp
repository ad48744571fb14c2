#include "cli/dns/opinion.h"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;
using dns::steering::Votes;

class OpinionTest : public testing::Test {
 protected:
  bool add(Look look) { return opinion_.add(look, now_ += 5s); }
  [[nodiscard]] std::string votes(Duration later = 0s) const {
    const Votes votes = opinion_.votes(now_ + later);
    return std::to_string(votes.well) + " well, " + std::to_string(votes.ill) + " ill";
  }

  Opinion opinion_;
  Time now_{1000s};
};

TEST_F(OpinionTest, IsNoneBeforeTheFirstLook) {
  EXPECT_EQ(votes(), "0 well, 0 ill");
  EXPECT_FALSE(opinion_.well());
  EXPECT_FALSE(add(Look::failed));
  EXPECT_FALSE(add(Look::failed));
  EXPECT_EQ(votes(), "0 well, 0 ill") << "not knowing is no illness";
  EXPECT_FALSE(add(Look::answered)) << "it was never ill";
  EXPECT_EQ(votes(), "1 well, 0 ill");
}

TEST_F(OpinionTest, IsIllAfterThreeFailuresInARow) {
  add(Look::answered);
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(add(Look::failed));
    EXPECT_FALSE(add(Look::failed));
    EXPECT_FALSE(add(Look::answered));
  }
  EXPECT_FALSE(add(Look::failed));
  EXPECT_FALSE(add(Look::failed));
  EXPECT_EQ(votes(), "1 well, 0 ill");
  EXPECT_TRUE(add(Look::failed));
  EXPECT_EQ(votes(), "0 well, 1 ill");
  EXPECT_FALSE(add(Look::failed)) << "it is so already";
}

TEST_F(OpinionTest, IsWellAfterTwoAnswersInARow) {
  for (int i = 0; i < 3; ++i) add(Look::failed);
  EXPECT_EQ(opinion_.well(), false);
  EXPECT_FALSE(add(Look::answered));
  EXPECT_FALSE(add(Look::failed));
  EXPECT_FALSE(add(Look::answered));
  EXPECT_EQ(votes(), "0 well, 1 ill");
  EXPECT_TRUE(add(Look::answered));
  EXPECT_EQ(votes(), "1 well, 0 ill");
}

TEST_F(OpinionTest, IsNotChangedByLooksThatCouldNotBeMade) {
  add(Look::answered);
  add(Look::failed);
  add(Look::failed);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(add(Look::not_made));
  EXPECT_EQ(opinion_.well(), true);
  EXPECT_TRUE(add(Look::failed)) << "they are no answer either";
}

TEST_F(OpinionTest, IsNoVoteWhereItIsOld) {
  add(Look::answered);
  EXPECT_EQ(votes(59s), "1 well, 0 ill");
  EXPECT_EQ(votes(60s), "0 well, 0 ill");
  for (int i = 0; i < 12; ++i) add(Look::not_made);
  EXPECT_EQ(votes(), "0 well, 0 ill") << "looks that were not made keep nothing fresh";
}

}  // namespace
}  // namespace ringway::cli
