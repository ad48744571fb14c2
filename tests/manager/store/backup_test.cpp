#include "manager/store/backup.h"

#include <openssl/sha.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "manager/store/chain.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

Contents sample() {
  Chains chains;
  Contents contents;
  for (const char* content :
       {"{\"a\":\"\\u0000\"}", "line\nbreak\t\"quoted\\\" \x01\x7f", "\xe2\x82\xac \xf0\x9f\x98\x80", ""}) {
    const Batch batch = chains.batch(content);
    contents.revisions.push_back(*batch.revision);
    contents.entries.push_back(batch.entries.front());
    contents.records.push_back({"k", std::string("n") + content, content});
  }
  contents.revisions.push_back(chains.revision({{"sites", "gone", std::nullopt}, {"sites", "b", "{}"}}));
  contents.revisions.push_back(chains.revision({}));
  contents.position = 12;
  contents.epoch = 3;
  return contents;
}

TEST(Backup, ComesBackAsItWas) {
  for (const Contents& contents : {sample(), Contents()}) {
    const Result<Contents> back = decode_backup(encode_backup(contents));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, contents);
  }
}

TEST(Backup, IsOneJsonArrayALine) {
  std::istringstream lines(encode_backup(sample()));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, R"(["ringway-backup",1,12,3])");
  while (std::getline(lines, line)) {
    EXPECT_TRUE(line.starts_with("[\"") && line.ends_with("]")) << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
  EXPECT_TRUE(line.empty() || line.starts_with("[\"end\","));
}

TEST(Backup, EveryAlteredOctetIsFound) {
  const std::string text = encode_backup(sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string altered = text;
    altered[i] = static_cast<char>(altered[i] ^ 0x04);
    EXPECT_FALSE(decode_backup(altered).ok()) << "octet " << i;
  }
}

TEST(Backup, EveryTruncationIsFound) {
  const std::string text = encode_backup(sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(decode_backup(std::string_view(text).substr(0, size)).ok()) << size << " octets";
  }
  EXPECT_FALSE(decode_backup(text + "\n").ok());
  EXPECT_FALSE(decode_backup(text + text).ok());
}

TEST(Backup, AForgedChainIsFoundThoughTheChecksumIsRight) {
  Contents contents = sample();
  contents.revisions[1].author = "eve";
  const Result<Contents> back = decode_backup(encode_backup(contents));
  ASSERT_FALSE(back.ok());
  EXPECT_NE(back.error().message.find("revision 2"), std::string::npos) << back.error().message;
}

/// With the end that fits what is before it, as a forger would write it.
std::string ended(const std::string& body) {
  Hash sum{};
  SHA256(as_bytes(body).data(), body.size(), sum.data());
  return body + "[\"end\"," + std::to_string(std::ranges::count(body, '\n')) + ",\"" + to_text(sum) + "\"]\n";
}

TEST(Backup, LinesThatItNeverWritesAreFound) {
  const std::string first = "[\"ringway-backup\",1,12,3]\n";
  EXPECT_TRUE(decode_backup(ended(first)).ok());
  EXPECT_TRUE(decode_backup(ended(first + "[\"record\",\"k\",\"n\",\"c\"]\n")).ok());
  EXPECT_TRUE(decode_backup(ended(first + "[\"record\",\"k\",\"n\",null]\n")).ok());
  for (const char* line :
       {"[\"record\",\"k\",\"n\"]", "[\"record\",\"k\",\"n\",\"c\",1]", "[\"record\",\"k\",1,\"c\"]",
        "[\"record\",\"k\",\"n\",\"\\x\"]", "[\"record\",\"k\",\"n\",\"\\u00e9\"]", "[\"record\",\"k\",\"n\",\"\\u00",
        "[\"record\" ,\"k\",\"n\",\"c\"]", "[\"record\",\"k\",\"n\",\"c\"", "[\"record\",\"k\",null,null]",
        "[\"change\",\"k\",\"n\",null]", "[\"other\"]", "[]", "[", "", "[\"end\",0,\"\"]",
        "[\"entry\",\"audit\",-1,0,\"\",\"\"]"}) {
    EXPECT_FALSE(decode_backup(ended(first + line + "\n")).ok()) << line;
  }
  EXPECT_FALSE(decode_backup(ended("[\"ringway-backup\",2,12,3]\n")).ok()) << "of a newer release";
  EXPECT_FALSE(decode_backup(ended("[\"other\",1,12,3]\n")).ok());
  EXPECT_FALSE(decode_backup(ended("")).ok());
}

using Pair = std::tuple<Kind, Kind>;

std::string name_of_pair(const ::testing::TestParamInfo<Pair>& info) {
  return kind_name(std::get<0>(info.param)) + "To" + kind_name(std::get<1>(info.param));
}

class BackupBetween : public ::testing::TestWithParam<Pair> {};

INSTANTIATE_TEST_SUITE_P(Each, BackupBetween, ::testing::Combine(kAllKinds, kAllKinds), name_of_pair);

TEST_P(BackupBetween, MovesEverything) {
  const TempFolder folder;
  const std::string path = folder.path() + "/backup.jsonl";
  const auto from_place = make_place(std::get<0>(GetParam()));
  const auto to_place = make_place(std::get<1>(GetParam()));
  const auto from = from_place->open();
  const auto to = to_place->open();
  const std::uint64_t epoch = lead(*from);
  Chains chains;
  for (int i = 0; i < 5; ++i) ASSERT_EQ(from->write(chains.batch(std::to_string(i)), epoch).written, Written::done);
  Batch last;
  last.records = {{"drafts", "0", std::nullopt}};
  ASSERT_EQ(from->write(last, epoch).written, Written::done);

  const Status kept = backup(*from, path);
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  const Status restored = restore(*to, path, Existing::kept);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  const Contents before = read_all(*from);
  const Contents after = read_all(*to);
  EXPECT_EQ(after.revisions, before.revisions);
  EXPECT_EQ(after.records, before.records);
  EXPECT_EQ(after.entries, before.entries);
  EXPECT_GT(after.epoch, before.epoch);
  EXPECT_GT(after.position, before.position);
  const std::uint64_t next = lead(*to);
  EXPECT_GT(next, after.epoch);
  EXPECT_EQ(to->write(chains.batch("on"), next).written, Written::done) << "the chains go on";

  EXPECT_FALSE(restore(*to, path, Existing::kept).ok());
  EXPECT_EQ(read_all(*to).revisions.size(), 6u);
  EXPECT_TRUE(restore(*to, path, Existing::replaced).ok());
  EXPECT_EQ(read_all(*to).revisions, before.revisions);
  EXPECT_EQ(to->write(chains.batch("late"), next).written, Written::fenced);
}

class BackupOf : public StoreTest {};

INSTANTIATE_TEST_SUITE_P(Each, BackupOf, kDurableKinds, name_of_kind);

TEST_P(BackupOf, AStoreUnderWritesIsOfOneMoment) {
  const TempFolder folder;
  const std::uint64_t epoch = lead(*store_);
  std::thread writer([&] {
    for (int i = 0; i < 80; ++i)
      EXPECT_EQ(store_->write(chains_.batch(std::to_string(i)), epoch).written, Written::done);
  });
  const auto reader = place_->open();
  for (int i = 0; i < 8; ++i) {
    const std::string path = folder.path() + "/" + std::to_string(i);
    ASSERT_TRUE(backup(*reader, path).ok());
    const Result<Contents> contents = decode_backup(*read_file(path, 1 << 30));
    ASSERT_TRUE(contents.ok()) << contents.error().message;
    EXPECT_EQ(contents->revisions.size(), contents->position);
    EXPECT_EQ(contents->records.size(), contents->position);
    EXPECT_EQ(contents->entries.size(), contents->position);
  }
  writer.join();
}

TEST_P(BackupOf, ADamagedBackupLeavesTheStoreAlone) {
  const TempFolder folder;
  const std::string path = folder.path() + "/backup";
  ASSERT_EQ(store_->write(chains_.batch("a"), lead(*store_)).written, Written::done);
  const Contents before = read_all(*store_);
  ASSERT_TRUE(backup(*store_, path).ok());
  struct stat there {};
  ASSERT_EQ(::stat(path.c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0777, 0600u);
  std::string text = *read_file(path, 1 << 20);
  text[text.size() / 2] ^= 1;
  std::ofstream(path) << text;
  EXPECT_FALSE(restore(*store_, path, Existing::replaced).ok());
  EXPECT_FALSE(restore(*store_, folder.path() + "/none", Existing::replaced).ok());
  EXPECT_EQ(read_all(*store_), before);
}

TEST(BackupFile, WhatWasThereStaysWhenTheNewOneCannotBeWritten) {
  const TempFolder folder;
  const std::string path = folder.path() + "/backup";
  std::ofstream(path) << "old";
  ASSERT_EQ(::mkdir((path + ".partial").c_str(), 0700), 0);
  const auto place = make_place(Kind::memory);
  EXPECT_FALSE(backup(*place->open(), path).ok());
  EXPECT_EQ(*read_file(path, 100), "old");
}

}  // namespace
}  // namespace ringway::manager::testing
