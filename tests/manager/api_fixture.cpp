#include "tests/manager/api_fixture.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "manager/record_types.h"

namespace ringway::manager::testing {

config::TreeNode Answered::json() const {
  config::Report report("reply", body);
  return config::parse_json(body, report).value_or(config::TreeNode());
}

std::vector<config::TreeNode> Answered::items(std::string_view member) const {
  const config::TreeNode root = json();
  const config::Entry* entry = root.find(member);
  return entry == nullptr ? std::vector<config::TreeNode>() : entry->value.items;
}

std::string Answered::at(std::string_view path) const {
  config::TreeNode node = json();
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (node.kind == config::TreeNode::Kind::list) {
      const std::size_t index = parse_decimal(part).value_or(SIZE_MAX);
      if (index >= node.items.size()) return "-";
      node = config::TreeNode(node.items[index]);
    } else {
      const config::Entry* entry = node.find(part);
      if (entry == nullptr) return "-";
      node = config::TreeNode(entry->value);
    }
  }
  return node.kind == config::TreeNode::Kind::scalar ? node.scalar : config::json_text(node);
}

Answered parse_reply(const std::string& text) {
  Answered answered;
  const std::size_t end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return answered;
  answered.status = std::stoi(text.substr(9, 3));
  std::string_view head = std::string_view(text).substr(0, end + 2);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(':');
    answered.fields[to_lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  answered.body = text.substr(end + 4);
  return answered;
}

Api::Api(std::shared_ptr<MemoryDisk> disk, ResourceKinds kinds)
    : store(std::move(disk)),
      ledger(std::move(kinds)),
      writer(
          ledger, loop,
          [this](const Batch& batch, const std::function<void(WriteResult)>& then) { return write(batch, then); },
          [] { FAIL() << "the ledger is lost"; }),
      server({router, authenticator, remembered, [](const Record&) {}}, loop.loop(), log),
      enrolments(ledger, requests, loop.loop(),
                 {[] {
                    return tmp::Digest{1, 2, 3};
                  },
                  {"192.0.2.1:7500"}}),
      logs(ledger,
           [this](const std::string& name, std::uint64_t before, std::size_t most,
                  const std::function<void(const LogApi::Entries&)>& then) {
             waiting_.push_back([=, this] { then(store.log_before(name, before, most)); });
             return true;
           }),
      stream(ledger, authenticator, loop.loop(),
             [this] { return "{\"revision\": " + std::to_string(ledger.registry().number()) + ",\n\"sites\": []}"; }) {
  resources.add_to(router);
  revisions.add_to(router);
  drafts.add_to(router);
  access.add_to(router);
  enrolments.add_to(router);
  logs.add_to(router);
  stream.add_to(router);
  epoch_ = store.lease("test", std::chrono::hours(1)).value().epoch;
  const auto contents = store.read(0, limits::kRememberedLogEntries);
  EXPECT_TRUE(ledger.take(*contents));
  take(contents->records);
  writer.resume();
  owner_ = token(AccessRole::owner);
}

bool Api::write(const Batch& batch, const std::function<void(WriteResult)>& then) {
  waiting_.push_back([this, batch, then] {
    const WriteResult result = store.write(batch, epoch_);
    EXPECT_EQ(result.written, Written::done) << result.message;
    take(batch.records);
    then(result);
    stream.look();
  });
  return true;
}

void Api::take(const std::vector<Record>& records) {
  for (const Record& record : records) EXPECT_TRUE(authenticator.take(record));
}

void Api::settle() {
  loop.advance(std::chrono::milliseconds(0));
  while (!held && !waiting_.empty()) {
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    work();
    loop.advance(std::chrono::milliseconds(0));
  }
}

std::string Api::token(AccessRole role, const std::vector<std::string>& sites) {
  ApiTokenWish wish;
  wish.role = role;
  if (!sites.empty()) wish.sites = sites;
  wish.life = std::chrono::hours(24);
  wish.author = "test";
  const auto made = make_api_token(wish, loop.wall(), loop.loop().random);
  EXPECT_TRUE(made) << made.error().message;
  writer.submit(
      [&made](const Ledger&) -> std::variant<Writing, Problem> {
        return Writing{std::nullopt, made->writes, {}};
      },
      [](const std::optional<Problem>& problem) { EXPECT_FALSE(problem); });
  settle();
  return made->text;
}

void Api::event(const std::string& json) {
  writer.submit(
      [json](const Ledger&) -> std::variant<Writing, Problem> {
        return Writing{std::nullopt, {}, {{kEventLog, json}}};
      },
      [](const std::optional<Problem>&) {});
  settle();
}

std::string Api::request_text(const std::string& token, const std::string& method, const std::string& target,
                              const std::string& body, const Headers& headers) {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: manager.test\r\n";
  if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method != "GET") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

std::shared_ptr<FarEnd> Api::connect() {
  auto far = std::make_shared<FarEnd>();
  far->window = 8 << 20;
  server.accept(std::make_unique<FakeStream>(far), {});
  return far;
}

Answered Api::call_as(const std::string& token, const std::string& method, const std::string& target,
                      const std::string& body, Headers headers) {
  const auto far = connect();
  far->send(request_text(token, method, target, body, headers));
  settle();
  Answered answered = parse_reply(far->take());
  far->end();
  loop.settle();
  return answered;
}

Answered Api::call(const std::string& method, const std::string& target, const std::string& body, Headers headers) {
  return call_as(owner_, method, target, body, std::move(headers));
}

Answered Api::put(const std::string& path, const std::string& body) {
  const std::string etag = call("GET", path).etag();
  return call("PUT", path, body,
              {etag.empty() ? Headers::value_type{"If-None-Match", "*"} : Headers::value_type{"If-Match", etag}});
}

void fill(Api& api) {
  EXPECT_EQ(api.put("/v1/pops/berlin", R"({"name": "berlin", "latitude": 52, "longitude": 13})").status, 201);
  for (const std::string number : {"1", "2"}) {
    const std::string frontend =
        "{\"name\": \"pop-" + number + "\", \"pop\": \"berlin\", \"addresses\": [\"192.0.2." + number + "\"]}";
    const std::string backend = "{\"name\": \"host-" + number + "\", \"address\": \"198.51.100." + number + ":7400\"}";
    EXPECT_EQ(api.put("/v1/frontends/pop-" + number, frontend).status, 201);
    EXPECT_EQ(api.put("/v1/backends/host-" + number, backend).status, 201);
  }
}

std::string site(const std::string& name, const std::string& more) {
  return "{\"name\": \"" + name + "\", \"hosts\": [\"" + name +
         ".test\"], \"origins\": [{\"address\": \"127.0.0.1:8000\"}]" + (more.empty() ? "" : ", " + more) + "}";
}

}  // namespace ringway::manager::testing
