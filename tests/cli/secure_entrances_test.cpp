#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/frontend_share.h"
#include "tests/net/test_certificates.h"

namespace ringway::cli {
namespace {

class SecureEntrances : public testing::Test {
 protected:
  /// Of a front-end with these listeners.
  std::vector<agent::SecureEntrance> of(const std::string& listeners) {
    const auto site = [](const std::string& name, const std::string& where) {
      return fmt::format(R"({{"name": "{}", {}, "backends": [{{"name": "b", "address": "127.0.0.1:9"}}]}})", name,
                         where);
    };
    const std::string sites = site("shop", R"("hosts": ["www.shop.test", "shop.test"])") + "," +
                              site("all", R"("hosts": ["*.shop.test"])") + "," +
                              site("blog", R"("hosts": ["blog.shop.test", "blog.test"])") + "," +
                              site("db", R"("protocol": "tcp", "listen": "127.0.0.1:5432")");
    const std::string text = fmt::format(
        R"({{"name": "pop-1", "listen": [{}], "sites": [{}],
             "link": {{"identity": {{"certificate": "c", "key": "k", "authority": "a"}}}}}})",
        listeners, sites);
    const auto settings = frontend::parse_settings(text, "pop-1.yaml");
    EXPECT_TRUE(settings) << settings.error().message;
    const auto plans = plan_entrances(**settings, 1);
    EXPECT_TRUE(plans) << plans.error().message;
    std::vector<agent::SecureEntrance> all;
    for (const SecurePort& port : secure_ports(*plans, (*settings)->sites)) {
      EXPECT_TRUE(port.is_in_time());
      all.push_back(port.entrance);
    }
    return all;
  }
  std::string listener(const std::string& address, const std::string& names = "") {
    if (names.empty()) return fmt::format(R"({{"address": "{}"}})", address);
    const net::TestAuthority::Files files = authority_.issue(fmt::format("c{}", ++issued_), names);
    return fmt::format(R"({{"address": "{}", "tls": {{"certificate": "{}", "key": "{}"}}}})", address,
                       files.certificate, files.key);
  }

 private:
  net::TestAuthority authority_;
  int issued_ = 0;
};

TEST_F(SecureEntrances, AreForSitesWhoseHostsAreAllInTheCertificate) {
  const auto found = of(listener("127.0.0.1:80") + "," + listener("127.0.0.1:443", "DNS:shop.test,DNS:*.shop.test") +
                        "," + listener("127.0.0.1:8443", "DNS:elsewhere.test"));
  const std::vector<agent::SecureEntrance> expected = {{443, {"http/1.1"}, {"all", "shop"}}, {8443, {"http/1.1"}, {}}};
  EXPECT_EQ(found, expected);
}

TEST_F(SecureEntrances, HoldForEveryAddressOfThePort) {
  const std::string both = "DNS:shop.test,DNS:www.shop.test,DNS:blog.shop.test,DNS:blog.test";
  const auto found = of(listener("127.0.0.1:443", both) + "," + listener("[::1]:443", "DNS:blog.test,DNS:*.shop.test"));
  const std::vector<agent::SecureEntrance> expected = {{443, {"http/1.1"}, {"blog"}}};
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(of(listener("127.0.0.1:443", both) + "," + listener("[::1]:443")).empty());
}

}  // namespace
}  // namespace ringway::cli
