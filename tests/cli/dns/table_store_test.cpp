#include "cli/dns/table_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/atlas_maker.h"
#include "redirector_dns/steering/table_feed.h"

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;
using dns::steering::SharedAtlas;
using dns::steering::SharedTable;
using dns::steering::SteeringTable;

class TableStoreTest : public testing::Test {
 protected:
  TableStoreTest() { std::filesystem::create_directories(place_); }
  ~TableStoreTest() override { std::filesystem::remove_all(place_); }

  /// One POP of one front-end.
  static SharedTable table(std::uint64_t number, double capacity, double shed) {
    dns::steering::Plan plan;
    plan.pops.push_back({"zurich", std::nullopt, capacity});
    plan.frontends.resize(1);
    plan.frontends[0].name = "pop-1";
    plan.frontends[0].v4 = {IpAddress::v4({192, 0, 2, 1})};
    const SharedAtlas atlas = dns::steering::AtlasMaker().draw(plan, Time()).value();
    return std::make_shared<const SteeringTable>(number, atlas, dns::steering::Levels{{{shed, 0, false}}, {}});
  }
  [[nodiscard]] std::optional<TableStore::Kept> read() const {
    return TableStore(place_).read(std::chrono::system_clock::now());
  }
  [[nodiscard]] std::string path(const std::string& name) const { return place_ + "/" + name; }
  void cut(const std::string& name) const {
    std::filesystem::resize_file(path(name), std::filesystem::file_size(path(name)) / 2);
  }

  const std::string place_ = testing::TempDir() + "ringway_table_store_" + std::to_string(::getpid());
  TableStore store_{place_};
};

TEST_F(TableStoreTest, KeepsTheLastTable) {
  EXPECT_FALSE(read());
  ASSERT_TRUE(store_.keep(table(7, 2, 0.5), Time()));
  const auto kept = read();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->table.number(), 7U);
  EXPECT_EQ(kept->table.levels().pops[0].shed, 0.5);
  EXPECT_EQ(kept->table.atlas().pops[0].capacity, 2);
  EXPECT_LT(kept->age, 10s);
}

TEST_F(TableStoreTest, WritesLevelsNowAndThenAndAnAtlasAtOnce) {
  const SharedTable first = table(1, 2, 0.1);
  const auto next =
      std::make_shared<const SteeringTable>(2, first->shared_atlas(), dns::steering::Levels{{{0.2, 0, false}}, {}});
  ASSERT_TRUE(store_.keep(first, Time()));
  ASSERT_TRUE(store_.keep(next, Time(limits::kLevelsKept - 1ms)));
  EXPECT_EQ(read()->table.number(), 1U);
  ASSERT_TRUE(store_.keep(next, Time(limits::kLevelsKept)));
  EXPECT_EQ(read()->table.number(), 2U);
  ASSERT_TRUE(store_.keep(table(3, 5, 0), Time(limits::kLevelsKept)));
  EXPECT_EQ(read()->table.number(), 3U);
}

TEST_F(TableStoreTest, WhatIsCutOrAlteredAnywhereIsAbsent) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  for (const std::string name : {"table.levels", "table.atlas"}) {
    const std::string whole = read_file(path(name), 1 << 20).value();
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::ofstream(path(name)) << whole.substr(0, at);
      ASSERT_EQ(read().has_value(), name == "table.levels") << name << at;
      std::string altered = whole;
      altered[at] = static_cast<char>(altered[at] ^ 1);
      std::ofstream(path(name)) << altered;
      const auto kept = read();
      ASSERT_EQ(kept.has_value(), name == "table.levels") << name << at;
      if (!kept) continue;
      ASSERT_EQ(kept->table.levels().pops[0].shed, 0) << "nobody sheds where levels are not known";
    }
    std::ofstream(path(name)) << whole;
  }
  EXPECT_EQ(read()->table.levels().pops[0].shed, 0.5);
}

TEST_F(TableStoreTest, TheOneBeforeIsUsed) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  ASSERT_TRUE(store_.keep(table(2, 3, 0.6), Time()));
  EXPECT_EQ(read()->table.number(), 2U);
  cut("table.atlas");
  const auto before = read();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->table.atlas().pops[0].capacity, 2);
  EXPECT_EQ(before->table.levels().pops[0].shed, 0.5) << "with its own levels";
}

TEST_F(TableStoreTest, ClocksThatWereSetMakeNoNegativeAge) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  const auto wall = std::chrono::system_clock::now();
  EXPECT_EQ(TableStore(place_).read(wall - 24h)->age, Duration::zero());
  EXPECT_GE(TableStore(place_).read(wall + 24h)->age, 23h);
}

TEST_F(TableStoreTest, ADiskThatTakesNothingIsNamed) {
  std::filesystem::remove_all(place_);
  const Status kept = store_.keep(table(1, 2, 0.5), Time());
  ASSERT_FALSE(kept);
  EXPECT_NE(kept.error().message.find("table.atlas"), std::string::npos);
  std::filesystem::create_directories(place_);
  EXPECT_TRUE(store_.keep(table(1, 2, 0.5), Time(limits::kLevelsKept))) << "and tried again";
  EXPECT_TRUE(read());
}

TEST_F(TableStoreTest, ADiskThatTakesNothingIsTriedNowAndThen) {
  std::filesystem::remove_all(place_);
  EXPECT_FALSE(store_.keep(table(1, 2, 0.5), Time()));
  std::filesystem::create_directories(place_);
  EXPECT_TRUE(store_.keep(table(2, 2, 0.5), Time(1s))) << "not for a while, whatever comes";
  EXPECT_FALSE(read());
  EXPECT_TRUE(store_.keep(table(3, 2, 0.5), Time(limits::kLevelsKept)));
  EXPECT_EQ(read()->table.number(), 3U);
  EXPECT_TRUE(store_.keep(table(4, 3, 0.5), Time(limits::kLevelsKept + 1s)));
  EXPECT_EQ(read()->table.number(), 4U) << "and an atlas at once again";
}

TEST_F(TableStoreTest, WhatCannotBeWrittenLeavesBothThatAreThere) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  ASSERT_TRUE(store_.keep(table(2, 3, 0.6), Time()));
  const std::string last = read_file(path("table.atlas"), 1 << 20).value();
  const std::string before = read_file(path("table.atlas.old"), 1 << 20).value();
  // No file may be as large as an atlas is: what a full disk does.
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit tight{16, usual.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const Status kept = store_.keep(table(3, 4, 0.7), Time());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_FALSE(kept);
  EXPECT_EQ(read_file(path("table.atlas"), 1 << 20).value(), last);
  EXPECT_EQ(read_file(path("table.atlas.old"), 1 << 20).value(), before);
}

TEST_F(TableStoreTest, APairIsBetterThanALaterAtlasAlone) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  const std::string levels = read_file(path("table.levels"), 1 << 20).value();
  ASSERT_TRUE(store_.keep(table(2, 3, 0.6), Time()));
  // The power failed between the two files.
  std::ofstream(path("table.levels")) << levels;
  std::filesystem::remove(path("table.levels.old"));
  const auto kept = read();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->table.number(), 1U);
  EXPECT_EQ(kept->table.levels().pops[0].shed, 0.5);
  EXPECT_EQ(kept->table.atlas().pops[0].capacity, 2);
}

TEST_F(TableStoreTest, AnAtlasAloneIsStale) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  std::filesystem::remove(path("table.levels"));
  const auto kept = read();
  ASSERT_TRUE(kept);
  EXPECT_GT(kept->age, limits::kHealthHolds);
  dns::steering::TableFeed feed;
  feed.resume(kept->table, kept->age, Time(5s));
  EXPECT_TRUE(feed.table(Time(5s))->is_stale());
}

TEST_F(TableStoreTest, RemovesWhatWasLeftInHalf) {
  ASSERT_TRUE(store_.keep(table(1, 2, 0.5), Time()));
  const std::string others[] = {"table.txt", "other.levels.aBc123", "table.atlas.old.copy", "table.atlas.aBc1234"};
  for (const std::string& name : others) std::ofstream(path(name)) << "x";
  for (const char* left : {"table.atlas.aBc123", "table.levels.Zz09xY", "table.atlas.next.aBc123", "table.levels.next"})
    std::ofstream(path(left)) << "x";
  TableStore(place_).remove_leftovers();
  std::set<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(place_)) there.insert(entry.path().filename());
  std::set<std::string> wanted(std::begin(others), std::end(others));
  wanted.insert({"table.atlas", "table.levels"});
  EXPECT_EQ(there, wanted);
  TableStore(place_ + "/none").remove_leftovers();
}

}  // namespace
}  // namespace ringway::cli
