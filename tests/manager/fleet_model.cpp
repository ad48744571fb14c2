#include "tests/manager/fleet_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

#include "manager/resources/kinds.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager::testing {

using ringway::testing::FakeStream;
using ringway::testing::FarEnd;

// --- An agent

tmp::PeerCertificate FakeAgent::certificate(tmp::WallTime now) const {
  return {identity_, serial_, now + std::chrono::hours(24)};
}

std::unique_ptr<ByteStream> FakeAgent::connect() {
  far_ = std::make_shared<FarEnd>();
  reader_ = {};
  changes_ = {};
  return std::make_unique<FakeStream>(far_);
}

void FakeAgent::say_hello() {
  agent::Message hello;
  hello.hello = agent::Hello{"0.1.0", in_use};
  send(hello);
  for (const agent::ContentStatus& refusal : refused_) {
    agent::Message message;
    message.status = refusal;
    send(message);
  }
}

void FakeAgent::cut() {
  if (far_ != nullptr) far_->abort(StreamCode::connection_failed);
}

void FakeAgent::send(const agent::Message& message) {
  ByteQueue octets;
  agent::write_message(octets, message);
  if (far_ != nullptr) far_->send(octets.text());
}

void FakeAgent::take() {
  if (far_ == nullptr || mute) return;
  ByteQueue came;
  came.append(far_->received);
  while (!came.empty()) reader_.add(came.pop_front());
  if (far_->handler != nullptr) far_->handler->on_writable();
  while (true) {
    const auto message = reader_.next();
    ASSERT_TRUE(message) << message.error().message;
    if (!message->has_value()) return;
    take(**message);
  }
}

void FakeAgent::take(const agent::Message& message) {
  if (message.welcome) welcomes.push_back(*message.welcome);
  if (message.order) orders.push_back(*message.order);
  if (message.issued) issued.push_back(*message.issued);
  if (message.content) take(*message.content);
  if (message.table) take(*message.table);
}

void FakeAgent::take(const agent::TablePart& part) {
  table_part_ += part.text;
  if (!part.last) return;
  const bool atlas_came = part.kind == agent::TableText::atlas;
  (atlas_came ? atlas : levels) = std::exchange(table_part_, {});
  atlases += atlas_came ? 1 : 0;
}

void FakeAgent::take(const agent::ContentPart& part) {
  for (const agent::Section& section : part.sections) {
    ++sections_received;
    if (section.text.empty()) {
      changes_.removed.push_back(section.name);
    } else {
      changes_.changed[section.name] = section.text;
    }
  }
  if (!part.last) return;
  sent.push_back(part.mark);
  EXPECT_GE(part.mark.epoch, in_use.epoch);
  EXPECT_TRUE(part.base.empty() || part.base == in_use.hash) << identity_.name;
  agent::Sections next = agent::applied(part.base.empty() ? agent::Sections() : sections, changes_);
  changes_ = {};
  EXPECT_EQ(agent::hash_of(next), part.mark.hash);
  if (crashes_on.contains(part.mark.revision)) {
    refused_.push_back({part.mark, agent::Stage::refused, "the gateway ended while it tried this"});
    return cut();
  }
  if (refuses.contains(part.mark.revision)) return answer(part.mark, agent::Stage::refused, "sites[0]:\nno such thing");
  answer(part.mark, agent::Stage::validated);
  in_use = part.mark;
  sections = std::move(next);
  answer(part.mark, agent::Stage::applied);
}

void FakeAgent::answer(const agent::ContentMark& mark, agent::Stage stage, const std::string& reason) {
  agent::Message message;
  message.status = agent::ContentStatus{mark, stage, reason};
  if (stage == agent::Stage::refused) refused_.push_back(*message.status);
  send(message);
}

std::vector<std::string> FakeAgent::sites() const {
  std::vector<std::string> names;
  for (const auto& [name, text] : sections) {
    if (name.starts_with("sites/")) names.push_back(name.substr(6));
  }
  return names;
}

std::string FakeAgent::section(const std::string& name) const {
  const auto found = sections.find(name);
  return found == sections.end() ? "" : found->second;
}

void FakeAgent::forgive() {
  refuses.clear();
  refused_.clear();
  cut();
}

void FakeAgent::report() {
  agent::Message message;
  message.report = figures;
  for (const std::string& site : sites()) {
    auto& [requests, errors] = counts_[site];
    requests += requests_per_s;
    errors += errors_per_s;
    message.report->exchanges += requests;
    agent::SiteReport report;
    report.name = site;
    report.requests = requests;
    report.errors = errors;
    report.rings = {0, 0, requests, 0, 0};
    if (identity_.role == tmp::Role::backend)
      report.origins.push_back({"127.0.0.1:8000", 3, 64, requests, errors, true});
    message.report->sites.push_back(report);
  }
  send(message);
}

// --- The world

FleetWorld::FleetWorld(RolloutPace pace, std::shared_ptr<const tmp::Authority> authority)
    : ledger(resource_kinds()),
      writer(
          ledger, loop,
          [this](const Batch&, const std::function<void(WriteResult)>& then) {
            WriteResult result;
            result.written = store_works ? Written::done : Written::unavailable;
            result.position = store_works ? ++position : position;
            loop.loop().deferred.post([this, then, result] {
              then(result);
              if (fleet != nullptr) fleet->look();
            });
            return true;
          },
          [] {}),
      pace_(pace),
      authority_(std::move(authority)) {
  writer.resume();
  fleet = make_fleet();
}

std::unique_ptr<Fleet> FleetWorld::make_fleet() {
  return std::make_unique<Fleet>(
      FleetParts{loop.loop(), log, ledger, writer, [this] { return lead; }, authority_, pace_, lead.leader});
}

void FleetWorld::change_leader() {
  loop.settle();
  lead = {true, lead.epoch + 1, "m" + std::to_string(lead.epoch + 1)};
  for (const auto& [name, agent] : agents) agent->cut();
  loop.settle();
  fleet.reset();
  fleet = make_fleet();
}

void FleetWorld::commit(const std::vector<Change>& changes) {
  std::optional<Problem> failed;
  writer.submit(
      [&](const Ledger& now) -> std::variant<Writing, Problem> {
        auto proposal = now.registry().propose(changes, {"user:ada", "", loop.wall()});
        if (std::get_if<Refusal>(&proposal) != nullptr) return conflict("refused");
        Writing writing;
        writing.revision = std::get<Proposal>(proposal).revision;
        return writing;
      },
      [&](const std::optional<Problem>& problem) { failed = problem; });
  loop.settle();
  ASSERT_FALSE(failed) << failed->detail;
}

void FleetWorld::build(std::size_t pops, std::size_t frontends, std::size_t backends, std::size_t sites) {
  std::vector<Change> changes;
  for (std::size_t pop = 0; pop < pops; ++pop) {
    const std::string place = fmt::format("place-{:03}", pop);
    changes.push_back(
        {kPops, place, fmt::format(R"({{"name": "{}", "latitude": {}, "longitude": 8}})", place, pop % 80)});
    for (std::size_t i = 0; i < frontends; ++i) {
      const std::string name = fmt::format("pop-{:03}-{:02}", pop, i);
      changes.push_back(
          {kFrontends, name, fmt::format(R"({{"name": "{}", "pop": "{}", "addresses": ["192.0.2.1"]}})", name, place)});
    }
  }
  for (std::size_t i = 0; i < backends; ++i) {
    const std::string name = fmt::format("host-{:03}", i);
    changes.push_back(
        {kBackends, name,
         fmt::format(R"({{"name": "{}", "address": "198.51.100.{}:{}"}})", name, i % 250, 7400 + i / 250)});
  }
  for (std::size_t i = 0; i < sites; ++i) {
    const std::string name = fmt::format("site-{:04}", i);
    changes.push_back(
        {kSites, name,
         fmt::format(R"({{"name": "{0}", "hosts": ["{0}.test"], "frontends": {{"min": 2}}, "backends": {{"min": 2}},
                         "origins": [{{"address": "127.0.0.1:8000"}}, {{"address": "127.0.0.1:8001"}}]}})",
                     name)});
  }
  commit(changes);
}

void FleetWorld::put(std::string_view kind, const std::string& name, std::optional<std::string> content) {
  writer.submit(
      [&](const Ledger&) -> std::variant<Writing, Problem> {
        Writing writing;
        writing.records.push_back({std::string(kind), name, std::move(content)});
        return writing;
      },
      [](const std::optional<Problem>& problem) { EXPECT_FALSE(problem); });
  loop.settle();
}

FakeAgent& FleetWorld::add(tmp::Role role, const std::string& name) {
  const tmp::PeerIdentity identity = {role, name};
  auto& agent = agents[tmp::identity_text(identity)];
  agent = std::make_unique<FakeAgent>(identity, fmt::format("{:04x}", agents.size()));
  return *agent;
}

void FleetWorld::connect(FakeAgent& agent) {
  auto stream = agent.connect();
  fleet->accept(std::move(stream), {IpAddress::v4({192, 0, 2, 7}), agent.certificate(loop.wall())});
  agent.say_hello();
}

void FleetWorld::connect_all() {
  for (const auto& [name, resource] : ledger.registry().head().all(kFrontends)) connect(add(tmp::Role::frontend, name));
  for (const auto& [name, resource] : ledger.registry().head().all(kBackends)) connect(add(tmp::Role::backend, name));
}

void FleetWorld::run(Duration duration) {
  for (const Time end = loop.now() + duration; loop.now() < end;) {
    loop.advance(100ms);
    for (const auto& [name, agent] : agents) {
      agent->take();
      if (!agent->connected() && reconnect) connect(*agent);
    }
    loop.settle();
    if (loop.now() - reported_ < 1s) continue;
    reported_ = loop.now();
    for (const auto& [name, agent] : agents) {
      if (agent->connected() && !agent->mute) agent->report();
    }
  }
}

Duration FleetWorld::run_until(const std::function<bool()>& done, Duration most) {
  const Time begin = loop.now();
  while (!done() && loop.now() - begin < most) run(100ms);
  return loop.now() - begin;
}

bool FleetWorld::all_have(std::uint64_t revision) const {
  for (const auto& [name, agent] : agents) {
    if (agent->in_use.revision != revision) return false;
  }
  return !agents.empty();
}

std::vector<std::string> FleetWorld::events(const std::string& word) const {
  std::vector<std::string> found;
  for (const LogEntry& entry : ledger.log(kEventLog).entries()) {
    if (entry.content.find(word) != std::string::npos) found.push_back(entry.content);
  }
  return found;
}

}  // namespace ringway::manager::testing
