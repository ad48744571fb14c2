#include "cli/check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "cli/keys.h"

namespace ringway::cli {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
  std::string errors;
};

template <class Run>
Outcome outcome(Run run, const std::vector<std::string>& args) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome result;
  result.code = run(args);
  std::fflush(stdout);
  std::fflush(stderr);
  result.out = testing::internal::GetCapturedStdout();
  result.errors = testing::internal::GetCapturedStderr();
  return result;
}

Outcome check(const std::vector<std::string>& args) { return outcome(run_check, args); }
Outcome keys(const std::vector<std::string>& args) { return outcome(run_keys, args); }

constexpr const char* kFrontend = R"(name: pop-1
listen: [ { address: "127.0.0.1:8080" } ]
link: { identity: { certificate: keys/pop-1.pem, key: keys/pop-1.key, authority: keys/ca.pem } }
sites:
  - name: shop
    hosts: [ shop.test ]
    backends: [ { address: "127.0.0.1:7400", name: host-1 } ]
)";

constexpr const char* kBackend = R"(name: host-1
link:
  address: "127.0.0.1:7400"
  identity: { certificate: keys/host-1.pem, key: keys/host-1.key, authority: keys/ca.pem }
sites:
  - { name: shop, frontends: [ pop-1 ], origins: [ { address: "127.0.0.1:8000" } ] }
)";

class CheckTest : public testing::Test {
 protected:
  CheckTest() {
    std::filesystem::create_directories(place);
    EXPECT_EQ(keys({"--authority", place + "keys", "--name", "pop-1", "--role", "frontend"}).code, 0);
    EXPECT_EQ(keys({"--authority", place + "keys", "--name", "host-1", "--role", "backend"}).code, 0);
  }
  ~CheckTest() override { std::filesystem::remove_all(place); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(place + name) << text;
    return place + name;
  }

  const std::string place = testing::TempDir() + "ringway_check_" + std::to_string(::getpid()) + "/";
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(CheckTest, SumsUpWhatIsRight) {
  const std::string frontend = write("f.yaml", kFrontend);
  const std::string backend = write("b.yaml", kBackend);
  const Outcome result = check({frontend, backend});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.out, frontend + ": ok: front-end pop-1, 1 listener, 1 site, 1 back-end\n" + backend +
                            ": ok: back-end host-1, 1 site, 1 origin, 1 front-end\n");
}

TEST_F(CheckTest, KnowsFilesThatLeaveTheirSitesToAManager) {
  const std::string told = "manager: { addresses: [ \"192.0.2.9:7500\" ], state: state }\n";
  const auto without_sites = [&](std::string text) { return text.erase(text.find("sites:")) + told; };
  const std::string frontend = write("f.yaml", without_sites(kFrontend));
  const std::string backend = write("b.yaml", without_sites(kBackend));
  const Outcome result = check({frontend, backend});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_NE(result.out.find("back-end host-1, 0 sites"), std::string::npos) << result.out;
}

TEST_F(CheckTest, DrawsARedirectorsSteering) {
  const std::string redirector = R"(name: dns-1
listen: [ "127.0.0.1:5300" ]
zones: []
steering:
  pops: [ { name: oslo, latitude: 59.9, longitude: 10.7 } ]
  frontends: [ { name: pop-1, pop: oslo, addresses: [ "192.0.2.1" ] } ]
  sites: [ { name: shop, frontends: [ pop-1 ] } ]
)";
  EXPECT_EQ(check({write("d.yaml", redirector)}).code, 0);
  const std::string many = R"("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5")";
  const Outcome result = check({write("d.yaml", replaced(redirector, "\"192.0.2.1\"", many))});
  EXPECT_EQ(result.code, 1) << "the redirector would not start";
  EXPECT_NE(result.errors.find("d.yaml: "), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("pop-1"), std::string::npos) << result.errors;
}

TEST_F(CheckTest, GoesOnAfterABadFile) {
  const std::string bad = write("bad.yaml", replaced(kFrontend, "hosts:", "host:"));
  const std::string backend = write("b.yaml", kBackend);
  const Outcome result = check({bad, backend});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.errors.find("bad.yaml:6:5: unknown key \"host\" in site"), std::string::npos) << result.errors;
  EXPECT_NE(result.out.find("ok: back-end host-1"), std::string::npos);
}

TEST_F(CheckTest, ComparesTheCertificateWithTheName) {
  const std::string file = write("f.yaml", replaced(kFrontend, "name: pop-1", "name: pop-2"));
  EXPECT_NE(check({file}).errors.find("is the certificate of frontend pop-1, and this is frontend pop-2"),
            std::string::npos);
  const std::string key = write("k.yaml", replaced(kFrontend, "keys/pop-1.key", "keys/host-1.key"));
  const Outcome result = check({key});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.errors.find("host-1.key"), std::string::npos) << result.errors;
}

TEST_F(CheckTest, RefusesACertificateThatIsNone) {
  const std::string text = replaced(kFrontend, "8080\"", "8080\", tls: { certificate: f.yaml, key: keys/pop-1.key }");
  const Outcome result = check({write("f.yaml", text)});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.errors.find("f.yaml"), std::string::npos) << result.errors;
}

TEST_F(CheckTest, SaysWhenAFileIsNeitherKind) {
  const std::string file = write("x.yaml", "name: a\n");
  EXPECT_EQ(check({file}).errors,
            file +
                ": no file of Ringway's: a front-end's sites have `backends`, a back-end's have `origins`, a "
                "manager's file has `api`, a redirector's has `zones`\n");
  EXPECT_EQ(check({place + "none.yaml"}).errors, place + "none.yaml: No such file or directory\n");
  EXPECT_NE(check({write("y.yaml", "a: [")}).errors.find("y.yaml:1:"), std::string::npos);
  EXPECT_EQ(check({}).code, 2);
  EXPECT_EQ(check({"--all"}).code, 2);
}

TEST_F(CheckTest, KeysAreSecretAndMadeOnce) {
  struct stat key {};
  ASSERT_EQ(::stat((place + "keys/pop-1.key").c_str(), &key), 0);
  EXPECT_EQ(key.st_mode & 0777U, 0600U);
  const Outcome again = keys({"--authority", place + "keys", "--name", "pop-1", "--role", "frontend"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.errors.find("pop-1.pem"), std::string::npos) << again.errors;
}

TEST_F(CheckTest, KeysSayWhereTheyAre) {
  const Outcome made = keys({"--authority", place + "new", "--name", "a", "--role", "backend"});
  EXPECT_EQ(made.code, 0) << made.errors;
  for (const char* file : {"new/ca.pem", "new/a.pem", "new/a.key"}) {
    EXPECT_NE(made.out.find(place + file), std::string::npos) << made.out;
  }
  EXPECT_EQ(keys({"--authority", place, "--name", "a", "--role", "manager"}).code, 2);
  EXPECT_EQ(keys({"--authority", place, "--name", "../a", "--role", "backend"}).code, 2);
  EXPECT_EQ(keys({"--name", "a"}).code, 2);
  EXPECT_EQ(keys({"--help"}).code, 0);
}

}  // namespace
}  // namespace ringway::cli
