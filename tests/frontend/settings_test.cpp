#include "frontend/settings.h"

#include <gtest/gtest.h>

#include "frontend/settings_schema.h"

namespace ringway::frontend {
namespace {

constexpr const char* kExample = R"(name: pop-1
listen:
  - address: "0.0.0.0:80"
  - address: "[::]:443"
    tls: { certificate: shop.pem, key: shop.key }
link:
  identity: { certificate: p.pem, key: p.key, authority: ca.pem }
sites:
  - name: shop
    hosts: [ Shop.test, "*.shop.test" ]
    backends: [ { address: "10.0.0.2:7400", name: host-1 }, { address: "10.0.0.3:7400", name: host-2 } ]
    max_content: 10MB
    priorities:
      - { ring: 0, when: { header: { X-Priority: high } } }
      - { ring: 4, when: { path: "/bulk*", method: [ GET, HEAD ], client: 192.0.2.0/24 } }
      - { ring: 3, when: { content_type: Image/*, query: { Size: l }, cookie: { Tier: free } } }
  - name: db
    protocol: tcp
    listen: "0.0.0.0:5432"
    backends: [ { address: "10.0.0.2:7400", name: host-1 } ]
    priorities: [ { ring: 1, when: { client: [ "192.0.2.0/24", "2001:db8::/32" ] } } ]
    weight: 3
admin: { address: "127.0.0.1:9090" }
)";

std::string errors(const std::string& text) {
  const auto result = parse_settings(text, "f.yaml");
  EXPECT_FALSE(result.ok()) << text;
  return result.ok() ? "" : result.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(FrontendSettings, AreReadFromTheExample) {
  const auto result = parse_settings(kExample, "etc/f.yaml");
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Settings& settings = **result;
  EXPECT_EQ(settings.gateway.name, "pop-1");
  EXPECT_EQ(settings.gateway.admin->text(), "127.0.0.1:9090");
  ASSERT_EQ(settings.listeners.size(), 2U);
  EXPECT_FALSE(settings.listeners[0].tls);
  EXPECT_EQ(settings.listeners[1].address.text(), "[::]:443");
  EXPECT_EQ(settings.listeners[1].tls->certificate, "etc/shop.pem");
  EXPECT_EQ(settings.link.identity, (IdentityFiles{"etc/p.pem", "etc/p.key", "etc/ca.pem"}));
  EXPECT_FALSE(settings.link.address);
  ASSERT_EQ(settings.sites.size(), 2U);
}

TEST(FrontendSettings, ReadASiteWithItsRules) {
  const auto result = parse_settings(kExample, "f.yaml");
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Site& shop = (*result)->sites[0];
  EXPECT_EQ(shop.hosts, (std::vector<std::string>{"shop.test", "*.shop.test"}));
  EXPECT_EQ(shop.backends[1].name, "host-2");
  EXPECT_EQ(shop.max_content_octets, 10000000U);
  EXPECT_EQ(shop.ring, 2);
  ASSERT_EQ(shop.priorities.size(), 3U);
  EXPECT_EQ(shop.priorities[0].ring, 0);
  ASSERT_EQ(shop.priorities[0].when.headers.size(), 1U);
  EXPECT_EQ(shop.priorities[0].when.headers[0].name, "x-priority");
  EXPECT_EQ(shop.priorities[0].when.headers[0].pattern, "high");
  EXPECT_EQ(shop.priorities[1].when.path, "/bulk*");
  EXPECT_EQ(shop.priorities[1].when.methods, (std::vector<std::string>{"GET", "HEAD"}));
  EXPECT_TRUE(shop.priorities[1].when.clients.at(0).contains(IpAddress::v4({192, 0, 2, 9})));
  EXPECT_EQ(shop.priorities[2].when.content_types, std::vector<std::string>{"image/*"});
  EXPECT_EQ(shop.priorities[2].when.queries.at(0).name, "Size");
  EXPECT_EQ(shop.priorities[2].when.cookies.at(0).name, "Tier");
  const Site& db = (*result)->sites[1];
  EXPECT_EQ(db.protocol, SiteProtocol::tcp);
  EXPECT_EQ(db.listen->port, 5432);
  EXPECT_EQ(db.weight, 3U);
}

TEST(FrontendSettings, SetUpTheEndpoint) {
  const std::string link =
      "link:\n  max_packet: 1300\n  rings: { order: weighted, weights: [ 5, 4, 3, 2, 1 ] }\n"
      "  congestion: { tolerated_noise: 0 }\n";
  const auto result = parse_settings(replaced(kExample, "link:\n", link), "f.yaml");
  ASSERT_TRUE(result.ok()) << result.error().message;
  const tmp::EndpointSettings endpoint = endpoint_settings(**result);
  EXPECT_EQ(endpoint.role, tmp::Role::frontend);
  EXPECT_TRUE(endpoint.accepted_peers.empty());
  EXPECT_EQ(endpoint.max_packet_octets, 1300U);
  EXPECT_EQ(endpoint.rings.order, tmp::RingOrder::weighted);
  EXPECT_EQ(endpoint.rings.weights, (std::array<std::uint32_t, 5>{5, 4, 3, 2, 1}));
  EXPECT_EQ(endpoint.congestion.tolerated_noise, 0);
  ASSERT_EQ(endpoint.site_weights.size(), 2U);
  EXPECT_EQ(endpoint.site_weights[1].site, "db");
  EXPECT_EQ(endpoint.site_weights[1].weight, 3U);
}

struct BadCase {
  const char* from;
  const char* to;
  const char* message;
};

TEST(FrontendSettings, SayWhatDoesNotFitTogether) {
  const BadCase cases[] = {
      {"name: db", "name: shop", "f.yaml:17:11: the site \"shop\" stands here a second time; the first is item 1"},
      {"    listen: \"0.0.0.0:5432\"\n", "", "f.yaml:18:15: a tcp site needs `listen`"},
      {"    protocol: tcp\n", "", "only a tcp site listens itself"},
      {"    hosts: [ Shop.test, \"*.shop.test\" ]\n", "", "f.yaml:9:11: an http site needs `hosts`"},
      {"    weight: 3\n", "    hosts: [ a.test ]\n", "a tcp site has no hosts"},
      {"{ client: [ \"192.0.2.0/24\", \"2001:db8::/32\" ] }", "{ path: / }", "the rules of a tcp site can only ask"},
      {"{ client: [ \"192.0.2.0/24\", \"2001:db8::/32\" ] }", "{}", "no condition"},
      {"0.0.0.0:5432", "0.0.0.0:80", "f.yaml:19:13: this address is listened on already, for listen"},
      {"[::]:443", "0.0.0.0:80", "f.yaml:4:14: this address is listened on already"},
      {"\"*.shop.test\"", "SHOP.test", "f.yaml:10:25: the host \"shop.test\" is the site shop's already"},
      {"name: host-2", "name: host-1", "this back-end stands in the list already"},
      {"10.0.0.2:7400", "10.0.0.9:7400", "the back-end host-1 has the address 10.0.0.9:7400 in another place"},
      {"ring: 4", "ring: 5", "\"5\" is no number (0 to 4)"},
      {"protocol: tcp", "protocol: tpc", "did you mean \"tcp\"? (allowed: http, tcp)"},
      {"identity:", "identy:", "did you mean \"identity\"?"},
  };
  for (const BadCase& bad : cases) {
    const std::string text = errors(replaced(kExample, bad.from, bad.to));
    EXPECT_NE(text.find(bad.message), std::string::npos) << bad.to << "\n" << text;
  }
}

TEST(FrontendSettings, NeedListenersForHttpSites) {
  const std::string text = errors(R"({ name: a, link: { identity: { certificate: a, key: b, authority: c } },
    sites: [ { name: s, hosts: [ h ], backends: [ { address: "1.1.1.1:1", name: b } ] } ] })");
  EXPECT_NE(text.find("`listen` is missing"), std::string::npos) << text;
}

TEST(FrontendSettings, AreReadBackFromTheirJson) {
  const auto first = parse_settings(kExample, "f.yaml");
  ASSERT_TRUE(first.ok());
  const std::string json = settings_type()->json(**first);
  const auto second = parse_settings(json, "f.json");
  ASSERT_TRUE(second.ok()) << json << "\n" << second.error().message;
  EXPECT_EQ(settings_type()->json(**second), json);
}

TEST(FrontendSettings, NeedReadableFiles) {
  const auto result = load_settings("/nonexistent/frontend.yaml");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "/nonexistent/frontend.yaml: No such file or directory");
}

}  // namespace
}  // namespace ringway::frontend
