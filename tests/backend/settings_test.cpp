#include "backend/settings.h"

#include <gtest/gtest.h>

#include "backend/settings_schema.h"

namespace ringway::backend {
namespace {

constexpr const char* kExample = R"(name: host-1
link:
  address: "0.0.0.0:7400"
  identity: { certificate: h.pem, key: h.key, authority: ca.pem }
sites:
  - name: shop
    hosts: [ shop.test ]
    origins:
      - { address: "127.0.0.1:8000", max_pending: 32 }
      - address: "https://[2001:db8::1]:8443"
        tls: { server_name: shop.test, authority: o.pem, certificate: c.pem, key: c.key }
    frontends: [ pop-1, pop-2 ]
    timeouts: { connect: 500ms }
  - name: db
    protocol: tcp
    origins: [ { address: "http://127.0.0.1:5432" } ]
    frontends: [ pop-2, pop-3 ]
    weight: 2
admin: { address: "127.0.0.1:9091" }
)";

std::string errors(const std::string& text) {
  const auto result = parse_settings(text, "b.yaml");
  EXPECT_FALSE(result.ok()) << text;
  return result.ok() ? "" : result.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(BackendSettings, AreReadFromTheExample) {
  const auto result = parse_settings(kExample, "etc/b.yaml");
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Settings& settings = **result;
  EXPECT_EQ(settings.gateway.name, "host-1");
  EXPECT_EQ(settings.link.address->text(), "0.0.0.0:7400");
  EXPECT_EQ(settings.link.identity.authority, "etc/ca.pem");
  ASSERT_EQ(settings.sites.size(), 2U);
  const Site& shop = settings.sites[0];
  ASSERT_EQ(shop.origins.size(), 2U);
  EXPECT_EQ(shop.origins[0].name, "127.0.0.1:8000");
  EXPECT_EQ(shop.origins[0].max_pending, 32U);
  EXPECT_FALSE(shop.origins[0].tls);
  EXPECT_EQ(shop.origins[1].name, "https://[2001:db8::1]:8443");
  EXPECT_EQ(shop.origins[1].address.text(), "[2001:db8::1]:8443");
  EXPECT_EQ(shop.origins[1].max_pending, 64U);
  EXPECT_EQ(shop.origins[1].tls, (TlsClientSettings{"shop.test", "etc/o.pem", "etc/c.pem", "etc/c.key"}));
  EXPECT_EQ(shop.timeouts.connect, std::chrono::milliseconds(500));
  EXPECT_EQ(shop.timeouts.response, std::chrono::seconds(60));
  EXPECT_EQ(settings.sites[1].protocol, SiteProtocol::tcp);
  EXPECT_EQ(settings.sites[1].origins[0].name, "127.0.0.1:5432");
}

TEST(BackendSettings, SetUpTheEndpoint) {
  const auto result = parse_settings(kExample, "b.yaml");
  ASSERT_TRUE(result.ok()) << result.error().message;
  const tmp::EndpointSettings endpoint = endpoint_settings(**result);
  EXPECT_EQ(endpoint.role, tmp::Role::backend);
  EXPECT_EQ(endpoint.accepted_peers, (std::set<std::string>{"pop-1", "pop-2", "pop-3"}));
  ASSERT_EQ(endpoint.site_weights.size(), 2U);
  EXPECT_EQ(endpoint.site_weights[1].weight, 2U);
}

struct BadCase {
  const char* from;
  const char* to;
  const char* message;
};

TEST(BackendSettings, SayWhatIsWrong) {
  const BadCase cases[] = {
      {"  address: \"0.0.0.0:7400\"\n", "", "b.yaml:3:3: the key \"address\" is missing in link"},
      {"max_pending: 32", "max_pending: 0", "\"0\" is no number (1 to 1000000)"},
      {"max_pending: 32", "max_pnding: 32", "did you mean \"max_pending\"?"},
      {"127.0.0.1:8000", "ftp://127.0.0.1:8000", "is no origin's address (like 127.0.0.1:8000"},
      {"127.0.0.1:8000", "https://127.0.0.1:8000", "b.yaml:9:20: https needs `tls`"},
      {"https://", "http://", "http:// goes without `tls`"},
      {", key: c.key", "", "`certificate` and `key` go together"},
      {"server_name: shop.test, ", "", "the key \"server_name\" is missing in tls"},
      {"server_name: shop.test", "server_name: \"shop test\"", "\"shop test\" is no host"},
      {"    frontends: [ pop-1, pop-2 ]\n", "", "the key \"frontends\" is missing in site"},
      {"frontends: [ pop-1, pop-2 ]", "frontends: []", "expected 1 to 1000 of them, not 0"},
      {"name: db", "name: shop", "the site \"shop\" stands here a second time"},
      {"    weight: 2\n", "    hosts: [ a.test ]\n", "a tcp site has no hosts"},
  };
  for (const BadCase& bad : cases) {
    const std::string text = errors(replaced(kExample, bad.from, bad.to));
    EXPECT_NE(text.find(bad.message), std::string::npos) << bad.to << "\n" << text;
  }
}

TEST(BackendSettings, HaveEachOriginOnce) {
  const std::string text =
      errors(R"({ name: a, link: { address: "1.1.1.1:1", identity: { certificate: a, key: b, authority: c } },
    sites: [ { name: s, frontends: [ f ], origins: [ { address: "1.1.1.1:1" }, { address: "http://1.1.1.1:1" } ] } ] })");
  EXPECT_NE(text.find("this origin stands in the list already"), std::string::npos) << text;
}

TEST(BackendSettings, AreReadBackFromTheirJson) {
  const auto first = parse_settings(kExample, "b.yaml");
  ASSERT_TRUE(first.ok());
  const std::string json = settings_type()->json(**first);
  const auto second = parse_settings(json, "b.json");
  ASSERT_TRUE(second.ok()) << json << "\n" << second.error().message;
  EXPECT_EQ(settings_type()->json(**second), json);
}

}  // namespace
}  // namespace ringway::backend
