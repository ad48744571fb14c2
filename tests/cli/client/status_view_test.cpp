#include "cli/client/status_view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/client/explain_view.h"

namespace ringway::cli::client {
namespace {

constexpr const char* kStatus = R"({"time": "2026-03-01T12:00:00Z", "manager": "m-1", "leader": "m-1", "leads": true,
 "epoch": 3, "revision": 17,
 "rollout": {"from": 16, "to": 17, "state": "spreading", "wave": 1, "waves": 4, "applied": 3, "gateways": 10,
             "gate_left_s": 12, "reason": ""},
 "sites": [
  {"name": "db", "requests_per_s": 2, "errors_per_s": 0.5, "refused_per_s": 0, "p95_ms": 3,
   "rings": [0, 0, 1, 0, 0], "frontends": [], "backends": ["host-1"], "origins": [], "shortage": "no front-end is near"},
  {"name": "shop", "requests_per_s": 1234, "errors_per_s": 0, "refused_per_s": 0, "p95_ms": 85.4,
   "rings": [0.1, 0.2, 0.5, 0.1, 0.1], "frontends": ["pop-1", "pop-2", "pop-3", "pop-4", "pop-5", "pop-6"],
   "backends": ["host-1"],
   "origins": [{"name": "10.0.0.5:80", "backend": "host-1", "pending": 3, "capacity": 64, "up": true, "draining": false},
               {"name": "10.0.0.5:80", "backend": "host-2", "pending": 1, "capacity": 64, "up": false, "draining": false},
               {"name": "10.0.0.6:80", "backend": "host-1", "pending": 0, "capacity": 64, "up": false, "draining": false}],
   "shortage": ""}],
 "gateways": [
  {"role": "frontend", "name": "pop-1", "place": "zurich", "state": "serving", "connected": true, "release": "0.4.0",
   "revision": 17, "wanted": 17, "stage": "applied", "reason": "", "cpu": 0.42, "memory_octets": 123000000,
   "exchanges_per_s": 500, "bits_per_s": 12000000, "connections": 321, "heard_s": 1},
  {"role": "backend", "name": "host-1", "place": "fra", "state": "draining", "connected": true, "release": "0.4.0",
   "revision": 16, "wanted": 17, "stage": "refused", "reason": "sites/shop: no such file", "cpu": 0.97,
   "memory_octets": 50000, "exchanges_per_s": 501, "bits_per_s": 0, "connections": 0, "heard_s": 90}],
 "pops": [{"name": "zurich", "latitude": 47, "longitude": 8, "draining": false, "frontends": ["pop-1"]}],
 "links": [{"frontend": "pop-1", "backend": "host-1", "rtt_ms": 23.4, "loss_out": 0.02, "loss_in": 0, "used": 0.12}],
 "drains": [{"target": "backend:host-1", "since": "2026-03-01T11:59:00Z", "by": "token:1", "left": 7,
             "unit": "exchanges", "done": false}]})";

TreeNode status() { return *read_json(kStatus); }

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::size_t here = 0;
  for (const char c : text) {
    here = c == '\n' ? 0 : here + ((c & 0xc0) == 0x80 ? 0 : 1);
    widest = std::max(widest, here);
  }
  return widest;
}

auto lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(StatusView, TellsAll) {
  const std::string text = status_text(status(), {1000, 1000}, Paint::none);
  for (const char* part :
       {"Manager m-1 leads · revision 17 · 2026-03-01T12:00:00Z\n",
        "Rollout of revision 17: wave 1 of 4, 3 of 10 gateways have it, watched for 12 s more\n",
        "! db: no front-end is near\n", "! host-1: refused revision 17: sites/shop: no such file\n",
        "pop-1, pop-2, pop-3, pop-4 and 2 more", "10/20/50/10/10", "1 of 2 up, 4/192", "16, refused 17", "97 %",
        "123 MB", "12 Mbit/s", "90 s ago", "23 ms", "2.0 %", "7 exchanges", "1.2 k"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(StatusView, FitsTheScreen) {
  for (const std::size_t columns : {200U, 120U, 100U}) {
    EXPECT_LE(widest_line(status_text(status(), {columns, 1000}, Paint::none)), columns);
    EXPECT_LE(widest_line(top_text(status(), SortBy::load, {columns, 1000}, Paint::none)), columns);
  }
  for (std::size_t lines = 0; lines < 30; ++lines) {
    const std::string text = top_text(status(), SortBy::load, {120, lines}, Paint::none);
    EXPECT_LE(lines_of(text), std::max<long>(0, static_cast<long>(lines) - 1)) << lines;
  }
}

TEST(StatusView, SharesTheScreenBetweenSitesAndGateways) {
  std::string many = R"({"leader": "m", "sites": [)";
  for (int i = 0; i < 100; ++i) many += (i == 0 ? "" : ", ") + std::string(R"({"name": "s"})");
  many += R"(], "gateways": [)";
  for (int i = 0; i < 100; ++i) many += (i == 0 ? "" : ", ") + std::string(R"({"name": "g"})");
  const std::string text = top_text(*read_json(many + "]}"), SortBy::load, {200, 26}, Paint::none);
  EXPECT_EQ(lines_of(text), 25);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'g') > 8, true) << text;
}

TEST(StatusView, SortsByWhatIsAskedFor) {
  const auto first = [](SortBy sort) {
    const std::string text = top_text(status(), sort, {200, 100}, Paint::none);
    return text.find("\ndb ") < text.find("\nshop ") ? "db" : "shop";
  };
  EXPECT_STREQ(first(SortBy::load), "shop");
  EXPECT_STREQ(first(SortBy::errors), "db");
  EXPECT_STREQ(first(SortBy::p95), "shop");
  EXPECT_STREQ(first(SortBy::name), "db");
  EXPECT_FALSE(parse_sort("size"));
}

TEST(StatusView, SaysWhereNobodyLeads) {
  const std::string text =
      status_text(*read_json(R"({"manager": "m-2", "leader": "", "leads": false})"), {80, 25}, Paint::none);
  EXPECT_EQ(text.find("Manager m-2, nobody leads · revision 0"), 0U);
}

TEST(ExplainView, IsAStory) {
  const TreeNode explanation = *read_json(R"({"url": "https://shop.test/bulk/a", "client": "192.0.2.7",
   "site": {"name": "shop", "protocol": "http", "match": "the host *.test"},
   "ring": {"ring": 4, "rules": [
     {"rule": 0, "ring": 0, "verdict": "depends_on_answer", "when": {"content_type": "text/css"}},
     {"rule": 1, "ring": 1, "verdict": "no", "when": {"path": "/a*"}},
     {"rule": 2, "ring": 4, "verdict": "matches", "when": {"path": "/bulk*"}}]},
   "frontends": [
     {"name": "pop-1", "pop": "zurich", "state": "serving", "weight": 700, "client_rtt_ms": 12,
      "backends": [{"name": "host-2", "state": "serving", "link": null, "why": "serving, 23 ms"},
                   {"name": "host-1", "state": "draining", "link": null, "why": "draining, 9 ms"}]},
     {"name": "pop-2", "pop": null, "state": "draining", "weight": 0, "client_rtt_ms": null, "backends": []}],
   "origins": [{"name": "10.0.0.5:80", "backend": "host-2", "pending": 3, "capacity": 64, "up": true,
                "draining": false, "why": "up, 3 of 64 pending"}]})");
  EXPECT_EQ(explain_text(explanation, Paint::none), R"(https://shop.test/bulk/a, asked from 192.0.2.7

1. Site       shop, for it has the host *.test
2. Ring       4, by rule 3: {"path": "/bulk*"}
              0 where the answer is as rule 1 wants it: {"content_type": "text/css"}
3. Front-ends pop-1 in zurich, serving: 70 % of new clients, 12 ms from this client's network
              pop-2, draining: 0 % of new clients
4. Back-ends  from pop-1 first to host-2: serving, 23 ms
                then to host-1: draining, 9 ms
              from pop-2: none
5. Origins    10.0.0.5:80 behind host-2: up, 3 of 64 pending
)");
}

TEST(ExplainView, TellsWhyAClientIsSentWhereItIs) {
  const TreeNode explanation = *read_json(R"({"url": "http://shop.test/", "client": "192.0.2.7",
   "site": {"name": "shop", "protocol": "http", "match": "the host shop.test"}, "ring": {"ring": 2, "rules": []},
   "steering": {"table": 1795339200, "cell": "192.0.2.0/24", "scope": 24, "ttl_s": 20, "reason": "passed on",
     "pop": "paris", "frontends": [{"name": "pop-2", "addresses": ["192.0.2.9", "2001:db8::9"]}],
     "rtt_ms": 31, "site_rtt_ms": {"least": 19, "most": 32}, "alpn": "http/1.1",
     "warnings": ["the front-end is no closer"],
     "candidates": [
       {"pop": "zurich", "rtt_ms": 12, "measured_s_ago": 5, "link_ms": 20, "use": 0.97, "shed": 0.4, "hash": 0.125,
        "answering": 2, "verdict": "sheds"},
       {"pop": "paris", "rtt_ms": 31, "measured_s_ago": null, "link_ms": 22, "use": 0.5, "shed": 0, "hash": 0.7,
        "answering": 1, "verdict": "chosen"}]},
   "frontends": [{"name": "pop-2", "pop": "paris", "state": "serving", "weight": 700, "client_rtt_ms": null,
                  "backends": []}],
   "origins": []})");
  const std::string story = explain_text(explanation, Paint::none);
  EXPECT_NE(story.find("3. Front-ends pop-2 in paris, serving\n"), std::string::npos) << story;
  EXPECT_NE(story.find(R"(6. DNS        pop-2 in paris: 192.0.2.9, 2001:db8::9
              for 20 s, to all of 192.0.2.0/24 (scope /24), by table 1795339200: passed on
              zurich, 12 ms from the client (measured 5 s ago) + 20 ms to the site, 97 % used: sheds, it passes on 40 % and this client's hash is 0.125
              paris, 31 ms from the client (by where they are) + 22 ms to the site, 50 % used: chosen
              to its front-end 31 ms, to the site between 19 ms and 32 ms
              HTTPS record: http/1.1
              the front-end is no closer
)"),
            std::string::npos)
      << story;
}

TEST(ExplainView, SaysWhereNobodyServes) {
  const std::string story = explain_text(*read_json(R"({"url": "a", "ring": {"ring": 2, "rules": []}})"), Paint::none);
  EXPECT_NE(story.find("2, the site's own: it has no rules"), std::string::npos) << story;
  EXPECT_NE(story.find("none: nobody can reach the site"), std::string::npos) << story;
}

}  // namespace
}  // namespace ringway::cli::client
