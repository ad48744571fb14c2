// Who gets in: identities, versions, and what strangers get.

#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/sim/identities.h"
#include "tests/tmp_protocol/link_pair.h"
#include "tmp_protocol/address_validation.h"
#include "tmp_protocol/packet.h"
#include "tmp_protocol/packet_protection.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

void expect_refused(LinkPair& pair, const std::string& reason_at_pop) {
  pair.start_both();
  pair.network.run_for(10s);
  EXPECT_EQ(pair.pop.talker().ups() + pair.host.talker().ups(), 0U);
  EXPECT_NE(pair.pop.talker().last_reason().find(reason_at_pop), std::string::npos)
      << "reason: " << pair.pop.talker().last_reason();
  EXPECT_EQ(pair.pop.talker().downs(), 1U) << "the same reason is told once";
}

TEST(LinkDoor, GatewayOfAnotherAuthorityIsRefused) {
  LinkPair pair;
  EndpointSettings settings = pair.pop.settings();
  settings.identity = sim::foreign_identity("pop-1", Role::frontend);
  pair.pop.use(settings);
  expect_refused(pair, "another authority");
  EXPECT_NE(pair.host.talker().refusal().find("192.0.2.1:7000: it knows none"), std::string::npos);
  EXPECT_GT(pair.host.endpoint().stray_datagrams(), 2U);
  // It has not even the authority's MAC: it is dropped and counted, and gets no answer.
  EXPECT_EQ(pair.network.counters(pair.host.node().address().ip, pair.pop.node().address().ip).sent, 0U);
}

TEST(LinkDoor, UnknownNameIsRefusedAndNamed) {
  LinkPair pair;
  EndpointSettings settings = pair.host.settings();
  settings.accepted_peers = {"pop-2"};
  pair.host.use(settings);
  expect_refused(pair, "refused by the peer");
  EXPECT_NE(pair.host.talker().refusal().find("pop-1"), std::string::npos) << pair.host.talker().refusal();
  EXPECT_NE(pair.host.talker().refusal().find("192.0.2.1:7000"), std::string::npos);
}

TEST(LinkDoor, HostThatIsAnotherIsRefused) {
  LinkPair pair;
  pair.pop.keep_link_to({"host-2", pair.host.node().address()});
  expect_refused(pair, "host-1");
}

TEST(LinkDoor, FrontendCannotPoseAsBackend) {
  LinkPair pair;
  EndpointSettings settings = pair.host.settings();
  settings.identity = sim::test_identity("host-1", Role::frontend);
  pair.host.use(settings);
  expect_refused(pair, "frontend");
}

TEST(LinkDoor, OlderPeerIsSpokenToInItsVersion) {
  LinkPair pair;
  EndpointSettings settings = pair.pop.settings();
  settings.versions = {2, 1};
  pair.pop.use(settings);
  ASSERT_TRUE(pair.start());
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(10'000)), "");
}

TEST(LinkDoor, OlderPeerMayMakeTheLink) {
  LinkPair pair;
  EndpointSettings settings = pair.host.settings();
  settings.versions = {2, 1};
  pair.host.use(settings);
  ASSERT_TRUE(pair.start());
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(10'000)), "");
}

TEST(LinkDoor, PeerWithoutACommonVersionIsRefusedClearly) {
  LinkPair pair;
  EndpointSettings settings = pair.pop.settings();
  settings.versions = {3};
  pair.pop.use(settings);
  expect_refused(pair, "no common version: the peer speaks 1");
}

TEST(LinkDoor, BothSpeakTheBestCommonVersion) {
  LinkPair pair;
  for (sim::Machine* machine : {&pair.pop, &pair.host}) {
    EndpointSettings settings = machine->settings();
    settings.versions = {2, 1};
    machine->use(settings);
  }
  ASSERT_TRUE(pair.start());
  EXPECT_EQ(pair.exchange(pair.host, echo_of(10'000)), "");
}

/// A node without an endpoint, that sends what it likes and counts what comes back.
class Stranger {
 public:
  Stranger(sim::Network& network, const char* address) : node_(network, SocketAddress::parse(address).value()) {}
  void send(const SocketAddress& to, Bytes datagram) { node_.network().send(node_.address(), to, datagram); }
  std::uint64_t answered_octets(const SocketAddress& by) {
    return node_.network().counters(by.ip, node_.address().ip).sent_octets;
  }
  std::uint64_t asked_octets(const SocketAddress& whom) {
    return node_.network().counters(node_.address().ip, whom.ip).sent_octets;
  }
  [[nodiscard]] const SocketAddress& address() const { return node_.address(); }

 private:
  sim::Node node_;
};

TEST(LinkDoor, NoiseGetsNothingWorthAmplifying) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  Stranger stranger(pair.network, "203.0.113.5:5");
  SeededRandom random(7);
  std::vector<std::uint8_t> datagram;
  for (int i = 0; i < 3000; ++i) {
    datagram.resize(1 + random.below(1472));
    random.fill(datagram);
    stranger.send(pair.host.node().address(), datagram);
    if (i % 100 == 0) pair.network.run_for(10ms);
  }
  pair.network.run_for(1s);
  EXPECT_LT(stranger.answered_octets(pair.host.node().address()),
            stranger.asked_octets(pair.host.node().address()) / 10);
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(100'000)), "") << "and harms nobody";
}

/// An INITIAL as a member of the authority would begin, but with nothing sensible inside.
std::vector<std::uint8_t> member_initial(SeededRandom& random, std::uint32_t version) {
  std::vector<std::uint8_t> datagram(limits::kMinPacketOctets);
  random.fill(datagram);
  LongHeader header;
  header.version = version;
  header.destination = ConnectionId::random(random);
  header.source = ConnectionId::random(random);
  const std::size_t header_octets = write_long_header(header, datagram);
  const HandshakeKeys keys(kVersion1, header.destination, End::client);
  const MutableBytes sealed = MutableBytes(datagram).first(datagram.size() - kMacOctets);
  std::fill(sealed.begin() + static_cast<std::ptrdiff_t>(header_octets), sealed.end(), 0);
  sealed[header_octets] = 1;  // PING
  EXPECT_TRUE(keys.seal(sealed, header_octets, 0));
  AuthorityMac(sim::test_identity("pop-1", Role::frontend)->mac_keys()).sign(datagram);
  return datagram;
}

TEST(LinkDoor, ManyHandshakesMustBringACookie) {
  LinkPair pair;
  pair.host.start();
  Stranger stranger(pair.network, "203.0.113.5:5");
  SeededRandom random(7);
  for (int i = 0; i < 500; ++i) stranger.send(pair.host.node().address(), member_initial(random, kVersion1));
  pair.network.run_for(100ms);
  EXPECT_LE(stranger.answered_octets(pair.host.node().address()),
            3 * stranger.asked_octets(pair.host.node().address()));
  // In the middle of it a real one comes in, by way of a cookie.
  pair.pop.start();
  EXPECT_TRUE(pair.run_until(1s, [&] { return pair.both_up(); }));
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(10'000)), "");
}

TEST(LinkDoor, AnswersOfAnUnprovenAddressAreAtMostThreeTimesTheQuestion) {
  LinkPair pair;
  pair.back().blackout = true;  // the client never hears, and asks again
  pair.start_both();
  for (int i = 0; i < 100; ++i) {
    pair.network.run_for(100ms);
    const auto& asked = pair.network.counters(pair.pop.node().address().ip, pair.host.node().address().ip);
    const auto& answered = pair.network.counters(pair.host.node().address().ip, pair.pop.node().address().ip);
    ASSERT_LE(answered.sent_octets, 3 * asked.sent_octets);
  }
}

TEST(LinkDoor, ReplayedAndAlteredPacketsAreDroppedAndCounted) {
  LinkPair pair;
  pair.out().copied = 1.0;
  ASSERT_TRUE(pair.start());
  ASSERT_EQ(pair.exchange(pair.pop, echo_of(100'000)), "");
  const std::uint64_t replayed = pair.host.link().counters().packets_dropped;
  EXPECT_GT(replayed, 50U);
  pair.out().copied = 0;
  pair.out().damaged = 0.2;
  ASSERT_EQ(pair.exchange(pair.pop, echo_of(500'000)), "");
  EXPECT_GT(pair.host.link().counters().packets_dropped, replayed + 10);
  EXPECT_EQ(pair.host.talker().downs(), 0U);
}

TEST(LinkDoor, HandshakeSurvivesLossAndReordering) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    LinkPair pair(seed);
    pair.set_both([](sim::PathConditions& path) {
      path.loss = 0.3;
      path.late = 0.3;
      path.copied = 0.2;
    });
    pair.start_both();
    EXPECT_TRUE(pair.run_until(60s, [&] { return pair.both_up(); })) << seed;
  }
}

TEST(LinkDoor, OneGatewayMayHaveALinkFromEachOfItsWorkers) {
  LinkPair pair;
  sim::Machine second(pair.network, pair.ledger, "192.0.2.1:7001", pair.pop.settings());
  second.keep_link_to({"host-1", pair.host.node().address()});
  ASSERT_TRUE(pair.start());
  second.start();
  pair.network.run_for(2s);
  EXPECT_TRUE(second.link().up());
  EXPECT_TRUE(pair.pop.link().up());
  EXPECT_EQ(pair.host.endpoint().links().size(), 2U);
}

}  // namespace
}  // namespace ringway::tmp
