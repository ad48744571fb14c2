#include "cli/dns/zone_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace ringway::cli {
namespace {

namespace fs = std::filesystem;

/// A folder with a secret in it, and the zone's folder below.
class ZoneInclusion : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ringway-zones-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "zones/more");
    write("secret", "www A 192.0.2.66\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  /// What is wrong with a zone that ends with `lines`; empty: nothing.
  [[nodiscard]] std::string faults(const std::string& lines) const {
    write("zones/shop.zone", "$TTL 1h\n@ SOA ns1 a 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n" + lines);
    const auto zones = read_zones({{"shop.test", (folder_ / "zones/shop.zone").string()}}, {});
    return zones ? "" : zones.error().message;
  }

  fs::path folder_;
};

TEST_F(ZoneInclusion, ReadsWhatIsBesideAndBelow) {
  write("zones/hosts", "a A 192.0.2.1\n$INCLUDE more/hosts\n");
  write("zones/more/hosts", "b A 192.0.2.2\n");
  EXPECT_EQ(faults("$INCLUDE hosts\n$INCLUDE more/../more/hosts sub\n"), "");
  EXPECT_NE(faults("$INCLUDE none\n").find("shop.zone:5:10:"), std::string::npos);
  EXPECT_NE(faults("$INCLUDE more\n"), "") << "a folder";
}

TEST_F(ZoneInclusion, ReadsNothingFromElsewhere) {
  fs::create_symlink(folder_ / "secret", folder_ / "zones/link");
  fs::create_symlink(folder_ / "zones/more", folder_ / "zones/inside");
  write("zones/more/hosts", "b A 192.0.2.2\n");
  for (const std::string& name : {std::string("../secret"), (folder_ / "secret").string(), std::string("link"),
                                  std::string("more/../../secret"), std::string("../zones-other")}) {
    const std::string told = faults("$INCLUDE " + name + "\n");
    EXPECT_NE(told.find("only files beside its own"), std::string::npos) << told;
    EXPECT_EQ(told.find("192.0.2.66"), std::string::npos);
  }
  EXPECT_EQ(faults("$INCLUDE inside/hosts\n"), "");
}

}  // namespace
}  // namespace ringway::cli
