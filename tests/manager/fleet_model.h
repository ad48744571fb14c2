#pragma once
// A fleet on virtual time: a real Fleet with its ledger and writer over a store in memory, and agents that do what a
// gateway's does, over streams in memory.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "manager/fleet/fleet.h"
#include "tests/support/fake_stream.h"
#include "tests/support/manual_loop.h"

namespace ringway::manager::testing {

using namespace std::chrono_literals;

/// Keeps the last lines.
class Lines final : public LineSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

/// A gateway, as far as its agent goes.
class FakeAgent {
 public:
  FakeAgent(tmp::PeerIdentity identity, std::string serial)
      : identity_(std::move(identity)), serial_(std::move(serial)) {}

  [[nodiscard]] const tmp::PeerIdentity& identity() const { return identity_; }
  [[nodiscard]] bool connected() const { return far_ != nullptr && far_->handler != nullptr && !far_->finished; }
  [[nodiscard]] tmp::PeerCertificate certificate(tmp::WallTime now) const;
  /// The manager's end of a new connection; the agent says hello.
  std::unique_ptr<ByteStream> connect();
  void say_hello();
  /// The connection is cut, without a word.
  void cut();
  void send(const agent::Message& message);
  /// Takes what came, and answers.
  void take();
  void report();
  /// Its local file has changed: nothing is refused any more, and it calls again.
  void forgive();
  /// What its configuration in use has of sites.
  [[nodiscard]] std::vector<std::string> sites() const;
  [[nodiscard]] std::string section(const std::string& name) const;

  // What it has.
  agent::ContentMark in_use;
  agent::Sections sections;
  std::vector<agent::ContentMark> sent;  // contents that came, whole
  std::size_t sections_received = 0;
  std::vector<agent::Welcome> welcomes;
  std::vector<agent::Order> orders;
  std::vector<agent::Issued> issued;
  std::string atlas;  // redirectors: the last whole texts of a table
  std::string levels;
  std::size_t atlases = 0;  // that came

  // How it behaves.
  std::set<std::uint64_t> refuses;     // revisions
  std::set<std::uint64_t> crashes_on;  // revisions: it goes without a word, and says so when it is back
  bool mute = false;                   // answers nothing
  agent::Report figures;               // without its sites
  std::uint64_t requests_per_s = 0;    // of each site
  std::uint64_t errors_per_s = 0;

 private:
  void take(const agent::Message& message);
  void take(const agent::ContentPart& part);
  void take(const agent::TablePart& part);
  void answer(const agent::ContentMark& mark, agent::Stage stage, const std::string& reason = "");

  tmp::PeerIdentity identity_;
  std::string serial_;
  std::shared_ptr<ringway::testing::FarEnd> far_;
  agent::MessageReader reader_;
  agent::SectionChanges changes_;
  std::string table_part_;
  std::vector<agent::ContentStatus> refused_;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts_;  // by site: requests, errors
};

class FleetWorld {
 public:
  explicit FleetWorld(RolloutPace pace = {0s, 30s, 5s}, std::shared_ptr<const tmp::Authority> authority = nullptr);

  /// One revision; not before it is written.
  void commit(const std::vector<Change>& changes);
  /// `pops` POPs with `frontends` front-ends each, so many back-ends, and sites.
  void build(std::size_t pops, std::size_t frontends, std::size_t backends, std::size_t sites);
  void put(std::string_view kind, const std::string& name, std::optional<std::string> content);
  FakeAgent& add(tmp::Role role, const std::string& name);
  void connect(FakeAgent& agent);
  /// One for each gateway of the head.
  void connect_all();
  /// In steps of 100 ms; agents report each second, and call again when they were cut off.
  void run(Duration duration);
  /// Another manager leads from now on: it knows what is written, and agents come to it.
  void change_leader();
  /// Until `done`, at most so long; how long it took.
  Duration run_until(const std::function<bool()>& done, Duration most);

  [[nodiscard]] FakeAgent& agent(const std::string& text) { return *agents.at(text); }
  [[nodiscard]] bool all_have(std::uint64_t revision) const;
  /// Texts of events that have `word` in them.
  [[nodiscard]] std::vector<std::string> events(const std::string& word) const;

  ringway::testing::ManualLoop loop;
  Lines lines;
  Log log{"manager", {}, lines, loop};
  Ledger ledger;
  std::uint64_t position = 0;
  Lead lead{true, 1, "m1"};
  bool store_works = true;
  Writer writer;
  std::map<std::string, std::unique_ptr<FakeAgent>> agents;  // by "frontend:pop-1"
  bool reconnect = true;
  std::unique_ptr<Fleet> fleet;

 private:
  std::unique_ptr<Fleet> make_fleet();

  RolloutPace pace_;
  std::shared_ptr<const tmp::Authority> authority_;
  Time reported_{};
};

}  // namespace ringway::manager::testing
