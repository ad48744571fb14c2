// Random requests of many people over the whole API, against a model: resources as texts by name, every revision a copy
// of all of them. What the API says must be what the model says, after each of them and after a restart.
#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::Headers;

using World = std::map<std::string, std::string>;  // "sites/shop" → JSON

class Hunt {
 public:
  explicit Hunt(std::uint64_t seed) : random_(seed), api_(std::make_unique<Api>(disk_)) {
    owner_ = api_->owner();
    shop_ = api_->token(AccessRole::site, {"s0", "s1"});
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      step();
      if (random_.below(40) == 0) api_ = std::make_unique<Api>(disk_);
      compare();
    }
  }

 private:
  bool once(std::uint64_t in) { return random_.below(in) == 0; }
  World& head() { return history_.back(); }
  std::string number() const { return std::to_string(history_.size() - 1); }

  std::string name() { return "s" + std::to_string(random_.below(4)); }

  /// A site; sometimes one that cannot be. Hosts are so few that sites come to want the same.
  std::string content(const std::string& name) {
    const std::string host = once(4) ? "h" + std::to_string(random_.below(3)) + ".test" : name + ".test";
    const std::string weight = once(10) ? "\"much\"" : std::to_string(2 + random_.below(3));
    // As the API writes it.
    return "{\"name\": \"" + (once(15) ? "else" : name) + "\", \"hosts\": [\"" + host + "\"], \"weight\": " + weight +
           ", \"origins\": [{\"address\": \"http://127.0.0.1:8000\"}]}";
  }

  static std::string part(const std::string& json, const std::string& key) {
    Answered reply;
    reply.body = json;
    return reply.at(key);
  }

  static bool right(const World& world) {
    std::set<std::string> hosts;
    for (const auto& [name, json] : world) {
      if (part(json, "name") != name || part(json, "weight") == "much") return false;
      if (!hosts.insert(part(json, "hosts/0")).second) return false;
    }
    return true;
  }

  /// As the API must answer to a change of several at once.
  int expected(const World& next, const std::vector<std::string>& names, bool shop) {
    const auto others = [](const std::string& name) { return name != "s0" && name != "s1"; };
    for (const std::string& name : names) {
      const auto found = next.find(name);
      if (found != next.end() && part(found->second, "weight") == "much") return 422;
    }
    if (shop) {
      for (const std::string& name : names) {
        const auto found = next.find(name);
        const bool here = found != next.end();
        if (here ? others(part(found->second, "name")) : !head().contains(name)) return 404;
        if (others(name) && head().contains(name)) return 404;
      }
    }
    return right(next) ? 200 : 422;
  }

  void commit(const World& next) {
    if (next != head()) history_.push_back(next);
  }

  void step() {
    switch (random_.below(5)) {
      case 0: return apply();
      case 1: return remove();
      case 2: return roll_back();
      case 3: return draft();
      default: return put();
    }
  }

  void put() {
    const std::string name = this->name();
    const std::string json = content(name);
    const bool shop = once(3);
    const bool here = head().contains(name);
    World next = head();
    next[name] = json;
    int status = expected(next, {name}, shop);
    if (status == 200 && !here) status = 201;
    const std::string precondition = here ? "If-Match" : "If-None-Match";
    const bool dry = once(6);
    const Answered told = api_->call_as(shop ? shop_ : owner_, "PUT", "/v1/sites/" + name + (dry ? "?dry_run" : ""),
                                        json, {{precondition, "*"}});
    if (dry && status == 201) status = 200;
    EXPECT_EQ(told.status, status) << json << told.body;
    if (!dry && status < 300) commit(next);
  }

  void remove() {
    const std::string name = this->name();
    World next = head();
    const int status = next.erase(name) == 1 ? 204 : 404;
    EXPECT_EQ(api_->call_as(owner_, "DELETE", "/v1/sites/" + name, "", {{"If-Match", "*"}}).status, status);
    commit(next);
  }

  void apply() {
    World next = head();
    std::vector<std::string> names;
    std::string changes;
    for (std::uint64_t i = 0; i <= random_.below(3); ++i) {
      const std::string name = this->name();
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      names.push_back(name);
      const bool goes = next.contains(name) && once(3);
      const std::string json = goes ? "null" : content(name);
      if (goes) next.erase(name);
      if (!goes) next[name] = json;
      changes += (changes.empty() ? "" : ", ") +
                 ("{\"kind\": \"sites\", \"name\": \"" + name + "\", \"content\": " + json + "}");
    }
    const bool shop = once(3);
    const int status = expected(next, names, shop);
    const Answered told = api_->call_as(shop ? shop_ : owner_, "POST", "/v1/apply", "{\"changes\": [" + changes + "]}",
                                        {{"If-Match", "\"revision-" + number() + "\""}});
    EXPECT_EQ(told.status, status) << changes << told.body;
    if (status == 200) commit(next);
  }

  void roll_back() {
    if (history_.size() < 2) return;
    const std::size_t to = 1 + random_.below(history_.size() - 1);
    EXPECT_EQ(
        api_->call_as(owner_, "POST", "/v1/revisions/" + std::to_string(to) + "/rollback", "", {{"If-Match", "*"}})
            .status,
        200);
    commit(history_[to]);
  }

  /// Made, let lie while others change things, and committed.
  void draft() {
    const std::string name = this->name();
    const std::string json = content(name);
    const std::string body =
        "{\"changes\": [{\"kind\": \"sites\", \"name\": \"" + name + "\", \"content\": " + json + "}]}";
    const Answered made = api_->call_as(owner_, "POST", "/v1/drafts", body);
    if (part(json, "weight") == "much") {
      EXPECT_EQ(made.status, 422);
      return;
    }
    ASSERT_EQ(made.status, 201) << made.body;
    const World before = head();
    const std::size_t base = history_.size();
    if (once(2)) put();
    bool touched = false;
    for (std::size_t i = base; i < history_.size(); ++i) {
      const auto was = [&](const World& world) { return world.contains(name) ? world.at(name) : ""; };
      touched |= was(history_[i - 1]) != was(history_[i]);
    }
    World next = head();
    next[name] = json;
    const int status = touched ? 409 : right(next) ? 200 : 422;
    const Answered told =
        api_->call_as(owner_, "POST", made.field("location") + "/commit", "", {{"If-Match", made.etag()}});
    EXPECT_EQ(told.status, status) << told.body;
    if (status == 200) return commit(next);
    EXPECT_EQ(api_->call_as(owner_, "DELETE", made.field("location"), "", {{"If-Match", "*"}}).status, 204);
  }

  void compare() {
    ASSERT_EQ(std::to_string(api_->ledger.registry().number()), number());
    const Answered list = api_->call_as(owner_, "GET", "/v1/sites");
    const auto items = list.items("items");
    ASSERT_EQ(items.size(), head().size());
    std::size_t at = 0;
    for (const auto& [name, json] : head()) EXPECT_EQ(config::json_text(items[at++]), json);
    const std::size_t from = random_.below(history_.size());
    const Answered diff = api_->call_as(
        shop_, "GET",
        "/v1/revisions/" + std::to_string(random_.below(history_.size())) + "/diff?against=" + std::to_string(from));
    EXPECT_EQ(diff.body.find("\"name\": \"s2\""), std::string::npos);
    EXPECT_EQ(diff.body.find("\"name\": \"s3\""), std::string::npos);
  }

  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  SeededRandom random_;
  std::unique_ptr<Api> api_;
  std::string owner_;
  std::string shop_;
  std::vector<World> history_ = {{}};
};

TEST(ApiHunt, SaysWhatTheModelSays) {
  for (std::uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Hunt(seed).run(150);
  }
}

}  // namespace
}  // namespace ringway::manager
