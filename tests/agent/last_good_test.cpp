#include "agent/last_good.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/limits.h"
#include "support.h"

namespace ringway::agent {
namespace {

using testing::content;
using testing::Folder;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
}

LastGood open(const Folder& folder) {
  auto opened = LastGood::open(folder.path());
  EXPECT_TRUE(opened) << opened.error().message;
  return std::move(*opened);
}

void make_good(LastGood& disk, const Content& good) {
  ASSERT_TRUE(disk.begin_trial(good));
  ASSERT_TRUE(disk.pass_trial(good));
}

const Content kFirst = content(1, {{"sites/shop", R"({"name": "shop"})"}, {"link", "{}"}});
const Content kSecond = content(2, {{"sites/shop", R"({"name": "shop", "weight": 2})"}});

TEST(LastGood, KeepsWhatPassedItsTrial) {
  const Folder folder;
  {
    LastGood disk = open(folder);
    EXPECT_FALSE(disk.content());
    make_good(disk, kFirst);
  }
  const LastGood disk = open(folder);
  ASSERT_TRUE(disk.content());
  EXPECT_EQ(disk.content()->mark, kFirst.mark);
  EXPECT_EQ(disk.content()->sections, kFirst.sections);
  EXPECT_TRUE(disk.refusals().empty());
}

TEST(LastGood, RefusesWhatTheProcessEndedWhileTrying) {
  const Folder folder;
  {
    LastGood disk = open(folder);
    make_good(disk, kFirst);
    ASSERT_TRUE(disk.begin_trial(kSecond));
  }
  {
    const LastGood disk = open(folder);
    EXPECT_EQ(disk.content()->mark, kFirst.mark);
    const ContentStatus* const refusal = disk.refusal_of(kSecond.mark.hash);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->mark, kSecond.mark);
    EXPECT_EQ(refusal->stage, Stage::refused);
    EXPECT_NE(refusal->reason.find("ended while trying"), std::string::npos) << refusal->reason;
  }
  LastGood disk = open(folder);  // and it stays so
  ASSERT_TRUE(disk.forgive());
  EXPECT_NE(disk.refusal_of(kSecond.mark.hash), nullptr);
}

TEST(LastGood, AnOrderlyEndInTheTrialBlamesNobody) {
  const Folder folder;
  {
    LastGood disk = open(folder);
    make_good(disk, kFirst);
    ASSERT_TRUE(disk.begin_trial(kSecond));
    ASSERT_TRUE(disk.end_trial());
  }
  const LastGood disk = open(folder);
  EXPECT_EQ(disk.content()->mark, kFirst.mark);
  EXPECT_TRUE(disk.refusals().empty());
}

/// Whatever a power cut leaves of the last one, the one before it is used.
TEST(LastGood, GoesBackToTheOneBeforeAtEveryCut) {
  const Folder folder;
  {
    LastGood disk = open(folder);
    make_good(disk, kFirst);
    make_good(disk, kSecond);
  }
  const std::string file = folder.path() + "/content";
  const std::string whole = read(file);
  ASSERT_FALSE(whole.empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write(file, std::string_view(whole).substr(0, length));
    const LastGood disk = open(folder);
    ASSERT_TRUE(disk.content()) << length;
    EXPECT_EQ(disk.content()->mark, kFirst.mark) << length;
  }
  for (std::size_t place = 0; place < whole.size(); ++place) {
    std::string altered = whole;
    altered[place] = static_cast<char>(altered[place] ^ 1);
    write(file, altered);
    EXPECT_EQ(open(folder).content()->mark, kFirst.mark) << place;
  }
  write(file, whole + " ");
  EXPECT_EQ(open(folder).content()->mark, kFirst.mark);
  write(file, whole);
  EXPECT_EQ(open(folder).content()->mark, kSecond.mark);
}

TEST(LastGood, GoesOnWithNothingWhereNothingIsWhole) {
  const Folder folder;
  {
    LastGood disk = open(folder);
    make_good(disk, kFirst);
    make_good(disk, kSecond);
    ASSERT_TRUE(disk.refuse({content(3, {}).mark, Stage::refused, "no"}));
    ASSERT_TRUE(disk.revoke({{"0a"}, {"frontend:pop-2"}}));
  }
  for (const char* const name : {"content", "content.old", "refused", "revoked"})
    write(folder.path() + "/" + name, "?");
  const LastGood disk = open(folder);
  EXPECT_FALSE(disk.content());
  EXPECT_TRUE(disk.refusals().empty());
  EXPECT_TRUE(disk.revoked().revoked_serials.empty());
}

TEST(LastGood, AFullDiskBlamesNobody) {
  const Folder folder;
  {
    LastGood disk = open(folder);
    ASSERT_TRUE(disk.begin_trial(kFirst));
    std::filesystem::create_directory(folder.path() + "/content.trial.placed");  // as if nothing could be written
    EXPECT_FALSE(disk.begin_trial(kSecond));
  }
  EXPECT_TRUE(open(folder).refusals().empty());
}

TEST(LastGood, RemovesWhatAWriteLeft) {
  const Folder folder;
  open(folder);
  write(folder.path() + "/content.Ab12Cd", "half");
  write(folder.path() + "/content.trial.Ab12Cd", "half");
  write(folder.path() + "/somebody's", "own");
  open(folder);
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/content.Ab12Cd"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/content.trial.Ab12Cd"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/somebody's"));
}

TEST(LastGood, RemembersTheLatestRefusals) {
  const Folder folder;
  const auto nth = [](std::size_t number) { return content(number, {{"link", std::to_string(number)}}); };
  {
    LastGood disk = open(folder);
    for (std::size_t number = 0; number < limits::kMaxRefusedContents + 3; ++number) {
      ASSERT_TRUE(disk.refuse({nth(number).mark, Stage::refused, "wrong"}));
    }
    ASSERT_TRUE(disk.refuse({nth(5).mark, Stage::refused, "wrong again"}));
  }
  LastGood disk = open(folder);
  EXPECT_EQ(disk.refusals().size(), limits::kMaxRefusedContents);
  EXPECT_EQ(disk.refusal_of(nth(2).mark.hash), nullptr);
  EXPECT_EQ(disk.refusal_of(nth(5).mark.hash)->reason, "wrong again");
  ASSERT_TRUE(disk.forgive());
  EXPECT_TRUE(open(folder).refusals().empty());
}

TEST(LastGood, KeepsRevocations) {
  const Folder folder;
  ASSERT_TRUE(open(folder).revoke({{"0a", "0b"}, {"backend:host-1"}}));
  const LastGood disk = open(folder);
  EXPECT_EQ(disk.revoked().revoked_serials, (std::vector<std::string>{"0a", "0b"}));
  EXPECT_EQ(disk.revoked().revoked_identities, std::vector<std::string>{"backend:host-1"});
}

TEST(LastGood, SaysWhatIsWrongWithTheDirectory) {
  const Folder folder;
  write(folder.path() + "/file", "");
  const auto opened = LastGood::open(folder.path() + "/file/state");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find(folder.path() + "/file/state"), std::string::npos);
  EXPECT_TRUE(LastGood::open(folder.path() + "/a/b"));
}

}  // namespace
}  // namespace ringway::agent
