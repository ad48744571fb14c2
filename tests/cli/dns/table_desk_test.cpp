#include "cli/dns/table_desk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;
using dns::steering::Levels;
using dns::steering::SharedAtlas;
using dns::steering::SharedTable;
using dns::steering::SteeringTable;
using dns::steering::Votes;

constexpr Duration kPatience = 20s;
constexpr Votes kWell{1, 0};
constexpr Votes kIll{0, 1};

/// POPs of one front-end each, "fe-1" to "fe-3" at 127.0.0.1 to 127.0.0.3, which all have one site.
dns::SteeringFile three_pops() {
  dns::SteeringFile file;
  dns::SteeredSite site;
  site.name = "shop";
  for (std::uint8_t i = 1; i <= 3; ++i) {
    const std::string number = std::to_string(i);
    file.pops.push_back({"pop-" + number, 10.0 * i, 0});
    file.frontends.push_back({"fe-" + number, "pop-" + number, {IpAddress::v4({127, 0, 0, i})}});
    site.frontends.push_back("fe-" + number);
  }
  file.sites.push_back(site);
  return file;
}

SharedAtlas drawn() {
  dns::Settings settings;
  settings.steering = three_pops();
  return draw_steering(settings).value();
}

/// By front-end: whether it may be answered.
std::string answering(const SteeringTable& table) {
  std::string answering;
  for (std::size_t pop = 0; pop < table.atlas().pops.size(); ++pop) {
    answering += table.live(0, static_cast<dns::steering::PopIndex>(pop)).empty() ? '-' : '+';
  }
  return answering;
}

class StandInTest : public testing::Test {
 protected:
  /// A manager's that says so of its front-ends.
  static SteeringTable told(std::uint32_t first_rank, double first_shed = 0, bool first_drains = false) {
    Levels levels{{{first_shed, first_shed, first_drains}, {}, {}}, {{0, first_rank, false}, {}, {}}};
    return {7, drawn(), levels, SteeringTable::Freshness::stale};
  }
  SharedTable make(const SteeringTable& aged, const std::vector<Votes>& votes, int seconds = 1) {
    SharedTable made;
    for (int i = 0; i < seconds; ++i) made = stand_in_->make(aged, votes, now_ += 1s);
    return made;
  }
  void begin(const SteeringTable& told) { stand_in_.emplace(told, now_); }

  std::optional<StandIn> stand_in_;
  Time now_{1000s};
};

TEST_F(StandInTest, GoesByItsOwnEyes) {
  const SteeringTable table = told(0);
  begin(table);
  EXPECT_EQ(answering(*make(table, {kWell, kIll, kWell})), "+++") << "one round is none";
  const SharedTable made = make(table, {kWell, kIll, kWell});
  EXPECT_EQ(answering(*made), "+-+");
  EXPECT_EQ(made->number(), 7U);
  EXPECT_TRUE(made->is_stale());
  EXPECT_EQ(answering(*make(table, {kWell, kWell, kWell}, 5)), "+++");
}

TEST_F(StandInTest, BelievesTheManagerUntilItKnowsBetter) {
  const SteeringTable table = told(1);
  begin(table);
  EXPECT_EQ(answering(*make(table, {}, 30)), "-++");
  EXPECT_EQ(answering(*make(table, {kWell, kWell, kWell}, 5)), "+++");
  begin(table);
  EXPECT_EQ(answering(*make(table, {{}, kWell, kWell}, 200)), "-++") << "whoever cannot look has learned nothing";
  // From here on the manager's word is too old (table.h).
  EXPECT_EQ(answering(*make(told(0), {{}, kWell, kWell}, 70)), "+++") << "not knowing is no illness";
}

TEST_F(StandInTest, WhereNobodyAnswersItEverybodyIsAnswered) {
  const SteeringTable table = told(0);
  begin(table);
  EXPECT_EQ(answering(*make(table, {kIll, kIll, kIll}, 10)), "+++");
  begin(table);
  EXPECT_EQ(answering(*make(table, {kWell, kIll, kIll}, 10)), "+-+") << "a quarter, or one, or one POP";
}

TEST_F(StandInTest, LeavesLoadsAndDrainsAsTheyAge) {
  SteeringTable table = told(0, 0.5);
  begin(table);
  EXPECT_EQ(make(table, {}, 100)->levels().pops[0].shed, 0.5);
  EXPECT_EQ(make(told(0, 0.25), {})->levels().pops[0].shed, 0.25);
  table = told(0, 1, true);
  begin(table);
  const SharedTable made = make(table, {kWell, kWell, kWell}, 100);
  EXPECT_EQ(made->levels().pops[0].shed, 1);
  EXPECT_TRUE(made->levels().pops[0].draining);
}

TEST_F(StandInTest, WhoIsBackBeginsWithFew) {
  const SteeringTable table = told(0);
  begin(table);
  make(table, {kWell, kIll, kWell}, 2);
  const double shed = make(table, {kWell, kWell, kWell}, 5)->levels().pops[1].shed;
  EXPECT_GT(shed, limits::kSlowStartShed - 0.05);
  EXPECT_EQ(make(table, {kWell, kWell, kWell}, 100)->levels().pops[1].shed, 0);
}

TEST_F(StandInTest, MakesNoOtherTableWhereNothingChanges) {
  const SteeringTable table = told(0);
  begin(table);
  const SharedTable made = make(table, {kWell, kWell, kWell});
  EXPECT_EQ(make(table, {kWell, kWell, kWell}), made);
  EXPECT_NE(make(table, {kWell, kIll, kWell}, 2), made);
}

class Nowhere final : public LineSink {
 public:
  void write(std::string_view /*line*/) override {}
};

/// 127.0.0.1 and 127.0.0.3 take connections, 127.0.0.2 does not.
class TableDeskTest : public testing::Test {
 protected:
  TableDeskTest() {
    std::filesystem::create_directories(state_);
    const auto listen = [](SocketAddress address) {
      net::Descriptor socket = net::open_bound_socket(SOCK_STREAM, address, net::PortUse::exclusive).value();
      EXPECT_EQ(::listen(socket.get(), 1024), 0);
      return socket;
    };
    first_ = listen({IpAddress::v4({127, 0, 0, 1}), 0});
    const std::uint16_t port = net::bound_address(first_.get()).port;
    third_ = listen({IpAddress::v4({127, 0, 0, 3}), port});
    settings_->health_check = dns::HealthCheckSettings{port, 20ms, 20ms};
  }
  ~TableDeskTest() override { std::filesystem::remove_all(state_); }

  /// What a manager told so long ago is on the disk, and that the last one was ill.
  void keep(Duration age) {
    const Levels levels{{}, {{}, {}, {0, 1, false}}};
    ASSERT_TRUE(TableStore(state_).keep(std::make_shared<const SteeringTable>(7, drawn(), levels), Time()));
    std::filesystem::last_write_time(state_ + "/table.levels", std::filesystem::file_time_type::clock::now() - age);
    settings_->manager.emplace();
    settings_->manager->state = state_;
  }
  void open(SharedAtlas atlas) {
    desk_ = std::make_unique<TableDesk>(*worker_, log_, metrics_, *settings_);
    desk_->use(settings_, std::move(atlas));
  }
  static TableLegacy own(Levels levels) {
    TableLegacy left;
    left.own = dns::steering::table_text(SteeringTable(7, drawn(), std::move(levels)));
    return left;
  }
  static std::vector<bool> ill(const SteeringTable& table) {
    std::vector<bool> ill;
    for (const auto& level : table.levels().frontends) ill.push_back(level.ill_rank != 0);
    return ill;
  }
  bool comes_to(const std::string& wanted, Duration limit = kPatience) {
    return worker_->run_until([&] { return answering(*desk_->turn()) == wanted; }, limit);
  }

  const std::string state_ = testing::TempDir() + "ringway_table_desk_" + std::to_string(::getpid());
  net::Descriptor first_;
  net::Descriptor third_;
  std::shared_ptr<dns::Settings> settings_ = std::make_shared<dns::Settings>();
  std::unique_ptr<net::Worker> worker_ = net::Worker::make(0).value();
  Nowhere sink_;
  Log log_{"dns", LogSettings{}, sink_, worker_->loop().clock};
  Metrics metrics_;
  std::unique_ptr<TableDesk> desk_;
};

TEST_F(TableDeskTest, SeesForItselfWhomItsFileNames) {
  settings_->steering = three_pops();
  open(drawn());
  EXPECT_EQ(answering(*desk_->turn()), "+++") << "not knowing is no illness";
  EXPECT_TRUE(comes_to("+-+"));
}

TEST_F(TableDeskTest, GoesOnFromWhatTheProcessBeforeItSaw) {
  settings_->steering = three_pops();
  open(drawn());
  desk_->inherit(own({{{0.4, 0.4, false}, {}, {}}, {{}, {}, {0, 1, false}}}));
  const SharedTable first = desk_->turn();
  EXPECT_EQ(answering(*first), "++-") << "nobody was looked at yet";
  EXPECT_GT(first->number(), 7U);
  EXPECT_GT(first->levels().pops[0].shed, 0.3) << "who comes back comes slowly";
  EXPECT_TRUE(comes_to("+-+"));
}

TEST_F(TableDeskTest, WhoLooksAtNobodyKeepsNobodyIll) {
  settings_->steering = three_pops();
  settings_->health_check.reset();
  open(drawn());
  desk_->inherit(own({{}, {{}, {}, {0, 1, false}}}));
  EXPECT_EQ(answering(*desk_->turn()), "+++");
}

TEST_F(TableDeskTest, GoesOnFromWhatTheProcessBeforeItSawWhenItsManagerWasAway) {
  keep(limits::kLoadHolds + 10s);
  open(nullptr);
  desk_->inherit(own({{}, {{}, {0, 1, false}, {}}}));
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(ill(*desk_->turn()), (std::vector<bool>{false, true, false})) << "nobody was looked at yet";
  }
}

TEST_F(TableDeskTest, WhatAManagerToldIsNotReadFromTheDiskAgain) {
  keep(limits::kHealthHolds + 10s);  // too old to say anything
  open(nullptr);
  TableLegacy left;
  left.told = dns::steering::table_text(SteeringTable(9, drawn(), {{}, {{}, {0, 1, false}, {}}}));
  left.told_age = limits::kLoadHolds / 2;
  desk_->inherit(left);
  const SharedTable table = desk_->turn();
  EXPECT_EQ(table->number(), 9U);
  EXPECT_EQ(ill(*table), (std::vector<bool>{false, true, false}));
  EXPECT_FALSE(comes_to("+++", 300ms)) << "it leaves it to a manager that was there just now";
}

TEST_F(TableDeskTest, LeavesWhatItWasToldAndWhatItSees) {
  settings_->steering = three_pops();
  open(drawn());
  const TableLegacy alone = desk_->legacy(desk_->turn());
  EXPECT_FALSE(alone.told);
  EXPECT_EQ(dns::steering::parse_table(alone.own.value_or("")).value().number(), 1U);
  keep(limits::kLoadHolds / 2);
  open(drawn());
  const TableLegacy fresh = desk_->legacy(desk_->turn());
  EXPECT_FALSE(fresh.own);
  EXPECT_EQ(dns::steering::parse_table(fresh.told.value_or("")).value().number(), 7U);
  EXPECT_NEAR(to_seconds(fresh.told_age), to_seconds(limits::kLoadHolds / 2), 5);
  keep(limits::kLoadHolds + 10s);
  open(drawn());
  const TableLegacy cut_off = desk_->legacy(desk_->turn());
  EXPECT_TRUE(cut_off.told);
  EXPECT_TRUE(cut_off.own);
}

TEST_F(TableDeskTest, WhoHasNoManagerAnyMoreGoesOnFromWhatThatTold) {
  settings_->steering = three_pops();
  open(drawn());
  TableLegacy left;
  left.told = own({{}, {{}, {}, {0, 1, false}}}).own;
  desk_->inherit(left);
  EXPECT_EQ(answering(*desk_->turn()), "++-");
  EXPECT_FALSE(desk_->told());
}

TEST_F(TableDeskTest, BeginsAnewWhereItCannotReadWhatIsLeftToIt) {
  keep(limits::kLoadHolds / 2);
  open(drawn());
  desk_->inherit({"no table", 1s, ""});
  EXPECT_EQ(answering(*desk_->turn()), "++-") << "as on the disk";
  EXPECT_EQ(desk_->turn()->number(), 7U);
}

TEST_F(TableDeskTest, SeesForItselfWhenAManagerIsAwayForLong) {
  keep(limits::kLoadHolds + 10s);
  open(nullptr);
  EXPECT_EQ(answering(*desk_->turn()), "++-") << "as the manager said";
  EXPECT_TRUE(comes_to("+-+"));
  EXPECT_EQ(desk_->turn()->number(), 7U);
}

TEST_F(TableDeskTest, LeavesItToAManagerThatIsThere) {
  keep(limits::kLoadHolds / 2);
  open(nullptr);
  EXPECT_FALSE(comes_to("+-+", 300ms));
  EXPECT_EQ(answering(*desk_->turn()), "++-");
}

TEST_F(TableDeskTest, LooksAtNobodyWhereNothingSaysHow) {
  keep(limits::kLoadHolds + 10s);
  settings_->health_check.reset();
  open(nullptr);
  EXPECT_FALSE(comes_to("+-+", 300ms));
  EXPECT_EQ(answering(*desk_->turn()), "++-");
}

}  // namespace
}  // namespace ringway::cli
