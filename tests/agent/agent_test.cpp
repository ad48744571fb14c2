#include "agent/agent.h"

#include <gtest/gtest.h>

#include <deque>

#include "../support/fake_stream.h"
#include "../support/manual_loop.h"
#include "agent/limits.h"
#include "support.h"

namespace ringway::agent {
namespace {

using namespace std::chrono_literals;
using ringway::testing::FakeStream;
using ringway::testing::FarEnd;
using ringway::testing::ManualLoop;
using testing::content;
using testing::Folder;

class Lines final : public LineSink {
 public:
  void write(std::string_view line) override { text += std::string(line) + "\n"; }
  std::string text;
};

/// Does what it is told, and remembers.
class FakeGateway final : public ManagedGateway {
 public:
  Result<Change> judge(const Content& content) override {
    ++checks;
    if (!wrong.empty() && content.sections.contains("sites/bad")) return internal_error(wrong);
    return Change([this, content] { return apply(content); });
  }
  Status apply(const Content& content) {
    if (!unfit.empty()) return internal_error(unfit);
    applied.push_back(content);
    if (on_apply) on_apply();
    return {};
  }
  void set_revision(std::uint64_t number) override { revision = number; }
  Report report() override {
    Report made;
    made.exchanges = ++reports;
    return made;
  }
  Status take_table(TableText kind, const std::string& text) override {
    if (text == "not understood") return internal_error("it is not understood");
    (kind == TableText::atlas ? atlases : levels).push_back(text);
    return {};
  }
  void close_link(const std::string& peer) override { closed.push_back(peer); }
  void set_trust(const tmp::PeerTrust& given) override { trust = given; }
  Result<std::string> certificate_request() override { return std::string("PKCS"); }
  Result<tmp::CertificateSpan> take_certificate(const std::string& pem) override {
    if (pem == "foreign") return internal_error("somebody else's");
    certificates.push_back(pem);
    return next_span;
  }

  std::string wrong;  // what is wrong with contents that have "sites/bad"
  std::string unfit;  // why nothing can be applied
  std::function<void()> on_apply;
  int checks = 0;
  std::vector<Content> applied;
  std::uint64_t revision = 0;
  std::uint64_t reports = 0;
  std::vector<std::string> closed;
  std::vector<std::string> atlases;
  std::vector<std::string> levels;
  std::optional<tmp::PeerTrust> trust;
  std::vector<std::string> certificates;
  tmp::CertificateSpan next_span;
};

/// A gateway's agent on a clock of its own, and the managers that it calls.
class AgentTest : public ::testing::Test {
 protected:
  struct Call {
    SocketAddress address;
    std::shared_ptr<FarEnd> far = std::make_shared<FarEnd>();
    MessageReader reader;
    Time at{};
  };

  AgentTest() { begin(); }

  /// The process begins anew; what is on the disk stays.
  void begin() {
    agent.reset();
    auto opened = LastGood::open(folder.path());
    ASSERT_TRUE(opened);
    disk.emplace(std::move(*opened));
    AgentSettings settings;
    settings.release = "1.2.3";
    settings.managers = managers;
    settings.certificate = {loop.wall(), loop.wall() + 24h * 30};
    gateway.next_span = {loop.wall() + 24h * 10, loop.wall() + 24h * 40};
    const auto dial = [this](const SocketAddress& address, ByteStreamHandler& handler) {
      Call& call = calls.emplace_back();
      call.address = address;
      call.at = loop.now();
      call.far->handler = &handler;
      return std::make_unique<FakeStream>(call.far);
    };
    agent.emplace(AgentParts{loop.loop(), log, metrics, *disk, gateway, dial}, settings,
                  disk->content().value_or(Content{}));
    agent->start();
  }

  Call& call() { return calls.back(); }
  [[nodiscard]] bool live() { return !calls.empty() && call().far->handler != nullptr; }

  void open() {
    if (!live()) loop.advance(limits::kMaxManagerPause);
    ASSERT_TRUE(live());
    call().far->handler->on_open();
  }
  void send(const Message& message) {
    ByteQueue octets;
    write_message(octets, message);
    call().far->send(octets.text());
    loop.settle();
  }
  void welcome(Welcome said = {}) {
    Message message;
    message.welcome = std::move(said);
    send(message);
  }
  void connect() {
    open();
    welcome();
    heard();
  }
  void offer(const Content& whole, const std::optional<Content>& base = std::nullopt) {
    const SectionChanges changes = difference(base ? base->sections : Sections(), whole.sections);
    for (const Message& message : content_messages(whole.mark, base ? base->mark.hash : "", changes)) send(message);
  }
  void order(OrderKind kind, std::string peer = {}) {
    Message message;
    message.order = Order{kind, std::move(peer)};
    send(message);
  }
  void issue(Issued issued) {
    Message message;
    message.issued = std::move(issued);
    send(message);
  }

  /// What the manager heard since the last look; hello, statuses, requests and the last report.
  std::vector<ContentStatus> heard() {
    ByteQueue octets;
    octets.append(call().far->take());
    while (!octets.empty()) call().reader.add(octets.pop_front());
    std::vector<ContentStatus> statuses;
    while (true) {
      auto next = call().reader.next();
      EXPECT_TRUE(next);
      if (!next || !*next) return statuses;
      if ((*next)->hello) hello = (*next)->hello;
      if ((*next)->status) statuses.push_back(*(*next)->status);
      if ((*next)->request) requests.push_back(*(*next)->request);
      if ((*next)->report) report = (*next)->report;
    }
  }
  std::vector<Stage> stages() {
    std::vector<Stage> all;
    for (const ContentStatus& status : heard()) all.push_back(status.stage);
    return all;
  }

  const std::vector<SocketAddress> managers = {*SocketAddress::parse("192.0.2.1:7500"),
                                               *SocketAddress::parse("192.0.2.2:7500")};
  const Content first = content(1, {{"link", "{}"}, {"sites/shop", "{}"}});
  const Content second = content(2, {{"link", "{}"}, {"sites/shop", "{\"weight\": 2}"}});
  const Content bad = content(3, {{"sites/bad", "{}"}});
  const std::vector<Stage> taken = {Stage::validated, Stage::applied};

  Folder folder;
  ManualLoop loop;
  Lines lines;
  Log log{"agent", {}, lines, loop};
  Metrics metrics;
  FakeGateway gateway;
  std::deque<Call> calls;
  std::optional<Hello> hello;
  std::vector<CertificateRequest> requests;
  std::optional<Report> report;
  std::optional<LastGood> disk;
  std::optional<Agent> agent;
};

TEST_F(AgentTest, TakesWhatIsOffered) {
  open();
  heard();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->release, "1.2.3");
  EXPECT_EQ(hello->in_use, ContentMark{});
  welcome();
  EXPECT_TRUE(agent->connected());
  offer(first);
  EXPECT_EQ(stages(), taken);
  ASSERT_EQ(gateway.applied.size(), 1U);
  EXPECT_EQ(gateway.applied[0].sections, first.sections);
  offer(second, first);
  EXPECT_EQ(stages(), taken);
  EXPECT_EQ(gateway.applied[1].sections, second.sections);
  EXPECT_EQ(agent->in_use().mark, second.mark);
}

TEST_F(AgentTest, TakesMessagesAtEverySplit) {
  ByteQueue octets;
  for (const Message& message : content_messages(first.mark, "", difference({}, first.sections)))
    write_message(octets, message);
  const std::string text = octets.text();
  for (std::size_t split = 0; split <= text.size(); ++split) {
    std::filesystem::remove_all(folder.path());
    gateway.applied.clear();
    begin();
    connect();
    call().far->send(text.substr(0, split));
    call().far->send(text.substr(split));
    ASSERT_EQ(stages(), taken) << split;
    ASSERT_EQ(gateway.applied.size(), 1U) << split;
  }
}

TEST_F(AgentTest, TakesPartsAsOne) {
  connect();
  Sections many;
  for (int i = 0; i < 2000; ++i) many["sites/s" + std::to_string(i)] = std::string(1000, 'x');
  const Content large = content(1, many);
  const auto parts = content_messages(large.mark, "", difference({}, large.sections));
  ASSERT_GT(parts.size(), 2U);
  // The manager thinks better of it in the middle.
  send(parts[0]);
  offer(first);
  EXPECT_EQ(stages(), taken);
  for (const Message& part : parts) {
    EXPECT_EQ(gateway.applied.size(), 1U);
    send(part);
  }
  ASSERT_EQ(gateway.applied.size(), 2U);
  EXPECT_EQ(gateway.applied[1].sections, many);
}

TEST_F(AgentTest, AsksForAllWhereChangesDoNotFit) {
  connect();
  offer(first);
  const Content other = content(7, {{"link", "1"}});
  offer(second, other);
  EXPECT_FALSE(live());
  EXPECT_EQ(gateway.applied.size(), 1U);
  open();
  heard();
  EXPECT_EQ(hello->in_use.hash, "");
  EXPECT_EQ(hello->in_use.revision, 1U);
  welcome();
  offer(second);
  EXPECT_EQ(gateway.applied.size(), 2U);
}

TEST_F(AgentTest, AsksForAllWhereTheHashIsAnother) {
  connect();
  Content false_mark = first;
  false_mark.mark.hash = std::string(64, '0');
  offer(false_mark);
  EXPECT_FALSE(live());
  EXPECT_TRUE(gateway.applied.empty());
  EXPECT_TRUE(disk->refusals().empty());
}

TEST_F(AgentTest, RefusesAnOlderEpoch) {
  connect();
  offer(content(5, {{"link", "{}"}}, 3));
  EXPECT_EQ(stages(), taken);
  const Content older = content(6, {{"link", "{1}"}}, 2);
  offer(older);
  const auto statuses = heard();
  ASSERT_EQ(statuses.size(), 1U);
  EXPECT_EQ(statuses[0].stage, Stage::refused);
  EXPECT_NE(statuses[0].reason.find("epoch 2"), std::string::npos);
  // The same under a newer epoch is taken.
  offer(content(6, {{"link", "{1}"}}, 4));
  EXPECT_EQ(stages(), taken);
}

TEST_F(AgentTest, RefusesOnceForAll) {
  connect();
  offer(first);
  heard();
  gateway.wrong = "sites/bad: /name: the key is missing";
  offer(bad);
  auto statuses = heard();
  ASSERT_EQ(statuses.size(), 1U);
  EXPECT_EQ(statuses[0].stage, Stage::refused);
  EXPECT_EQ(statuses[0].mark, bad.mark);
  EXPECT_EQ(statuses[0].reason, gateway.wrong);
  EXPECT_EQ(agent->in_use().mark, first.mark);

  // Not judged again: neither now, nor by another manager, nor after a restart.
  const int checks = gateway.checks;
  offer(bad);
  EXPECT_EQ(stages(), std::vector<Stage>{Stage::refused});
  agent->stop();
  begin();
  open();
  statuses = heard();
  ASSERT_EQ(statuses.size(), 1U);
  EXPECT_EQ(statuses[0].mark, bad.mark);
  welcome();
  offer(bad);
  EXPECT_EQ(stages(), std::vector<Stage>{Stage::refused});
  EXPECT_EQ(gateway.checks, checks);

  // Unless the local file has changed.
  agent->on_local_change();
  gateway.wrong.clear();
  connect();
  offer(bad);
  EXPECT_EQ(stages(), taken);
}

TEST_F(AgentTest, RefusesWhatCannotBeApplied) {
  connect();
  offer(first);
  heard();
  gateway.unfit = "0.0.0.0:80: address in use";
  offer(second, first);
  EXPECT_EQ(stages(), (std::vector<Stage>{Stage::validated, Stage::refused}));
  EXPECT_EQ(agent->in_use().mark, first.mark);
  // What was on trial before still is, and becomes the good one.
  loop.advance(limits::kContentTrial);
  agent->stop();
  begin();
  EXPECT_EQ(agent->in_use().mark, first.mark);
}

TEST_F(AgentTest, GoesOnWithTheLastGoodContent) {
  connect();
  offer(first);
  loop.advance(limits::kContentTrial);
  offer(second, first);
  loop.advance(limits::kContentTrial);
  begin();  // without an end
  EXPECT_EQ(agent->in_use().mark, second.mark);
  EXPECT_EQ(agent->in_use().sections, second.sections);
  open();
  heard();
  EXPECT_EQ(hello->in_use, second.mark);
}

TEST_F(AgentTest, TellsWhatTheProcessEndedWith) {
  connect();
  offer(first);
  loop.advance(limits::kContentTrial);
  bool ended = false;
  gateway.on_apply = [&] { ended = true; };
  offer(second, first);
  ASSERT_TRUE(ended);
  loop.advance(limits::kContentTrial - 1ms);
  begin();
  EXPECT_EQ(agent->in_use().mark, first.mark);
  open();
  const auto statuses = heard();
  ASSERT_EQ(statuses.size(), 1U);
  EXPECT_EQ(statuses[0].mark, second.mark);
  EXPECT_EQ(statuses[0].stage, Stage::refused);
  welcome();
  gateway.applied.clear();
  offer(second, first);
  EXPECT_TRUE(gateway.applied.empty());
}

TEST_F(AgentTest, AnOrderlyEndIsNoFault) {
  connect();
  offer(first);
  loop.advance(1s);
  agent->stop();
  begin();
  EXPECT_TRUE(disk->refusals().empty());
  connect();
  offer(first);
  EXPECT_EQ(stages(), taken);
}

TEST_F(AgentTest, RenumbersWhatIsTheSame) {
  connect();
  offer(first);
  heard();
  Content same = first;
  same.mark.revision = 9;
  same.mark.turn = 4;
  offer(same, first);
  EXPECT_EQ(stages(), std::vector<Stage>{Stage::applied});
  EXPECT_EQ(gateway.applied.size(), 1U);
  EXPECT_EQ(gateway.revision, 9U);
  loop.advance(limits::kContentTrial);
  begin();
  EXPECT_EQ(agent->in_use().mark, same.mark);
}

TEST_F(AgentTest, ReportsEachSecond) {
  connect();
  loop.advance(3s);
  heard();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->exchanges, gateway.reports);
  EXPECT_EQ(report->state, "serving");
  order(OrderKind::drain);
  loop.advance(1s);
  heard();
  EXPECT_EQ(report->state, "draining");
  EXPECT_TRUE(agent->draining());
  order(OrderKind::undrain);
  loop.advance(1s);
  heard();
  EXPECT_EQ(report->state, "serving");
  order(OrderKind::close_link, "host-1");
  EXPECT_EQ(gateway.closed, std::vector<std::string>{"host-1"});
}

// What a report tells of is the last second, also in the first ones after an hour without a manager: what other workers
// counted before would be told as one second's otherwise.
TEST_F(AgentTest, AsksForReportsWhileNoManagerIsReached) {
  connect();
  loop.advance(3s);
  call().far->abort(StreamCode::connection_failed);
  const std::uint64_t before = gateway.reports;
  const Time lost = loop.now();
  while (loop.now() < lost + 10s) {
    loop.advance(100ms);
    if (live()) call().far->abort(StreamCode::connection_failed);
  }
  EXPECT_EQ(gateway.reports, before + 10);
  connect();
  report.reset();
  loop.advance(1s);
  heard();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->exchanges, gateway.reports);
}

TEST_F(AgentTest, AManagerThatDoesNotReadIsNotFilled) {
  connect();
  call().far->window = 1000;
  for (int i = 0; i < 1000; ++i) loop.advance(1s);
  EXPECT_LT(call().far->received.size(), 2000U);
}

TEST_F(AgentTest, CallsOneManagerAfterTheOther) {
  std::set<SocketAddress> called;
  for (int i = 0; i < 4; ++i) {
    if (!live()) loop.advance(limits::kMaxManagerPause);
    called.insert(call().address);
    call().far->abort(StreamCode::connection_failed);
  }
  EXPECT_EQ(called.size(), 2U);
  // An hour of refusals is no more than a call in half the longest pause, in the mean.
  const std::size_t before = calls.size();
  for (Time end = loop.now() + 1h; loop.now() < end;) {
    if (live()) call().far->abort(StreamCode::connection_failed);
    loop.advance(100ms);
  }
  const double mean = 3600.0 / static_cast<double>(calls.size() - before);
  EXPECT_GT(mean, 2.0);
  EXPECT_LT(mean, 3.5);
}

TEST_F(AgentTest, HangsUpOnWhoDoesNotAnswer) {
  open();
  loop.advance(limits::kWelcomeLimit + 2s);
  EXPECT_GT(calls.size(), 1U);
  EXPECT_FALSE(agent->connected());
}

TEST_F(AgentTest, HangsUpOnNonsense) {
  connect();
  call().far->send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(live());
}

TEST_F(AgentTest, ComesBackSoonAndAtAMomentOfItsOwn) {
  std::set<Time> moments;
  for (int i = 0; i < 50; ++i) {
    connect();
    call().far->end();
    const Time lost = loop.now();
    loop.advance(limits::kMinManagerPause);
    ASSERT_TRUE(live());
    moments.insert(Time(call().at - lost));
  }
  EXPECT_GT(moments.size(), 45U);
}

TEST_F(AgentTest, TakesExpiredPeersWhileNoManagerIsReached) {
  loop.advance(limits::kManagerAwayLimit + 1s);
  ASSERT_TRUE(gateway.trust);
  EXPECT_EQ(gateway.trust->expired, tmp::ExpiredPeers::accept_known);
  connect();
  EXPECT_EQ(gateway.trust->expired, tmp::ExpiredPeers::refuse);
  call().far->end();
  loop.advance(limits::kManagerAwayLimit + 1s);
  EXPECT_EQ(gateway.trust->expired, tmp::ExpiredPeers::accept_known);
}

TEST_F(AgentTest, KeepsRevocationsOverARestart) {
  open();
  welcome({{"0a"}, {"frontend:pop-2", "nobody", "ghost:x"}});
  ASSERT_TRUE(gateway.trust);
  EXPECT_TRUE(gateway.trust->revoked->serials.contains("0a"));
  EXPECT_EQ(gateway.trust->revoked->identities.size(), 1U);
  welcome({{"0a", "0b"}, {}});
  EXPECT_TRUE(gateway.trust->revoked->serials.contains("0b"));
  begin();
  EXPECT_TRUE(agent->trust().revoked->serials.contains("0b"));
  EXPECT_TRUE(agent->trust().revoked->identities.empty());
}

TEST_F(AgentTest, RenewsItsCertificate) {
  connect();
  loop.advance(24h * 10 - 1min);
  heard();
  EXPECT_TRUE(requests.empty());
  loop.advance(24h * 3);
  heard();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].request, "PKCS");
  EXPECT_EQ(requests[0].secret, "");
  issue({"", "later"});
  loop.advance(1h);
  heard();
  ASSERT_GE(requests.size(), 2U);
  issue({"foreign", ""});
  loop.advance(1h);
  heard();
  ASSERT_GE(requests.size(), 3U);
  issue({"PEM", ""});
  EXPECT_EQ(gateway.certificates, std::vector<std::string>{"PEM"});
  requests.clear();
  loop.advance(24h);
  heard();
  EXPECT_TRUE(requests.empty());
  // One that nobody asked for is not taken.
  issue({"PEM", ""});
  EXPECT_EQ(gateway.certificates.size(), 1U);
}

TEST_F(AgentTest, WithAnExpiredCertificateAsksForAnotherFirst) {
  loop.advance(24h * 31);
  gateway.next_span = {loop.wall(), loop.wall() + 24h * 30};
  call().far->abort(StreamCode::connection_failed);
  open();
  heard();
  EXPECT_FALSE(hello);
  ASSERT_EQ(requests.size(), 1U);
  issue({"PEM", ""});
  call().far->end();  // as managers do then
  open();
  heard();
  EXPECT_TRUE(hello);
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(AgentTest, WarnsOnceAnHourOfAnExpiredCertificate) {
  loop.advance(24h * 30 - 1min);
  lines.text.clear();
  for (int i = 0; i < 150; ++i) loop.advance(1min);
  std::size_t warnings = 0;
  for (std::size_t at = 0; (at = lines.text.find("has expired", at)) != std::string::npos; ++at) ++warnings;
  EXPECT_EQ(warnings, 3U);
}

TEST_F(AgentTest, TakesSectionsThatAreLongerThanAMessage) {
  std::string zone;
  while (zone.size() < 3 * limits::kMaxAgentMessageOctets) zone += "\"ö\" \\ ";
  const Content large = content(1, {{"link", "{}"}, {"zones/shop.test", zone}, {"zones/z.test", "{}"}});
  connect();
  offer(large);
  EXPECT_EQ(stages(), taken);
  ASSERT_EQ(gateway.applied.size(), 1U);
  EXPECT_EQ(gateway.applied[0].sections, large.sections);
  loop.advance(limits::kContentTrial);
  begin();
  EXPECT_EQ(agent->in_use().sections, large.sections) << "from the disk";
}

TEST_F(AgentTest, HandsOnWholeTablesAlone) {
  connect();
  const std::string atlas(3'000'000, 'a');
  const std::vector<Message> parts = table_messages(TableText::atlas, atlas);
  ASSERT_GT(parts.size(), 3U);
  send(parts[0]);
  for (const Message& levels : table_messages(TableText::levels, "between")) send(levels);
  EXPECT_EQ(gateway.levels, std::vector<std::string>{"between"});
  for (std::size_t i = 1; i < parts.size(); ++i) {
    EXPECT_TRUE(gateway.atlases.empty());
    send(parts[i]);
  }
  EXPECT_EQ(gateway.atlases, std::vector<std::string>{atlas});
}

TEST_F(AgentTest, AnUnfinishedTableIsForgottenWithItsConnection) {
  connect();
  const std::vector<Message> parts = table_messages(TableText::atlas, std::string(600'000, 'a'));
  ASSERT_EQ(parts.size(), 3U);
  send(parts[0]);
  send(parts[1]);
  call().far->abort(StreamCode::connection_failed);
  connect();
  for (const Message& part : table_messages(TableText::atlas, "b")) send(part);
  EXPECT_EQ(gateway.atlases, std::vector<std::string>{"b"});
}

TEST_F(AgentTest, AsksAnewForATableThatIsNotUnderstood) {
  connect();
  const std::size_t before = calls.size();
  for (const Message& part : table_messages(TableText::levels, "not understood")) send(part);
  EXPECT_FALSE(agent->connected());
  open();
  EXPECT_GT(calls.size(), before);
}

TEST(TableTaker, IsBounded) {
  TableTaker taker;
  const TablePart part{TableText::atlas, std::string(16U << 20, 'a'), false};
  for (std::size_t octets = part.text.size(); octets <= limits::kMaxTableTextOctets; octets += part.text.size()) {
    ASSERT_TRUE(taker.take(part));
  }
  EXPECT_FALSE(taker.take(part));
  // And begins anew.
  const auto whole = taker.take({TableText::atlas, "b", true});
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, "b");
}

TEST_F(AgentTest, AFullDiskStopsNothing) {
  connect();
  std::filesystem::remove_all(folder.path());
  offer(first);
  EXPECT_EQ(stages(), taken);
  loop.advance(limits::kContentTrial);
  offer(second, first);
  EXPECT_EQ(stages(), taken);
  EXPECT_NE(lines.text.find("cannot be kept"), std::string::npos);
}

}  // namespace
}  // namespace ringway::agent
