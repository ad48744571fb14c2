#include "cli/client/commands.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/client/exit_code.h"
#include "cli/client/several_managers.h"
#include "tests/cli/client/fakes.h"

namespace ringway::cli::client {
namespace {

constexpr const char* kPlan = R"({"dry_run": true, "revision": 7, "diff": [
  {"kind": "sites", "name": "shop", "before": {"name": "shop", "weight": 1}, "after": {"name": "shop", "weight": 2}},
  {"kind": "pops", "name": "old", "before": {"name": "old"}, "after": null},
  {"kind": "pops", "name": "new", "before": null, "after": {"name": "new"}}]})";
constexpr const char* kMade = R"({"dry_run": false, "revision": 8, "diff": []})";
constexpr const char* kShown =
    "~ sites/shop\n  - weight: 1\n  + weight: 2\n- pops/old\n  - name: old\n"
    "+ pops/new\n  + name: new\n1 to make, 1 to change, 1 to remove.\n";

std::string status_with(const std::string& rollout, const std::string& drains = "[]") {
  return R"({"revision": 8, "rollout": )" + rollout + R"(, "drains": )" + drains + "}";
}

class Apply : public ClientTest {
 protected:
  Apply() {
    std::string name = (std::filesystem::temp_directory_path() / "ringway-apply-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    file = write("site.yaml", "sites:\n  - name: shop\n    weight: 2\n");
  }
  ~Apply() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name) << text;
    return folder + "/" + name;
  }

  std::string folder;
  std::string file;
};

TEST_F(Apply, DoesWhatItHasShownAndNothingElse) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  api.put("POST /v1/apply", kMade);
  api.put("GET /v1/status", status_with(R"({"to": 8, "state": "spreading", "wave": 1, "waves": 2, "applied": 1,
                                            "gateways": 4, "gate_left_s": 30})"));
  api.put("GET /v1/status", status_with(R"({"to": 8, "state": "done", "applied": 4, "gateways": 4})"));
  console.answer = true;
  EXPECT_EQ(run("apply", {"-f", file, "--message", "why"}), kFine);
  EXPECT_EQ(console.said, kShown);
  EXPECT_EQ(console.asked, "Do it?");
  EXPECT_EQ(console.noted,
            "Revision 8 is written.\n"
            "revision 8: wave 1 of 2, 1 of 4 gateways have it, watched for 30 s more\n"
            "revision 8: done: 4 of 4 gateways have it\n");
  ASSERT_EQ(api.asks.size(), 4U);
  const auto if_match = [this](std::size_t i) { return api.asks[i].fields.at(0).second; };
  EXPECT_EQ(if_match(0), "*");
  EXPECT_EQ(if_match(1), "\"revision-7\"");
  EXPECT_EQ(api.asks[0].body, R"({"changes": [{"kind": "sites", "name": "shop", )"
                              R"("content": {"name": "shop", "weight": 2}}], "message": "why"})");
  EXPECT_EQ(api.asks[1].body, api.asks[0].body);
}

TEST_F(Apply, ChangesNothingWithoutAYes) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  console.answer = false;
  EXPECT_EQ(run("apply", {file}), kFailed);
  EXPECT_EQ(api.asks.size(), 1U);
  console.answer.reset();
  EXPECT_EQ(run("apply", {file}), kUsage);
  EXPECT_NE(console.noted.find("say --yes"), std::string::npos);
  EXPECT_EQ(run("apply", {file, "--dry-run"}), kFine);
  EXPECT_EQ(api.asks.size(), 3U);
}

TEST_F(Apply, IsRefusedWhereTheHeadHasMoved) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  api.put_problem("POST /v1/apply", 412, "It was changed since it was read", R"(, "detail": "read it again")");
  EXPECT_EQ(run("apply", {file, "--yes"}), kChanged);
  EXPECT_EQ(console.noted, "ringway apply: It was changed since it was read: read it again\n");
}

TEST_F(Apply, SaysWhenARolloutWasStopped) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  api.put("POST /v1/apply", kMade);
  api.put("GET /v1/status", status_with(R"({"to": 7, "state": "done"})"));
  api.put("GET /v1/status", status_with(R"({"to": 8, "state": "stopped", "reason": "pop-1 refused it"})"));
  EXPECT_EQ(run("apply", {file, "--yes"}), kFailed);
  EXPECT_EQ(console.noted, "Revision 8 is written.\nrevision 8: stopped: pop-1 refused it\n");
}

TEST_F(Apply, DoesNotWaitForWhatThereIsNot) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  api.put("POST /v1/apply", kMade);
  api.put("GET /v1/status", status_with("null"));
  EXPECT_EQ(run("apply", {file, "--yes"}), kFine);
  EXPECT_LE(console.slept, std::chrono::seconds(3));
  EXPECT_EQ(run("apply", {file, "--yes", "--no-wait"}), kFine);
}

TEST_F(Apply, HasNothingToDoWhereAllIsAsItShouldBe) {
  api.put("POST /v1/apply?dry_run=1", R"({"revision": 7, "diff": []})");
  EXPECT_EQ(run("apply", {file}), kFine);
  EXPECT_EQ(console.said, "Nothing to change.\n");
  EXPECT_EQ(run("apply", {write("empty.yaml", "sites: []\n")}), kFine);
  EXPECT_EQ(api.asks.size(), 1U);
}

TEST_F(Apply, ShowsFaultsInTheFile) {
  api.put_problem("POST /v1/apply?dry_run=1", 422, "The content is not right",
                  R"(, "errors": [{"pointer": "/changes/0/content/weight", "message": "too small", "hint": "1 to 9"},
                                  {"pointer": "", "message": "sites/shop: no origins"}])");
  EXPECT_EQ(run("apply", {file}), kFailed);
  EXPECT_EQ(console.noted,
            "ringway apply: The content is not right\n" + file +
                ":3:13: too small\n      weight: 2\n              ^\n  1 to 9\n  sites/shop: no origins\n");
}

TEST_F(Apply, AsksNothingWithAWrongFile) {
  EXPECT_EQ(run("apply", {write("wrong.yaml", "sites: 1\n")}), kUsage);
  EXPECT_EQ(run("apply", {folder + "/nothing.yaml"}), kUsage);
  EXPECT_EQ(run("apply", {}), kUsage);
  EXPECT_TRUE(api.asks.empty());
}

TEST_F(Apply, PrunesTheKindsThatTheFileNames) {
  api.put("GET /v1/sites", R"({"items": [{"name": "a"}, {"name": "shop"}], "next": "shop"})");
  api.put("GET /v1/sites?cursor=shop", R"({"items": [{"name": "z"}], "next": null})");
  api.put("POST /v1/apply?dry_run=1", kPlan);
  EXPECT_EQ(run("apply", {file, "--prune", "--dry-run"}), kFine);
  EXPECT_EQ(
      api.asks.back().body,
      "{\"changes\": [{\"kind\": \"sites\", \"name\": \"shop\", \"content\": {\"name\": \"shop\", \"weight\": 2}},\n"
      "{\"kind\": \"sites\", \"name\": \"a\", \"content\": null},\n"
      "{\"kind\": \"sites\", \"name\": \"z\", \"content\": null}]}");
}

TEST_F(Apply, LeavesStandardOutputToJson) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  api.put("POST /v1/apply", kMade);
  EXPECT_EQ(run("apply", {file, "--yes", "--no-wait", "--output", "json"}), kFine);
  EXPECT_EQ(console.said, kMade);
}

TEST_F(Apply, DiffSaysByItsExitCodeWhetherAnythingDiffers) {
  api.put("POST /v1/apply?dry_run=1", kPlan);
  api.put("POST /v1/apply?dry_run=1", R"({"revision": 7, "diff": []})");
  EXPECT_EQ(run("diff", {"-f", file}), kDiffers);
  EXPECT_EQ(console.said, kShown);
  EXPECT_EQ(run("diff", {"-f", file}), kFine);
  EXPECT_EQ(console.said, kShown);
}

class Rollback : public ClientTest {};

TEST_F(Rollback, GoesToTheOneBeforeTheHead) {
  api.put("GET /v1/revisions", R"({"items": [{"number": 7}, {"number": 6}]})");
  api.put("POST /v1/revisions/6/rollback?dry_run=1", kPlan);
  api.put("POST /v1/revisions/6/rollback", kMade);
  EXPECT_EQ(run("rollback", {"--yes", "--no-wait"}), kFine);
  EXPECT_EQ(console.said, kShown);
  EXPECT_EQ(api.asks.back().fields.at(0).second, "\"revision-7\"");
}

TEST_F(Rollback, NeedsSomethingToGoBackTo) {
  api.put("GET /v1/revisions", R"({"items": [{"number": 1}]})");
  EXPECT_EQ(run("rollback", {"--yes"}), kNotThere);
  EXPECT_EQ(run("rollback", {"first"}), kUsage);
  EXPECT_EQ(run("rollback", {"1", "2"}), kUsage);
}

class Get : public ClientTest {};

TEST_F(Get, ShowsATableOfWhatFits) {
  api.put("GET /v1/sites", R"({"items": [
    {"name": "shop", "hosts": ["a.test", "b.test"], "origins": [{"address": "x:1"}], "rings": {"a": 1}},
    {"name": "db", "protocol": "tcp"}], "next": null})");
  EXPECT_EQ(run("get", {"sites"}), kFine);
  EXPECT_EQ(console.said,
            "NAME  HOSTS           ORIGINS  PROTOCOL\n"
            "shop  a.test, b.test  x:1      \n"
            "db                             tcp\n");
}

TEST_F(Get, ShowsOneAsApplyTakesIt) {
  api.put("GET /v1/sites/shop", R"({"name": "shop", "hosts": ["a.test"]})");
  EXPECT_EQ(run("get", {"sites", "shop"}), kFine);
  EXPECT_EQ(run("get", {"sites/shop"}), kFine);
  EXPECT_EQ(console.said, "sites:\n  - name: shop\n    hosts: [a.test]\nsites:\n  - name: shop\n    hosts: [a.test]\n");
}

TEST_F(Get, GivesScriptsJson) {
  api.put("GET /v1/sites", R"({"items": [{"name": "shop"}], "next": null})");
  EXPECT_EQ(run("get", {"sites", "--output=json"}), kFine);
  EXPECT_EQ(console.said, "{\"items\": [{\"name\": \"shop\"}]}\n");
}

TEST_F(Get, ReadsNoMorePagesThanItIsToShow) {
  api.put("GET /v1/events", R"({"items": [{"number": 9}, {"number": 8}], "next": "8"})");
  api.put("GET /v1/events?cursor=8", R"({"items": [{"number": 7}, {"number": 6}], "next": "6"})");
  EXPECT_EQ(run("get", {"events", "--limit", "2"}), kFine);
  EXPECT_EQ(api.asks.size(), 1U);
  EXPECT_EQ(run("get", {"events", "--limit=3"}), kFine);
  EXPECT_EQ(console.said, "NUMBER\n9\n8\nNUMBER\n9\n8\n7\n");
  EXPECT_EQ(run("get", {"events", "--limit", "0"}), kUsage);
}

TEST_F(Get, SaysWhatIsNotThere) {
  api.put_problem("GET /v1/site", 404, "There is no such thing");
  EXPECT_EQ(run("get", {"site"}), kNotThere);
  EXPECT_EQ(console.noted, "ringway get: There is no such thing\nDid you mean \"sites\"?\n");
  EXPECT_EQ(run("get", {}), kUsage);
}

TEST_F(Get, KeepsNamesInTheirPlaceInPaths) {
  api.put_problem("GET /v1/sites/..%2F..%2Ftokens%3Fa", 404, "no");
  EXPECT_EQ(run("get", {"sites", "../../tokens?a"}), kNotThere);
}

TEST_F(Get, TellsEachKindOfRefusalByItsExitCode) {
  const std::pair<int, int> codes[] = {{400, kFailed}, {401, kNotAllowed}, {403, kNotAllowed}, {404, kNotThere},
                                       {409, kFailed}, {412, kChanged},    {422, kFailed},     {503, kNoAnswer}};
  for (const auto& [status, code] : codes) EXPECT_EQ(exit_code_of(status), code) << status;
  EXPECT_EQ(run("get", {"sites"}), kNoAnswer);
}

class Drain : public ClientTest {};

TEST_F(Drain, IsFollowedUntilItIsDone) {
  api.put("PUT /v1/drains/frontend:pop-1", "{}");
  api.put("GET /v1/status", status_with("null", R"([{"target": "frontend:pop-1", "left": 12, "unit": "exchanges"}])"));
  api.put("GET /v1/status", status_with("null", R"([{"target": "frontend:pop-1", "left": 12, "unit": "exchanges"}])"));
  api.put("GET /v1/status", status_with("null", R"([{"target": "frontend:pop-1", "left": 0, "done": true}])"));
  EXPECT_EQ(run("drain", {"frontend:pop-1"}), kFine);
  EXPECT_EQ(console.noted,
            "frontend:pop-1 takes nothing new. Undo: ringway undrain frontend:pop-1\n"
            "frontend:pop-1: 12 exchanges left\nfrontend:pop-1: drained\n");
}

TEST_F(Drain, EndsWhereSomebodyUndoesIt) {
  api.put("PUT /v1/drains/pop:zurich", "{}");
  api.put("GET /v1/status", status_with("null"));
  EXPECT_EQ(run("drain", {"pop:zurich"}), kFailed);
}

TEST_F(Drain, TakesTargetsAlone) {
  for (const char* target : {"pop-1", "frontend:", ":x", "site:shop", "origin:shop", "origin::x", "origin:shop:"}) {
    EXPECT_EQ(run("drain", {target}), kUsage) << target;
    EXPECT_EQ(run("undrain", {target}), kUsage) << target;
  }
  api.put("DELETE /v1/drains/origin:shop:%5B2001:db8::1%5D:80", {204, "", "", ""});
  EXPECT_EQ(run("undrain", {"origin:shop:[2001:db8::1]:80"}), kFine);
}

TEST_F(Drain, LinksAreClosed) {
  api.put("POST /v1/links/pop-1/host-1/close", {204, "", "", ""});
  EXPECT_EQ(run("link", {"close", "pop-1", "host-1"}), kFine);
  EXPECT_EQ(run("link", {"open", "pop-1", "host-1"}), kUsage);
}

class Access : public ClientTest {};

TEST_F(Access, TokensAreToldAloneOnStandardOutput) {
  api.put("POST /v1/tokens", R"({"id": "1", "token": "rw_1_2"})");
  EXPECT_EQ(run("token", {"make", "--role", "site", "--site", "a", "--site", "b", "--life", "30d"}), kFine);
  EXPECT_EQ(console.said, "rw_1_2\n");
  EXPECT_EQ(api.asks[0].body, R"({"role": "site", "sites": ["a", "b"], "life": "30d"})");
  EXPECT_EQ(run("token", {"make"}), kUsage);
}

TEST_F(Access, AOneTimeTokenAsksForItself) {
  api.put("POST /v1/tokens/exchange", R"({"token": "rw_3_4"})");
  environment["RINGWAY_TOKEN"] = "another";
  EXPECT_EQ(run("token", {"exchange", "rw_1_2"}), kFine);
  EXPECT_EQ(api.asks[0].token, "rw_1_2");
  EXPECT_EQ(api.asks[0].body, R"({"role": "owner"})");
  console.line = "rw_5_6 ";
  EXPECT_EQ(run("token", {"exchange", "-"}), kFine);
  EXPECT_EQ(api.asks[1].token, "rw_5_6");
}

TEST_F(Access, EnrolmentsAreMadeForARoleAndAName) {
  api.put("POST /v1/enrolments", R"({"token": "rwe1_x"})");
  EXPECT_EQ(run("enrolment", {"make", "frontend", "pop-1"}), kFine);
  EXPECT_EQ(console.said, "rwe1_x\n");
  EXPECT_EQ(api.asks[0].body, R"({"role": "frontend", "name": "pop-1"})");
  EXPECT_EQ(run("enrolment", {"make", "frontend"}), kUsage);
}

class Login : public Apply {
 protected:
  Login() { environment = {{"XDG_CONFIG_HOME", folder}}; }
  std::string written() {
    std::ifstream in(folder + "/ringway/client.yaml");
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
};

TEST_F(Login, ExchangesAOneTimeToken) {
  api.put("POST /v1/tokens/exchange", R"({"token": "rw_3_4"})");
  EXPECT_EQ(run("login", {"http://127.0.0.1:7480", "rw_1_2"}), kFine);
  EXPECT_EQ(written(), "manager: \"http://127.0.0.1:7480\"\ntoken: \"rw_3_4\"\n");
  EXPECT_EQ(run("get", {"sites"}), kNoAnswer);
  EXPECT_EQ(location.token, "rw_3_4");
}

TEST_F(Login, KeepsALastingToken) {
  api.put_problem("POST /v1/tokens/exchange", 403, "no");
  console.line = "rw_1_2";
  EXPECT_EQ(run("login", {"https://manager.test", "-"}), kFine);
  EXPECT_EQ(written(), "manager: \"https://manager.test:443\"\ntoken: \"rw_1_2\"\n");
}

TEST_F(Login, KeepsNoTokenThatIsRefused) {
  api.put_problem("POST /v1/tokens/exchange", 401, "Who asks is not known");
  EXPECT_EQ(run("login", {"https://manager.test", "rw_1_2"}), kNotAllowed);
  EXPECT_EQ(written(), "");
}

TEST_F(Login, LosesNoTokenThatItCannotWrite) {
  api.put("POST /v1/tokens/exchange", R"({"token": "rw_3_4"})");
  environment = {};
  EXPECT_EQ(run("login", {"https://manager.test", "rw_1_2"}), kFailed);
  EXPECT_EQ(console.said, "rw_3_4\n");
}

class Several : public ::testing::Test {
 protected:
  Several() {
    std::vector<std::unique_ptr<Api>> managers;
    for (FakeApi& each : apis) managers.push_back(std::make_unique<BorrowedApi>(each));
    all = std::make_unique<SeveralManagers>(std::move(managers));
  }
  int status_of(const std::string& method) {
    const Result<Answer> answer = all->ask({method, "/a"});
    return answer ? answer->status : 0;
  }
  [[nodiscard]] std::vector<std::size_t> asked() const {
    return {apis[0].asks.size(), apis[1].asks.size(), apis[2].asks.size()};
  }

  FakeApi apis[3];
  std::unique_ptr<Api> all;
};

TEST_F(Several, AskTheNextWhereOneIsAwayOrFollows) {
  apis[1].put_problem("GET /a", 503, "another leads");
  apis[2].put("GET /a", "{}");
  EXPECT_EQ(status_of("GET"), 200);
  EXPECT_EQ(status_of("GET"), 200);
  EXPECT_EQ(asked(), (std::vector<std::size_t>{1, 1, 2}));
}

TEST_F(Several, AskNobodyElseWhereItMayHaveBeenDone) {
  apis[0].retry = Retry::unsafe;
  apis[1].put("POST /a", "{}");
  EXPECT_EQ(status_of("POST"), 0);
  EXPECT_EQ(asked(), (std::vector<std::size_t>{1, 0, 0}));
}

TEST_F(Several, SayWhatTheLastSaysWhereNoneIsBetter) {
  for (FakeApi& each : apis) each.put_problem("GET /a", 503, "nobody leads");
  EXPECT_EQ(status_of("GET"), 503);
  EXPECT_EQ(asked(), (std::vector<std::size_t>{1, 1, 1}));
}

class Commands : public ClientTest {};

TEST_F(Commands, HaveHelpWithExamples) {
  for (const Command& command : client_commands()) {
    console.said.clear();
    EXPECT_EQ(run(command.name, {"--help"}), kFine);
    EXPECT_NE(console.said.find("Examples:\n  ringway " + command.name), std::string::npos) << console.said;
    for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
      end = console.said.find('\n', at);
      EXPECT_LE(console.said.substr(at, end - at).size(), 200U) << command.name;
    }
  }
}

TEST_F(Commands, RefuseFormatsThatTheyDoNotHave) {
  EXPECT_EQ(run("status", {"--output", "yaml"}), kUsage);
  EXPECT_EQ(run("status", {"--output", ""}), kUsage);
  EXPECT_EQ(run("status", {"--output", "xml"}), kUsage);
  EXPECT_TRUE(api.asks.empty());
}

TEST_F(Commands, NeedAManager) {
  environment = {};
  EXPECT_EQ(run("status", {}), kUsage);
  EXPECT_NE(console.noted.find("RINGWAY_MANAGER"), std::string::npos);
}

TEST_F(Commands, SurviveWhatIsNoManager) {
  for (const char* body : {"", "<html>", "[]", "null", "{\"items\": 1}", "{\"sites\": {\"a\": []}, \"rollout\": 3}"}) {
    FakeApi other;
    api = other;
    api.put("GET /v1/status", body);
    api.put("GET /v1/sites", body);
    api.put("GET /v1/sites/a", body);
    api.put("GET /v1/explain?url=a", body);
    for (const auto& [name, words] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"status", {}}, {"top", {"--once"}}, {"get", {"sites"}}, {"get", {"sites", "a"}}, {"explain", {"a"}}}) {
      const int code = run(name, words);
      EXPECT_TRUE(code == kFine || code == kFailed) << name << body;
    }
  }
}

}  // namespace
}  // namespace ringway::cli::client
