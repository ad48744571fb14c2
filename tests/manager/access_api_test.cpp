#include "manager/rest/access_api.h"

#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"
#include "tmp_protocol/enrolment_token.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::Headers;
using testing::parse_reply;
using testing::site;

std::string one_time(Api& api) {
  const MadeApiToken made = make_one_time_token(api.loop.wall(), api.loop.loop().random);
  api.writer.submit(
      [&](const Ledger&) -> std::variant<Writing, Problem> {
        return Writing{std::nullopt, made.writes, {}};
      },
      [](const auto&) {});
  api.settle();
  return made.text;
}

TEST(AccessApi, TheOneTimeTokenIsExchangedOnceAndDoesNothingElse) {
  Api api;
  const std::string token = one_time(api);
  for (const char* path : {"/v1/sites", "/v1/tokens", "/v1/roles", "/v1/drafts"}) {
    EXPECT_EQ(api.call_as(token, "GET", path).status, 403) << path;
  }
  EXPECT_EQ(api.call("POST", "/v1/tokens/exchange", R"({"role": "owner"})").status, 403) << "a lasting one";
  const Answered made = api.call_as(token, "POST", "/v1/tokens/exchange", R"({"role": "owner"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(api.call_as(token, "POST", "/v1/tokens/exchange", R"({"role": "owner"})").status, 401);
  EXPECT_EQ(api.call_as(made.at("token"), "GET", "/v1/tokens").status, 200);
}

TEST(AccessApi, OfTwoExchangesOneCounts) {
  Api api;
  const std::string token = one_time(api);
  api.held = true;
  std::vector<std::shared_ptr<testing::FarEnd>> ends;
  for (int i = 0; i < 2; ++i) {
    ends.push_back(api.connect());
    ends.back()->send(Api::request_text(token, "POST", "/v1/tokens/exchange", R"({"role": "owner"})", {}));
  }
  api.held = false;
  api.settle();
  EXPECT_EQ(parse_reply(ends[0]->take()).status, 201);
  EXPECT_EQ(parse_reply(ends[1]->take()).status, 409);
}

TEST(AccessApi, TokensComeAndGo) {
  Api api;
  const Answered made =
      api.call("POST", "/v1/tokens", R"({"role": "site", "sites": ["shop"], "life": "1h", "description": "CI"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string token = made.at("token");
  EXPECT_EQ(api.call_as(token, "GET", "/v1/sites").status, 200);
  const Answered list = api.call("GET", "/v1/tokens");
  EXPECT_EQ(list.body.find("secret"), std::string::npos) << list.body;
  EXPECT_NE(list.body.find(made.at("id")), std::string::npos);
  EXPECT_EQ(api.call("DELETE", "/v1/tokens/" + made.at("id")).status, 204);
  EXPECT_EQ(api.call_as(token, "GET", "/v1/sites").status, 401);
  EXPECT_EQ(api.call("POST", "/v1/tokens", R"({"role": "site"})").status, 422);
  EXPECT_EQ(api.call("POST", "/v1/tokens", R"({"role": "ownr"})").at("errors/0/pointer"), "/role");
  EXPECT_EQ(api.call_as(api.token(AccessRole::operator_), "POST", "/v1/tokens", R"({"role": "owner"})").status, 403);
}

TEST(AccessApi, ExpiredAndForeignTokensAreNobodys) {
  Api api;
  const std::string token = api.token(AccessRole::reader);
  EXPECT_EQ(Api().call_as(token, "GET", "/v1/sites").status, 401) << "another manager's";
  std::string foreign = token;
  foreign.back() = foreign.back() == '0' ? '1' : '0';
  const Answered refused = api.call_as(foreign, "GET", "/v1/sites");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.field("www-authenticate"), "Bearer");
  api.loop.advance(std::chrono::hours(25));
  EXPECT_EQ(api.call_as(token, "GET", "/v1/sites").status, 401);
  for (int i = 0; i < 20; ++i) api.call_as(foreign, "GET", "/v1/sites");
  const Answered limited = api.call_as(foreign, "GET", "/v1/sites");
  EXPECT_EQ(limited.status, 429);
  EXPECT_NE(limited.field("retry-after"), "");
}

TEST(AccessApi, UsersAreRecords) {
  Api api;
  const std::string ada = R"({"role": "operator", "description": "Ada"})";
  EXPECT_EQ(api.call("PUT", "/v1/users/ada", ada).status, 428);
  const Answered made = api.call("PUT", "/v1/users/ada", ada, {{"If-None-Match", "*"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(api.authenticator.users().at("ada").role, AccessRole::operator_);
  EXPECT_EQ(api.call("GET", "/v1/users/ada").etag(), made.etag());
  EXPECT_EQ(api.call("PUT", "/v1/users/ada", R"({"role": "site"})", {{"If-Match", made.etag()}}).status, 422);
  EXPECT_EQ(api.call("PUT", "/v1/users/a%20b", ada, {{"If-None-Match", "*"}}).status, 422);
  EXPECT_EQ(api.call("GET", "/v1/users").at("items/0/id"), "ada");
  EXPECT_EQ(api.call("DELETE", "/v1/users/ada", "", {{"If-Match", made.etag()}}).status, 204);
  EXPECT_TRUE(api.authenticator.users().empty());
}

TEST(AccessApi, RolesSayWhatTheyMay) {
  Api api;
  const Answered roles = api.call("GET", "/v1/roles");
  EXPECT_EQ(roles.at("items/0/name"), "owner");
  EXPECT_EQ(roles.at("items/2/may/sites"), R"(["read", "write", "operate"])");
  EXPECT_EQ(roles.at("items/2/may/overlay"), "[]");
  EXPECT_EQ(roles.at("items/3/may/sites"), R"(["read"])");
}

TEST(EnrolmentApi, GivesTokensAndRevokes) {
  Api api;
  const Answered made = api.call("POST", "/v1/enrolments", R"({"role": "frontend", "name": "pop-1"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto token = tmp::parse_enrolment_token(made.at("token"));
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->identity.name, "pop-1");
  EXPECT_EQ(token->managers, std::vector<std::string>{"192.0.2.1:7500"});
  EXPECT_EQ(token->authority[2], 3);
  const Answered list = api.call("GET", "/v1/enrolments");
  EXPECT_EQ(list.at("items/0/id"), made.at("id"));
  EXPECT_EQ(list.body.find(made.at("token")), std::string::npos);
  EXPECT_EQ(api.call("POST", "/v1/enrolments", R"({"role": "king", "name": "x"})").status, 422);
  EXPECT_EQ(api.call("POST", "/v1/enrolments", R"({"role": "backend", "name": "x", "life": "3d"})").status, 422);
  const Answered gone =
      api.call("POST", "/v1/revocations", R"({"role": "frontend", "name": "pop-1", "reason": "stolen"})");
  EXPECT_EQ(gone.status, 201) << gone.body;
  EXPECT_EQ(api.call("GET", "/v1/revocations").at("items/0/reason"), "stolen");
  EXPECT_EQ(api.call("GET", "/v1/enrolments").at("items"), "[]") << "a token from before must not bring it back";
  EXPECT_EQ(api.call("GET", "/v1/certificates").status, 200);
  EXPECT_EQ(api.call_as(api.token(AccessRole::reader), "GET", "/v1/certificates").status, 403);
}

TEST(Idempotency, TheSameKeyGivesTheSameReply) {
  auto disk = std::make_shared<MemoryDisk>();
  const Headers key = {{"Idempotency-Key", "\"k-1\""}, {"If-Match", "*"}};
  const std::string body = R"({"changes": [{"kind": "sites", "name": "shop", "content": )" + site("shop") + "}]}";
  std::string first;
  std::string owner;
  {
    Api api(disk);
    owner = api.owner();
    const Answered done = api.call("POST", "/v1/apply", body, key);
    ASSERT_EQ(done.status, 200) << done.body;
    first = done.at("diff");
    const Answered again = api.call("POST", "/v1/apply", body, key);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.field("idempotent-replayed"), "true");
    EXPECT_EQ(again.field("etag"), done.field("etag"));
    EXPECT_EQ(api.ledger.registry().number(), 1U);
    EXPECT_EQ(api.call("POST", "/v1/apply", body + " ", key).status, 422) << "another request";
    EXPECT_EQ(api.call_as(api.token(AccessRole::operator_), "POST", "/v1/apply", body, key).at("diff"), "[]")
        << "another's";
  }
  Api restarted(disk);
  const Answered later = restarted.call_as(owner, "POST", "/v1/apply", body, key);
  EXPECT_EQ(later.field("idempotent-replayed"), "true");
  EXPECT_EQ(later.at("diff"), first);
  restarted.loop.advance(limits::kIdempotencyLife + std::chrono::hours(1));
  EXPECT_EQ(restarted.call("POST", "/v1/apply", body, key).field("idempotent-replayed"), "");
}

TEST(Idempotency, ASecondRequestMeanwhileWaitsOutside) {
  Api api;
  api.held = true;
  const Headers key = {{"Idempotency-Key", "k"}};
  const auto first = api.connect();
  first->send(Api::request_text(api.owner(), "POST", "/v1/drafts", "{}", key));
  const auto second = api.connect();
  second->send(Api::request_text(api.owner(), "POST", "/v1/drafts", "{}", key));
  EXPECT_EQ(parse_reply(second->take()).status, 409);
  api.held = false;
  api.settle();
  EXPECT_EQ(parse_reply(first->take()).status, 201);
  EXPECT_EQ(api.ledger.records(kDraftKind).size(), 1U);
}

TEST(Idempotency, ProblemsAreNotRememberedAndSecretsAreNotKept) {
  Api api;
  const Headers key = {{"Idempotency-Key", "k"}};
  EXPECT_EQ(api.call("POST", "/v1/tokens", R"({"role": "x"})", key).status, 422);
  const Answered made = api.call("POST", "/v1/tokens", R"({"role": "reader"})", key);
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(api.call("POST", "/v1/tokens", R"({"role": "reader"})", key).status, 409);
  for (const auto& [name, content] : api.ledger.records(kReplyKind)) {
    EXPECT_EQ(content.find(made.at("token")), std::string::npos);
  }
  EXPECT_EQ(
      api.call("POST", "/v1/tokens", R"({"role": "reader"})", {{"Idempotency-Key", std::string(300, 'x')}}).status,
      400);
}

TEST(Idempotency, IsBounded) {
  Api api;
  for (std::size_t i = 0; i < limits::kMaxRememberedReplies + 20; ++i) {
    api.loop.advance(std::chrono::seconds(1));
    api.call("POST", "/v1/revocations", R"({"role": "user", "name": "x", "reason": "r"})",
             {{"Idempotency-Key", std::to_string(i)}});
  }
  EXPECT_EQ(api.ledger.records(kReplyKind).size(), limits::kMaxRememberedReplies);
}

}  // namespace
}  // namespace ringway::manager
