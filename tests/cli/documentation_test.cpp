// What the pages say is compared with what the programs do. With RINGWAY_WRITE_DOCS set the reference of every
// configuration key is written anew instead.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "backend/settings_schema.h"
#include "base/config_reader.h"
#include "frontend/settings_schema.h"
#include "manager/settings.h"
#include "redirector_dns/settings.h"

namespace ringway {
namespace {

const std::string kSource = RINGWAY_SOURCE_DIR "/";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// `page` with what is between the marks of `kind` replaced by `reference`.
std::string with_reference(const std::string& page, const std::string& kind, const std::string& reference) {
  const std::size_t mark = page.find("<!-- " + kind + ":");
  EXPECT_NE(mark, std::string::npos) << kind;
  const std::size_t begin = page.find('\n', mark) + 1;
  const std::size_t end = page.find("<!-- end -->", begin);
  EXPECT_NE(end, std::string::npos) << kind;
  return page.substr(0, begin) + "\n" + reference + page.substr(end);
}

TEST(Documentation, ReferenceIsThatOfTheSchema) {
  const std::string path = kSource + "docs/configuration.md";
  const std::string page = contents(path);
  const std::string frontend = config::reference_page(frontend::settings_type()->description);
  const std::string backend = config::reference_page(backend::settings_type()->description);
  const std::string manager = config::reference_page(manager::settings_type()->description);
  const std::string gateways = with_reference(with_reference(page, "front-end", frontend), "back-end", backend);
  const std::string redirector = config::reference_page(dns::settings_type()->description);
  const std::string expected = with_reference(with_reference(gateways, "manager", manager), "redirector", redirector);
  if (std::getenv("RINGWAY_WRITE_DOCS") != nullptr) {
    std::ofstream(path, std::ios::binary) << expected;
    GTEST_SKIP() << "wrote " << path;
  }
  EXPECT_EQ(page, expected) << "write it anew: RINGWAY_WRITE_DOCS=1 build/dev/tests/cli/cli_test";
}

/// The texts between `begin` and `end`, lines of their own.
std::vector<std::string> blocks(const std::string& page, const std::string& begin, const std::string& end) {
  std::vector<std::string> found;
  for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at + 1)) {
    const std::size_t from = at + begin.size();
    found.push_back(page.substr(from, page.find(end, from) - from));
  }
  return found;
}

TEST(Documentation, ExamplesAreRight) {
  std::vector<std::string> examples = blocks(contents(kSource + "docs/configuration.md"), "```yaml\n", "```");
  for (const std::string& block : blocks(contents(kSource + "README.md"), "<<'END'\n", "END\n")) {
    examples.push_back(block);
  }
  ASSERT_EQ(examples.size(), 7U);
  for (const std::string& example : examples) {
    if (example.find("name: dns-") != std::string::npos) {
      const auto redirector = dns::parse_settings(example, "example");
      EXPECT_TRUE(redirector.ok()) << example << redirector.error().message;
      continue;
    }
    if (example.find("agents:") != std::string::npos) {
      const auto manager = manager::parse_settings(example, "example");
      EXPECT_TRUE(manager.ok()) << example << manager.error().message;
      continue;
    }
    const bool frontend = example.find("backends:") != std::string::npos;
    const auto as_frontend = frontend::parse_settings(example, "example");
    const auto as_backend = backend::parse_settings(example, "example");
    EXPECT_TRUE(frontend ? as_frontend.ok() : as_backend.ok())
        << example << (frontend ? as_frontend.error() : as_backend.error()).message;
  }
}

std::set<std::string> words_like(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator word(text.begin(), text.end(), expression), end; word != end; ++word) {
    found.insert(word->str(1));
  }
  return found;
}

std::set<std::string> metrics_in_sources() {
  std::set<std::string> found;
  for (const char* room : {"agent", "net", "frontend", "backend", "manager", "cli"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource + room)) {
      if (entry.path().extension() != ".cpp") continue;
      found.merge(words_like(contents(entry.path()), "\"(ringway_[a-z_]+)\""));
    }
  }
  return found;
}

TEST(Documentation, NamesEveryMetric) {
  const std::set<std::string> sources = metrics_in_sources();
  EXPECT_GT(sources.size(), 20U);
  std::set<std::string> named = words_like(contents(kSource + "docs/operating.md"), "`(ringway_[a-z_]+)`");
  EXPECT_EQ(named, sources);
}

TEST(Documentation, NamesEveryFieldOfTheAccessLog) {
  const std::string source = contents(kSource + "http/access_log.cpp");
  const std::set<std::string> written = words_like(source, R"re(append_\w+\(out, "(\w+)")re");
  EXPECT_GT(written.size(), 10U);
  const std::string page = contents(kSource + "docs/operating.md");
  for (const std::string& field : written) {
    EXPECT_NE(page.find("`" + field + "`"), std::string::npos) << field;
  }
}

TEST(Documentation, LinksLeadToFiles) {
  for (const char* page : {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/configuration.md", "docs/operating.md",
                           "docs/client.md", "docs/dashboard.md", "docs/manager_api.md", "docs/dns.md"}) {
    const std::filesystem::path place = std::filesystem::path(kSource + page).parent_path();
    for (const std::string& link : words_like(contents(kSource + page), R"(\]\(([^)#]+)\))")) {
      if (link.starts_with("https://")) continue;
      EXPECT_TRUE(std::filesystem::exists(place / link)) << page << ": " << link;
    }
  }
}

}  // namespace
}  // namespace ringway
