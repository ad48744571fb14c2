#include "cli/client/location.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace ringway::cli::client {
namespace {

std::string fault_of(const std::string& url) {
  const Result<Location> location = parse_manager_url(url);
  return location ? "" : location.error().message;
}

TEST(ManagerUrl, IsSchemeHostAndPort) {
  const Location location = *parse_manager_url("https://Manager.test:7443/");
  EXPECT_EQ(location.url(), "https://manager.test:7443");
  EXPECT_EQ(parse_manager_url("https://[2001:db8::1]")->authority(), "[2001:db8::1]:443");
  EXPECT_EQ(parse_manager_url("http://[::1]:80")->host, "::1");
  EXPECT_EQ(parse_manager_url("http://127.0.0.9")->port, 80);
  EXPECT_EQ(parse_manager_url("http://localhost")->host, "localhost");
}

TEST(ManagerUrl, RefusesWhatIsNone) {
  for (const char* url : {"", "manager.test", "ftp://a", "https://", "https://a:0", "https://a:70000", "https://a:x",
                          "https://a/v1", "https://u@a", "https://a b"}) {
    EXPECT_NE(fault_of(url), "") << url;
  }
}

TEST(ManagerUrl, MayBeSeveral) {
  const auto urls = parse_manager_urls("https://a.test:8700, https://b.test");
  ASSERT_TRUE(urls);
  ASSERT_EQ(urls->size(), 2U);
  EXPECT_EQ((*urls)[1].url(), "https://b.test:443");
  for (const char* wrong : {"", ",", "https://a.test,", "https://a.test,,https://b.test"}) {
    EXPECT_FALSE(parse_manager_urls(wrong)) << wrong;
  }
}

TEST(ManagerUrl, SendsNoTokenInTheClear) {
  EXPECT_EQ(fault_of("http://manager.test"),
            "http://manager.test: the token would cross the network in the clear: say https://");
  EXPECT_NE(fault_of("http://128.0.0.1"), "");
}

class LocationFiles : public ::testing::Test {
 protected:
  LocationFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "ringway-location-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    environment["XDG_CONFIG_HOME"] = folder;
  }
  ~LocationFiles() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text, unsigned mode) {
    const std::string path = folder + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  Result<Location> find(const LocationOptions& options = {}) {
    const auto all = find_locations(options, [this](const char* name) { return environment[name]; });
    if (!all) return all.error();
    return all->front();
  }

  std::string folder;
  std::map<std::string, std::string> environment;
};

TEST_F(LocationFiles, OptionsComeBeforeEnvironmentBeforeFile) {
  EXPECT_FALSE(find());
  write("ringway/client.yaml", "manager: https://file.test\ntoken: of-file\n", 0600);
  EXPECT_EQ(find()->url(), "https://file.test:443");
  EXPECT_EQ(find()->token, "of-file");
  environment["RINGWAY_MANAGER"] = "https://environment.test";
  environment["RINGWAY_TOKEN"] = "of-environment";
  EXPECT_EQ(find()->host, "environment.test");
  EXPECT_EQ(find()->token, "of-environment");
  const std::string token_file = write("token", " of-option \nsecond line\n", 0600);
  const Location location = *find({"https://option.test", token_file, "ca.pem"});
  EXPECT_EQ(location.host, "option.test");
  EXPECT_EQ(location.token, "of-option");
  EXPECT_EQ(location.authority_file, "ca.pem");
}

TEST_F(LocationFiles, TheFileIsItsOwnersAlone) {
  const std::string path = write("ringway/client.yaml", "manager: https://file.test\n", 0644);
  EXPECT_EQ(find().error().message, path + " holds a token, and others may read it: chmod 600 " + path);
}

TEST_F(LocationFiles, TellsWhatIsWrongWithTheFile) {
  const std::string path = write("ringway/client.yaml", "manger: https://file.test\n", 0600);
  EXPECT_NE(find().error().message.find("client.yaml:1:1: "), std::string::npos) << find().error().message;
  EXPECT_NE(find().error().message.find("manager"), std::string::npos);
}

TEST_F(LocationFiles, IsReadAsItWasWritten) {
  Location location = *parse_manager_url("https://a.test:7443");
  location.token = "rw_1_2";
  location.authority_file = write("ca.pem", "x", 0644);
  const std::string path = folder + "/new/ringway/client.yaml";
  environment["XDG_CONFIG_HOME"] = folder + "/new";
  ASSERT_TRUE(write_client_file(path, {location, *parse_manager_url("https://b.test")}));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_EQ(find()->url(), "https://a.test:7443");
  EXPECT_EQ(find()->token, "rw_1_2");
  EXPECT_EQ(find()->authority_file, location.authority_file);
}

TEST_F(LocationFiles, AnEmptyTokenFileIsWrong) {
  EXPECT_FALSE(find({"https://a.test", write("token", "\n", 0600), ""}));
  EXPECT_FALSE(find({"https://a.test", folder + "/nothing", ""}));
}

}  // namespace
}  // namespace ringway::cli::client
