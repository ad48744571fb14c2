#include "redirector_dns/responder.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "redirector_dns/limits.h"
#include "tests/redirector_dns/responder_support.h"

namespace ringway::dns {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kZone = R"(www A 192.0.2.1
www A 192.0.2.2
alias CNAME www
*.wild TXT "any"
deep.er TXT "deep"
old DNAME New.longer.example.net.
sub NS ns.sub
sub NS ns.example.net.
sub NS ns1
ns.sub A 192.0.2.60
ns.sub AAAA 2001:db8::60
shop SITE shop
safe SITE unknown
safe A 192.0.2.99
lost SITE unknown
)";

const char* kSoa = "example.com. 30 SOA ns1.example.com. hostmaster.example.com. 1 3600 900 604800 30";

struct ShopWorld : ResponderWorld {
  explicit ShopWorld(ResponderSettings settings = {}) : ResponderWorld(kZone, std::move(settings)) {
    steering.sites["shop"] = {v4, v6, "h2,http/1.1", 8443, 20, 20};
  }
  std::vector<IpAddress> v4{IpAddress::parse("198.51.100.1").value(), IpAddress::parse("198.51.100.2").value()};
  std::vector<IpAddress> v6{IpAddress::parse("2001:db8:1::1").value()};
};

TEST(Responder, AnswersFromItsZone) {
  ShopWorld world;
  const Answer answer = world.ask("WwW.eXample.com.", RecordType::a);
  EXPECT_EQ(answer.reply.outcome, Outcome::answer);
  EXPECT_EQ(answer.header.id, 0x1234);
  EXPECT_EQ(answer.rcode, 0U);
  EXPECT_TRUE(answer.has(kFlagResponse) && answer.has(kFlagAuthoritative) && answer.has(kFlagRecursionDesired));
  EXPECT_EQ(answer.header.flags & 0x02c0, 0) << "neither truncated, nor recursive, nor a bit that means nothing";
  EXPECT_EQ(answer.question, "WwW.eXample.com. A");
  EXPECT_EQ(answer.sections.at(Section::answer),
            (Lines{"WwW.eXample.com. 3600 A 192.0.2.1", "WwW.eXample.com. 3600 A 192.0.2.2"}));
  EXPECT_EQ(answer.sections.size(), 1U) << "nothing that was not asked for";
  EXPECT_FALSE(answer.has_opt);
}

TEST(Responder, DoesNotFollowAliases) {
  ShopWorld world;
  EXPECT_EQ(world.ask("alias.example.com.", RecordType::a).sections.at(Section::answer),
            (Lines{"alias.example.com. 3600 CNAME www.example.com."}));
}

TEST(Responder, RenamesWhatIsBelowADname) {
  ShopWorld world;
  for (const RecordType type : {RecordType::a, RecordType::cname, RecordType::any}) {
    const Answer answer = world.ask("WwW.b.Old.example.com.", type);
    EXPECT_EQ(answer.reply.outcome, Outcome::answer);
    EXPECT_TRUE(answer.has(kFlagAuthoritative));
    EXPECT_EQ(answer.sections.at(Section::answer),
              (Lines{"Old.example.com. 3600 DNAME New.longer.example.net.",
                     "WwW.b.Old.example.com. 3600 CNAME WwW.b.New.longer.example.net."}));
    EXPECT_EQ(answer.sections.size(), 1U);
  }
  EXPECT_EQ(world.ask("old.example.com.", RecordType::dname).sections.at(Section::answer),
            (Lines{"old.example.com. 3600 DNAME New.longer.example.net."}));
  EXPECT_EQ(world.ask("old.example.com.", RecordType::a).reply.outcome, Outcome::nodata);
}

TEST(Responder, SaysWhereADnameMakesTooLongAName) {
  ShopWorld world;
  const auto asked = [&world](std::size_t octets) {
    std::string name;
    for (; octets > 63; octets -= 32) name += std::string(31, 'x') + ".";
    return world.ask(name + std::string(octets - 1, 'y') + ".old.example.com.", RecordType::a, {});
  };
  const std::size_t most = kMaxNameOctets - name_of("new.longer.example.net.").size();
  const Answer longest = asked(most);
  EXPECT_EQ(longest.reply.outcome, Outcome::answer);
  EXPECT_EQ(longest.sections.at(Section::answer).size(), 2U);
  const Answer answer = asked(most + 1);
  EXPECT_EQ(answer.reply.outcome, Outcome::yxdomain);
  EXPECT_EQ(answer.rcode, 6U);
  EXPECT_TRUE(answer.has(kFlagAuthoritative));
  EXPECT_EQ(answer.sections.at(Section::answer), (Lines{"old.example.com. 3600 DNAME New.longer.example.net."}));
}

TEST(Responder, SynthesizesFromWildcardsUnderTheNameAsked) {
  ShopWorld world;
  EXPECT_EQ(world.ask("X.y.wild.example.com.", RecordType::txt).sections.at(Section::answer),
            (Lines{"X.y.wild.example.com. 3600 TXT \"any\""}));
  EXPECT_EQ(world.ask("x.wild.example.com.", RecordType::a).reply.outcome, Outcome::nodata);
}

TEST(Responder, SaysNoWithItsSoa) {
  ShopWorld world;
  for (const auto& [name, type, outcome] : {std::tuple("nothing.example.com.", RecordType::a, Outcome::nxdomain),
                                            std::tuple("www.example.com.", RecordType::aaaa, Outcome::nodata),
                                            std::tuple("er.example.com.", RecordType::a, Outcome::nodata)}) {
    const Answer answer = world.ask(name, type);
    EXPECT_EQ(answer.reply.outcome, outcome) << name;
    EXPECT_EQ(answer.rcode, outcome == Outcome::nxdomain ? 3U : 0U);
    EXPECT_TRUE(answer.has(kFlagAuthoritative));
    EXPECT_EQ(answer.sections.at(Section::authority), (Lines{kSoa}));
    EXPECT_EQ(answer.sections.size(), 1U);
  }
}

TEST(Responder, RefersToWhomANameIsDelegated) {
  ShopWorld world;
  const Answer answer = world.ask("a.b.sub.example.com.", RecordType::a);
  EXPECT_EQ(answer.reply.outcome, Outcome::referral);
  EXPECT_FALSE(answer.has(kFlagAuthoritative));
  EXPECT_EQ(answer.sections.at(Section::authority),
            (Lines{"sub.example.com. 3600 NS ns.sub.example.com.", "sub.example.com. 3600 NS ns.example.net.",
                   "sub.example.com. 3600 NS ns1.example.com."}));
  EXPECT_EQ(answer.sections.at(Section::additional),
            (Lines{"ns.sub.example.com. 3600 A 192.0.2.60", "ns.sub.example.com. 3600 AAAA 2001:db8::60",
                   "ns1.example.com. 3600 A 192.0.2.53"}));
}

TEST(Responder, RefusesWhatIsNotIts) {
  ShopWorld world;
  EXPECT_EQ(world.ask("example.net.", RecordType::a).rcode, 5U);
  EXPECT_EQ(world.ask(".", RecordType::ns).rcode, 5U);
  EXPECT_EQ(world.ask("example.com.", RecordType::axfr).rcode, 5U);
  EXPECT_EQ(world.ask("example.com.", RecordType::ixfr).rcode, 5U);
  EXPECT_EQ(world.ask(QueryBuilder().ask("www.example.com.", RecordType::a, 3).octets()).rcode, 5U) << "class CH";
  EXPECT_EQ(world.ask("www.example.com.", RecordType::opt).rcode, 4U);
  EXPECT_EQ(world.ask("www.example.com.", static_cast<RecordType>(254)).rcode, 4U);
}

TEST(Responder, SaysWhyItRefuses) {
  ShopWorld world;
  const auto why = [&world](std::string_view name, RecordType type) {
    const Answer answer = world.ask(name, type, {});
    return answer.options.contains(15) ? answer.options.at(15) : std::string();
  };
  EXPECT_EQ(why("example.net.", RecordType::a), "0014");
  EXPECT_EQ(why("example.com.", RecordType::axfr), "0012");
  EXPECT_EQ(why("www.example.com.", static_cast<RecordType>(254)), "0015");
  EXPECT_EQ(why("lost.example.com.", RecordType::a), "000e");
  for (const char* name : {"www.example.com.", "none.example.com.", "shop.example.com.", "safe.example.com."}) {
    EXPECT_EQ(why(name, RecordType::a), "") << name;
  }
  EXPECT_FALSE(world.ask("example.net.", RecordType::a).has_opt) << "only for who speaks EDNS";
}

TEST(Responder, SaysThatItSteersByOldNews) {
  ShopWorld world;
  world.steering.stale = true;
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::a, {}).options.at(15), "0003");
  EXPECT_EQ(world.ask("lost.example.com.", RecordType::a, {}).options.at(15), "000e");
  EXPECT_FALSE(world.ask("www.example.com.", RecordType::a, {}).options.contains(15))
      << "what a zone says is never old";
  EXPECT_FALSE(world.ask("shop.example.com.", RecordType::a).has_opt);
}

TEST(Responder, HasRoomForEveryOptionWhereNothingElseIs) {
  ResponderSettings settings;
  settings.nsid = std::string(limits::kMaxNsidOctets, 'n');
  settings.cookies = CookieSecrets{{1, 2, 3}, {}};
  ResponderWorld world("lost SITE lost\n", settings);
  std::string name = "lost.example.com.";
  Octets options = subnet_option(2, 128, Octets(16, 0x2a));
  append(options, option(3, {}));
  append(options, option(10, Octets(8, 5)));
  const Octets query = QueryBuilder::of(name, RecordType::a).opt(options, 512).octets();
  const Answer answer = world.ask(query);
  EXPECT_EQ(answer.rcode, 5U);
  EXPECT_EQ(answer.options.size(), 4U);
  EXPECT_LE(answer.octets.size(), 512U);
}

TEST(Responder, AnswersAnyWithOneRecord) {
  ShopWorld world;
  EXPECT_EQ(world.ask("www.example.com.", RecordType::any).sections.at(Section::answer),
            (Lines{R"(www.example.com. 3600 HINFO "RFC8482" "")"}));
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::any).sections.at(Section::answer),
            (Lines{R"(shop.example.com. 3600 HINFO "RFC8482" "")"}));
  EXPECT_EQ(world.ask("alias.example.com.", RecordType::any).sections.at(Section::answer),
            (Lines{"alias.example.com. 3600 CNAME www.example.com."}));
  EXPECT_EQ(world.ask("er.example.com.", RecordType::any).reply.outcome, Outcome::nodata) << "it only leads to others";
  EXPECT_EQ(world.ask("nothing.example.com.", RecordType::any).reply.outcome, Outcome::nxdomain);
}

TEST(Responder, KeepsSilentToWhatIsNoQuery) {
  ShopWorld world;
  for (std::size_t size = 0; size < kHeaderOctets; ++size) {
    const Answer answer = world.ask(Octets(size));
    EXPECT_EQ(answer.reply.outcome, Outcome::ignored);
    EXPECT_EQ(answer.reply.octets, 0U);
  }
  QueryBuilder response = QueryBuilder::of("www.example.com.", RecordType::a);
  response.flags |= kFlagResponse;
  EXPECT_EQ(world.ask(response.octets()).reply.octets, 0U);
}

TEST(Responder, SaysThatAQueryIsMalformed) {
  ShopWorld world;
  Octets query = QueryBuilder::of("www.example.com.", RecordType::a).octets();
  query.push_back(0);
  const Answer answer = world.ask(query);
  EXPECT_EQ(answer.rcode, 1U);
  EXPECT_EQ(answer.question, "www.example.com. A");
  query.resize(20);
  EXPECT_EQ(to_hex(world.ask(query).octets), "123481010000000000000000");
  QueryBuilder notify = QueryBuilder::of("example.com.", RecordType::soa);
  notify.flags = 4 << 11;
  EXPECT_EQ(world.ask(notify.octets()).rcode, 4U);
  EXPECT_EQ(world.ask(notify.octets()).header.opcode(), 4);
}

TEST(Responder, SpeaksEdns) {
  ShopWorld world({.nsid = "pop-1", .cookies = {}, .rate = {}, .rate_key = {}});
  Octets options = option(3, {});
  append(options, option(65001, {1, 2}));
  const Answer answer =
      world.ask(QueryBuilder::of("www.example.com.", RecordType::a).opt(options, 4096, 0x8000).octets());
  EXPECT_TRUE(answer.has_opt);
  EXPECT_EQ(answer.options, (std::map<std::uint16_t, std::string>{{3, "706f702d31"}})) << "and not what is unknown";
  EXPECT_NE(to_hex(answer.octets).find("00002904d0000080000009"), std::string::npos) << "1232 octets, version 0, DO";
  const Answer newer =
      world.ask(QueryBuilder::of("www.example.com.", RecordType::a).opt({}, 1232, 0x00010000).octets());
  EXPECT_EQ(newer.rcode, 16U);
  EXPECT_EQ(newer.reply.outcome, Outcome::badvers);
  EXPECT_TRUE(newer.sections.empty());
  EXPECT_FALSE(newer.has(kFlagAuthoritative));
}

TEST(Responder, TellsHowLongAnIdleConnectionIsKept) {
  ShopWorld world({.nsid = {}, .cookies = {}, .rate = {}, .rate_key = {}, .tcp_idle = std::chrono::seconds(10)});
  EXPECT_TRUE(world.ask("www.example.com.", RecordType::a, option(11, {})).options.empty()) << "not by UDP";
  world.sender.transport = Transport::tcp;
  EXPECT_EQ(world.ask("www.example.com.", RecordType::a, option(11, {})).options.at(11), "0064");
  EXPECT_TRUE(world.ask("www.example.com.", RecordType::a, {}).options.empty());
}

TEST(Responder, TruncatesToWhatTheAskerTakes) {
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += "big A 192.0.2." + std::to_string(i) + "\n";
  for (int i = 0; i < 200; ++i) lines += "huge TXT \"" + std::to_string(i) + std::string(200, 'x') + "\"\n";
  ResponderWorld world(lines);
  const auto size_of = [&](std::uint16_t udp) {
    const Answer answer = world.ask(QueryBuilder::of("big.example.com.", RecordType::a).opt({}, udp).octets());
    EXPECT_EQ(answer.has(kFlagTruncated), answer.sections.empty());
    EXPECT_TRUE(answer.has_opt);
    return answer.sections.empty() ? 0 : answer.reply.octets;
  };
  const std::size_t whole = 12 + 17 + 4 + 60 * 16 + 11;
  EXPECT_EQ(size_of(1232), whole);
  EXPECT_EQ(size_of(65535), whole);
  EXPECT_EQ(size_of(static_cast<std::uint16_t>(whole)), whole);
  EXPECT_EQ(size_of(static_cast<std::uint16_t>(whole - 1)), 0U);
  EXPECT_EQ(size_of(0), 0U) << "less than 512 is 512";
  const Answer without = world.ask("big.example.com.", RecordType::a);
  EXPECT_EQ(without.reply.outcome, Outcome::truncated);
  EXPECT_TRUE(without.has(kFlagTruncated) && without.has(kFlagAuthoritative));
  const Answer huge = world.ask(QueryBuilder::of("huge.example.com.", RecordType::txt).opt({}, 65535).octets());
  EXPECT_TRUE(huge.has(kFlagTruncated));
  world.sender.transport = Transport::tcp;
  EXPECT_GT(world.ask("huge.example.com.", RecordType::txt).reply.octets, 40'000U);
}

TEST(Responder, HasRoomByTcpForWhateverAZoneMayHold) {
  std::size_t least = 1;
  std::size_t most = 20'000;  // records, of which a zone takes the first number and not the second
  const auto lines_of = [](std::size_t records) {
    std::string lines;
    for (std::size_t i = 0; i < records; ++i) lines += fmt::format("big A 10.0.{}.{}\n", i / 256, i % 256);
    return lines;
  };
  while (most - least > 1) {
    const std::size_t middle = (least + most) / 2;
    const std::string text = std::string(kZoneHead) + lines_of(middle);
    config::Report report("zone", text);
    (read_master_file(text, name_of("example.com."), kFileZoneBounds, report) == nullptr ? most : least) = middle;
  }
  EXPECT_GT(least, 3000U);
  ResponderWorld world(lines_of(least));
  world.sender.transport = Transport::tcp;
  Answer answer = world.ask("big.example.com.", RecordType::a);
  EXPECT_EQ(answer.reply.outcome, Outcome::answer);
  EXPECT_EQ(answer.sections[Section::answer].size(), least);
}

TEST(Responder, NeedsRoomForGlueOnlyBelowTheCut) {
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    lines += "inside NS ns" + number + ".inside\nns" + number + ".inside AAAA 2001:db8::" + number + "\n";
    lines += "beside NS ns" + number + ".other\nns" + number + ".other AAAA 2001:db8::" + number + "\n";
  }
  ResponderWorld world(lines);
  EXPECT_EQ(world.ask("a.inside.example.com.", RecordType::a).reply.outcome, Outcome::truncated);
  const Answer beside = world.ask("a.beside.example.com.", RecordType::a);
  EXPECT_EQ(beside.reply.outcome, Outcome::referral);
  EXPECT_EQ(beside.sections.at(Section::authority).size(), 12U);
  EXPECT_LT(beside.sections.at(Section::additional).size(), 12U);
}

TEST(Responder, SteersAllTypesOfANameAlike) {
  ShopWorld world;
  EXPECT_EQ(world.ask("Shop.example.com.", RecordType::a).sections.at(Section::answer),
            (Lines{"Shop.example.com. 20 A 198.51.100.1", "Shop.example.com. 20 A 198.51.100.2"}));
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::aaaa).sections.at(Section::answer),
            (Lines{"shop.example.com. 20 AAAA 2001:db8:1::1"}));
  const Answer https = world.ask("shop.example.com.", RecordType::https);
  EXPECT_EQ(https.sections.at(Section::answer),
            (Lines{R"(shop.example.com. 20 HTTPS 1 . alpn="h2,http/1.1" port="8443" )"
                   R"(ipv4hint="198.51.100.1,198.51.100.2" ipv6hint="2001:db8:1::1")"}));
  EXPECT_TRUE(https.has(kFlagAuthoritative));
  EXPECT_EQ(https.reply.outcome, Outcome::steered);
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::svcb).sections.at(Section::answer),
            (Lines{R"(shop.example.com. 20 SVCB 1 . alpn="h2,http/1.1" port="8443" )"
                   R"(ipv4hint="198.51.100.1,198.51.100.2" ipv6hint="2001:db8:1::1")"}));
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::txt).reply.outcome, Outcome::nodata);
}

TEST(Responder, LeavesOutWhatASteeredNameDoesNotHave) {
  ShopWorld world;
  world.steering.sites["shop"] = {world.v4, {}, "", 0, 20, 20};
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::aaaa).sections.at(Section::authority), (Lines{kSoa}));
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::https).reply.outcome, Outcome::nodata);
  world.steering.sites["shop"].alpn = ",,";
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::https).reply.outcome, Outcome::nodata);
  world.steering.sites["shop"].alpn = "h3";
  EXPECT_EQ(world.ask("shop.example.com.", RecordType::https).sections.at(Section::answer),
            (Lines{R"(shop.example.com. 20 HTTPS 1 . alpn="h3" ipv4hint="198.51.100.1,198.51.100.2")"}));
}

TEST(Responder, BoundsWhatASteeredNameSays) {
  ShopWorld world;
  const std::vector<IpAddress> many4(100, world.v4[0]);
  const std::vector<IpAddress> many6(100, world.v6[0]);
  const std::string alpn =
      "h2," + std::string(300, 'x') + "," + std::string(55, 'y') + "," + std::string(30, 'z') + ",h3";
  world.steering.sites["shop"] = {many4, many6, alpn, 1, 20, 20};
  for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
    EXPECT_EQ(world.ask("shop.example.com.", type, {}).sections.at(Section::answer).size(),
              limits::kMaxSteeredAddresses);
  }
  const Answer https = world.ask("shop.example.com.", RecordType::https, {});
  EXPECT_NE(https.sections.at(Section::answer)[0].find("alpn=\"h2," + std::string(55, 'y') + ",h3\""),
            std::string::npos);
}

TEST(Responder, NeverSaysThatASiteHasNothingBecauseItIsNotSteered) {
  ShopWorld world;
  EXPECT_EQ(world.ask("safe.example.com.", RecordType::a).sections.at(Section::answer),
            (Lines{"safe.example.com. 3600 A 192.0.2.99"}));
  EXPECT_EQ(world.ask("safe.example.com.", RecordType::aaaa).rcode, 5U);
  EXPECT_EQ(world.ask("lost.example.com.", RecordType::a).rcode, 5U);
  world.steering.sites["unknown"] = {};
  EXPECT_EQ(world.ask("lost.example.com.", RecordType::a).rcode, 5U) << "no address at all is no answer";
}

/// Family, source, scope and address of the answer's option.
std::string subnet_of(const Answer& answer) {
  return answer.options.contains(8) ? answer.options.at(8) : std::string();
}

TEST(Responder, GivesTheScopeThatTheSteeringGives) {
  ShopWorld world;
  const Answer answer = world.ask("shop.example.com.", RecordType::a, subnet_option(1, 24, {198, 51, 100}));
  EXPECT_EQ(subnet_of(answer), "00011814c63364");
  EXPECT_TRUE(world.steering.asked.by_subnet);
  EXPECT_EQ(world.steering.asked.address.text(), "198.51.100.0");
  EXPECT_EQ(world.steering.asked.prefix_bits, 24U);
  world.steering.sites["shop"].scope_bits = 200;
  EXPECT_EQ(subnet_of(world.ask("shop.example.com.", RecordType::a, subnet_option(1, 24, {198, 51, 100}))),
            "00011820c63364");
  EXPECT_EQ(subnet_of(world.ask("shop.example.com.", RecordType::a, {})), "") << "only where it was asked with";
  EXPECT_FALSE(world.steering.asked.by_subnet);
  EXPECT_EQ(world.steering.asked.address.text(), "203.0.113.9");
}

TEST(Responder, GivesAllElseTheScopeOfEverybody) {
  ShopWorld world;
  world.steering.sites["shop"].v6 = {};
  const Octets subnet = subnet_option(1, 24, {198, 51, 100}, 24);
  for (const auto& [name, type] :
       {std::pair("www.example.com.", RecordType::a), std::pair("nothing.example.com.", RecordType::a),
        std::pair("shop.example.com.", RecordType::aaaa), std::pair("shop.example.com.", RecordType::txt),
        std::pair("safe.example.com.", RecordType::a), std::pair("lost.example.com.", RecordType::a),
        std::pair("a.sub.example.com.", RecordType::a), std::pair("example.net.", RecordType::a)}) {
    EXPECT_EQ(subnet_of(world.ask(name, type, subnet)), "00011800c63364") << name;
  }
}

TEST(Responder, TellsNobodyElseWhatANetworkWithoutRouteGot) {
  ShopWorld world;
  EXPECT_EQ(subnet_of(world.ask("shop.example.com.", RecordType::a, subnet_option(1, 24, {10, 1, 2}))),
            "000118180a0102");
  EXPECT_EQ(world.steering.asked.address.text(), "203.0.113.9");
  EXPECT_EQ(subnet_of(world.ask("shop.example.com.", RecordType::a, subnet_option(1, 0, {}))), "00010000");
  EXPECT_FALSE(world.steering.asked.by_subnet);
  EXPECT_EQ(subnet_of(world.ask("shop.example.com.", RecordType::a, subnet_option(0, 0, {}))), "00000000");
}

TEST(Responder, GivesCookiesAndBelievesItsOwn) {
  ResponderSettings settings;
  settings.cookies = CookieSecrets{{1, 2, 3}, {}};
  ShopWorld world(settings);
  const Octets client = hex("2464c4abcf10c957");
  const Answer first = world.ask("www.example.com.", RecordType::a, option(10, client));
  const std::string cookie = first.options.at(10);
  EXPECT_EQ(cookie.size(), 48U);
  EXPECT_EQ(cookie.substr(0, 16), "2464c4abcf10c957");
  EXPECT_EQ(world.ask("www.example.com.", RecordType::a, option(10, hex(cookie))).options.at(10), cookie);
  // Without a question (RFC 7873 §5.4).
  EXPECT_EQ(world.ask(QueryBuilder().opt(option(10, client)).octets()).options.at(10), cookie);
  EXPECT_EQ(world.ask(QueryBuilder().opt(option(10, hex(cookie))).octets()).rcode, 0U);
  const Answer forged = world.ask(QueryBuilder().opt(option(10, Octets(24, 1))).octets());
  EXPECT_EQ(forged.rcode, 23U);
  EXPECT_EQ(forged.options.at(10).size(), 48U);
  ShopWorld without;
  EXPECT_TRUE(without.ask("www.example.com.", RecordType::a, option(10, client)).options.empty());
  EXPECT_EQ(without.ask(QueryBuilder().opt(option(10, client)).octets()).rcode, 1U);
}

ResponderSettings limited() {
  ResponderSettings settings;
  settings.cookies = CookieSecrets{{1, 2, 3}, {}};
  settings.rate.answers_per_s = 5;
  settings.rate.others_per_s = 5;
  settings.rate.burst_s = 1;
  settings.rate.slip = 1;
  return settings;
}

TEST(Responder, LimitsWhoMayBeForged) {
  ShopWorld world(limited());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(world.ask("www.example.com.", RecordType::a).reply.outcome, Outcome::answer);
  const Answer slipped = world.ask("www.example.com.", RecordType::a);
  EXPECT_EQ(slipped.reply.outcome, Outcome::slipped);
  EXPECT_TRUE(slipped.has(kFlagTruncated));
  EXPECT_TRUE(slipped.sections.empty());
  EXPECT_EQ(slipped.reply.octets, 12U + 17 + 4) << "no longer than the query";
  const Octets client = option(10, hex("2464c4abcf10c957"));
  const Answer badcookie = world.ask("www.example.com.", RecordType::a, client);
  EXPECT_EQ(badcookie.rcode, 23U) << "who knows cookies need not come by TCP";
  EXPECT_TRUE(badcookie.sections.empty());
  const Octets cookie = option(10, hex(badcookie.options.at(10)));
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(world.ask("www.example.com.", RecordType::a, cookie).reply.outcome, Outcome::answer);
  world.sender.transport = Transport::tcp;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(world.ask("www.example.com.", RecordType::a).reply.outcome, Outcome::answer);
}

TEST(Responder, DropsWithoutSlip) {
  ResponderSettings settings = limited();
  settings.rate.slip = 0;
  ShopWorld world(settings);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(world.ask("x.example.com.", RecordType::a).reply.outcome, Outcome::nxdomain);
  const Answer dropped = world.ask("x.example.com.", RecordType::a);
  EXPECT_EQ(dropped.reply.outcome, Outcome::dropped);
  EXPECT_EQ(dropped.reply.octets, 0U);
  EXPECT_EQ(world.ask("www.example.com.", RecordType::a).reply.outcome, Outcome::answer) << "counted apart";
}

TEST(Responder, CountsByOutcomeAndZoneAcrossChanges) {
  ShopWorld world;
  world.ask("www.example.com.", RecordType::a);
  world.ask("shop.example.com.", RecordType::a);
  world.ask("x.example.com.", RecordType::a);
  world.ask("x.example.net.", RecordType::a);
  EXPECT_EQ(world.responder.counts_of(0).of(Outcome::answer), 1U);
  EXPECT_EQ(world.responder.counts_of(0).of(Outcome::refused), 0U);
  EXPECT_EQ(world.responder.counts().of(Outcome::refused), 1U);
  const std::string_view small = "$TTL 1h\n@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.org.\n";
  world.responder.set_zones(
      ZoneSet::make({zone_of(small, "example.net."), zone_of(small, "example.com."), zone_of(small, "a.")}).value());
  EXPECT_EQ(world.ask("www.example.com.", RecordType::a).reply.outcome, Outcome::nxdomain);
  EXPECT_EQ(world.ask("x.example.net.", RecordType::a).reply.outcome, Outcome::nxdomain);
  const auto& zones = world.responder.zones().zones();
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const bool is_com = zones[i]->apex().text() == "example.com.";
    EXPECT_EQ(world.responder.counts_of(i).of(Outcome::answer), is_com ? 1U : 0U);
    EXPECT_EQ(world.responder.counts_of(i).of(Outcome::nxdomain), is_com                            ? 2U
                                                                  : zones[i]->apex().text() == "a." ? 0U
                                                                                                    : 1U);
  }
}

TEST(Responder, CountsOfAZoneEndWithIt) {
  ShopWorld world;
  world.ask("www.example.com.", RecordType::a);
  world.ask("x.example.net.", RecordType::a);
  world.responder.set_zones(std::make_shared<const ZoneSet>());
  EXPECT_EQ(world.responder.counts_outside().of(Outcome::answer), 0U) << "it was inside";
  EXPECT_EQ(world.responder.counts_outside().of(Outcome::refused), 1U);
  EXPECT_EQ(world.responder.counts().of(Outcome::answer), 1U);
}

TEST(Responder, AnswersAnyOctetsWithAWellFormedMessageOrNone) {
  ShopWorld world(limited());
  SeededRandom random(9);
  const char* kNames[] = {"www.example.com.", "shop.example.com.", "x.sub.example.com.", "q.wild.example.com.",
                          "example.org."};
  const RecordType kTypes[] = {RecordType::a, RecordType::https, RecordType::any, RecordType::ns, RecordType::txt};
  std::map<Outcome, int> seen;
  for (int round = 0; round < 60'000; ++round) {
    Octets options = option(3, {});
    append(options, option(10, Octets(random.below(2) == 0 ? 8 : 24, 5)));
    append(options, subnet_option(1, 24, {198, 51, 100}));
    Octets query = QueryBuilder::of(kNames[random.below(5)], kTypes[random.below(5)]).opt(options).octets();
    for (std::uint64_t changes = random.below(4); changes > 0; --changes) {
      query[random.below(query.size())] = static_cast<std::uint8_t>(random.below(256));
    }
    if (random.below(8) == 0) query.resize(random.below(query.size() + 1));
    world.sender.transport = random.below(2) == 0 ? Transport::udp : Transport::tcp;
    world.moment.now += std::chrono::milliseconds(random.below(400));
    const Answer answer = world.ask(query);  // read through, which fails where it is malformed
    ++seen[answer.reply.outcome];
    if (answer.reply.octets == 0) continue;
    ASSERT_TRUE(answer.has(kFlagResponse));
    ASSERT_EQ(load_u16(query.data()), answer.header.id);
    ASSERT_TRUE(world.sender.transport == Transport::tcp || answer.reply.octets <= 1232U);
  }
  EXPECT_GE(seen.size(), 11U);
}

}  // namespace
}  // namespace ringway::dns
