#include "net/udp_socket.h"

#include <gtest/gtest.h>

#include "net/packet_pump.h"
#include "tests/net/support.h"

namespace ringway::net {
namespace {

class Collector final : public DatagramHandler {
 public:
  void on_datagrams(std::span<tmp::Datagram> batch) override {
    ++calls;
    for (const tmp::Datagram& datagram : batch) {
      payloads.emplace_back(as_text(datagram.payload));
      remote = datagram.remote.address;
      ecn = datagram.ecn;
    }
  }
  void on_sendable() override { ++sendable; }

  std::vector<std::string> payloads;
  SocketAddress remote;
  std::uint8_t ecn = 0xff;
  int calls = 0;
  int sendable = 0;
};

struct UdpPair {
  explicit UdpPair(SegmentOffload offload, const SocketAddress& address = loopback()) {
    UdpSettings settings;
    settings.address = address;
    settings.offload = offload;
    sender = UdpSocket::open(*worker, settings, at_sender).value();
    receiver = UdpSocket::open(*worker, settings, at_receiver).value();
  }
  bool run(const std::function<bool()>& done) { return worker->run_until(done, kPatience); }

  std::unique_ptr<Worker> worker = make_worker();
  Collector at_sender;
  Collector at_receiver;
  std::unique_ptr<UdpSocket> sender;
  std::unique_ptr<UdpSocket> receiver;
};

/// Datagrams of 1200 octets that each begin with their number, and a last one of `last` octets.
std::string numbered(int count, std::size_t last) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    std::string one = pattern(i + 1 == count ? last : 1200, static_cast<std::uint64_t>(i));
    one.replace(0, 4, std::to_string(1000 + i));
    text += one;
  }
  return text;
}

class UdpSocketOffload : public testing::TestWithParam<SegmentOffload> {};

TEST_P(UdpSocketOffload, TrainsArriveAsTheDatagramsTheyAreMadeOf) {
  UdpPair pair(GetParam());
  const std::string sent = numbered(40, 77);
  const Train train{pair.receiver->address(), kEcnCapable, 1200, as_bytes(sent)};
  EXPECT_EQ(pair.sender->send({&train, 1}), 1U);
  ASSERT_TRUE(pair.run([&] { return pair.at_receiver.payloads.size() == 40; }));
  std::string joined;
  for (const std::string& payload : pair.at_receiver.payloads) joined += payload;
  EXPECT_TRUE(joined == sent);
  EXPECT_EQ(pair.at_receiver.payloads.back().size(), 77U);
  EXPECT_EQ(pair.at_receiver.remote, pair.sender->address());
  EXPECT_EQ(pair.at_receiver.ecn, kEcnCapable);
  EXPECT_EQ(pair.sender->counters().datagrams_sent, 40U);
  EXPECT_EQ(pair.receiver->counters().datagrams_received, 40U);
}

TEST_P(UdpSocketOffload, SendsTrainsToSeveralAtOnce) {
  UdpPair pair(GetParam());
  Collector third_handler;
  UdpSettings settings;
  settings.address = loopback();
  const auto third = UdpSocket::open(*pair.worker, settings, third_handler).value();
  const std::string sent = numbered(3, 1200);
  const std::vector<Train> trains = {{pair.receiver->address(), kEcnNotCapable, 1200, as_bytes(sent)},
                                     {third->address(), kEcnNotCapable, 1200, as_bytes(sent).first(1200)},
                                     {pair.receiver->address(), kEcnNotCapable, 1200, as_bytes(sent)}};
  EXPECT_EQ(pair.sender->send(trains), 3U);
  ASSERT_TRUE(pair.run([&] { return pair.at_receiver.payloads.size() == 6 && third_handler.payloads.size() == 1; }));
  EXPECT_EQ(pair.at_receiver.ecn, kEcnNotCapable);
}

TEST_P(UdpSocketOffload, ADatagramTooLargeIsDroppedAlone) {
  UdpPair pair(GetParam());
  const std::string small(100, 'y');
  // The most that an IPv4 datagram can carry is 65507 octets.
  const std::string larger(65520, 'z');
  const std::vector<Train> trains = {{pair.receiver->address(), kEcnNotCapable, larger.size(), as_bytes(larger)},
                                     {pair.receiver->address(), kEcnNotCapable, small.size(), as_bytes(small)}};
  EXPECT_EQ(pair.sender->send(trains), 2U);
  ASSERT_TRUE(pair.run([&] { return !pair.at_receiver.payloads.empty(); }));
  EXPECT_EQ(pair.at_receiver.payloads.front(), small);
  EXPECT_EQ(pair.sender->counters().refused, 1U);
}

TEST(UdpSocket, CountsWhatItsBufferCouldNotHold) {
  const auto worker = make_worker();
  Collector at_sender;
  Collector at_receiver;
  UdpSettings settings;
  settings.address = loopback();
  settings.traffic = Traffic::single;
  const auto sender = UdpSocket::open(*worker, settings, at_sender).value();
  settings.buffer_octets = 8192;
  const auto receiver = UdpSocket::open(*worker, settings, at_receiver).value();
  const std::string payload(1000, 'x');
  const std::vector<Train> trains(50, {receiver->address(), kEcnNotCapable, payload.size(), as_bytes(payload)});
  EXPECT_EQ(receiver->counters().kernel_drops, 0U);
  EXPECT_EQ(sender->send(trains), trains.size());
  const auto dropped = [&] { return receiver->counters().kernel_drops; };
  ASSERT_TRUE(worker->run_until([&] { return at_receiver.payloads.size() + dropped() == trains.size(); }, kPatience));
  EXPECT_GT(dropped(), 0U);
}

TEST_P(UdpSocketOffload, SurvivesAPeerThatIsNotThere) {
  UdpPair pair(GetParam());
  const SocketAddress gone = pair.receiver->address();
  pair.receiver.reset();
  const std::string one(100, 'x');
  const Train train{gone, kEcnNotCapable, one.size(), as_bytes(one)};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(pair.sender->send({&train, 1}), 1U);
  UdpSettings settings;
  settings.address = gone;
  pair.receiver = UdpSocket::open(*pair.worker, settings, pair.at_receiver).value();
  EXPECT_EQ(pair.sender->send({&train, 1}), 1U);
  ASSERT_TRUE(pair.run([&] { return pair.at_receiver.payloads.size() == 1; }));
}

TEST_P(UdpSocketOffload, SpeaksIpv6) {
  UdpPair pair(GetParam(), loopback6());
  const std::string sent = numbered(5, 900);
  const Train train{pair.receiver->address(), kEcnCapable, 1200, as_bytes(sent)};
  EXPECT_EQ(pair.sender->send({&train, 1}), 1U);
  ASSERT_TRUE(pair.run([&] { return pair.at_receiver.payloads.size() == 5; }));
  EXPECT_EQ(pair.at_receiver.ecn, kEcnCapable);
  EXPECT_EQ(pair.at_receiver.remote, pair.sender->address());
}

INSTANTIATE_TEST_SUITE_P(All, UdpSocketOffload, testing::Values(SegmentOffload::probe, SegmentOffload::off),
                         [](const testing::TestParamInfo<SegmentOffload>& parameter) {
                           return parameter.param == SegmentOffload::probe ? "Offload" : "Plain";
                         });

TEST(UdpSocket, SinglesComeAndGoOneByOneInFewCalls) {
  UdpPair pair(SegmentOffload::probe);
  Collector at_server;
  UdpSettings settings;
  settings.address = loopback();
  settings.traffic = Traffic::single;
  const auto server = UdpSocket::open(*pair.worker, settings, at_server).value();
  EXPECT_FALSE(server->joins());
  EXPECT_FALSE(server->segments());
  const std::string sent = numbered(60, 50);
  const Train train{server->address(), kEcnCapable, 1200, as_bytes(sent)};
  EXPECT_EQ(pair.sender->send({&train, 1}), 1U);
  ASSERT_TRUE(pair.run([&] { return at_server.payloads.size() == 60; }));
  EXPECT_EQ(at_server.ecn, kEcnNotCapable);  // nobody asked
  EXPECT_EQ(at_server.payloads.back(), sent.substr(sent.size() - 50));

  std::vector<Train> answers;
  for (const std::string& payload : at_server.payloads) {
    answers.push_back({pair.sender->address(), kEcnNotCapable, payload.size(), as_bytes(payload)});
  }
  EXPECT_EQ(server->send(answers), 60U);
  EXPECT_EQ(server->counters().send_calls, 1U);
  ASSERT_TRUE(pair.run([&] { return pair.at_sender.payloads.size() == 60; }));
  EXPECT_EQ(pair.at_sender.payloads, at_server.payloads);
}

/// What its duplicate held open is never called again.
TEST(UdpSocket, OfTwoOnOneSocketOneGoesOnAlone) {
  const auto worker = make_worker();
  Descriptor bound = open_bound_socket(SOCK_DGRAM, loopback(), PortUse::exclusive).value();
  Descriptor second = bound.duplicate().value();
  Collector at_first;
  Collector at_second;
  Collector at_sender;
  auto first = UdpSocket::adopt(*worker, std::move(bound), {}, at_first).value();
  auto other = UdpSocket::adopt(*worker, std::move(second), {}, at_second).value();
  const auto sender = UdpSocket::open(*worker, {loopback()}, at_sender).value();
  const std::string text = "abc";
  const auto send = [&] {
    const std::size_t before = at_first.payloads.size() + at_second.payloads.size();
    sender->send(std::vector<Train>{{other->address(), kEcnNotCapable, text.size(), as_bytes(text)}});
    ASSERT_TRUE(
        worker->run_until([&] { return at_first.payloads.size() + at_second.payloads.size() > before; }, kPatience));
  };
  for (int i = 0; i < 10; ++i) send();
  first.reset();
  const std::size_t heard = at_second.payloads.size();
  for (int i = 0; i < 10; ++i) send();
  EXPECT_EQ(at_second.payloads.size(), heard + 10);
}

TEST(UdpSocket, SaysThatAPortIsBusy) {
  const std::unique_ptr<Worker> worker = make_worker();
  Collector handler;
  UdpSettings settings;
  settings.address = loopback();
  const auto first = UdpSocket::open(*worker, settings, handler).value();
  settings.address = first->address();
  const auto second = UdpSocket::open(*worker, settings, handler);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("is in use by another process"), std::string::npos);
}

/// Builds packets as told and remembers what it was asked.
class FakeEngine final : public PacketEngine {
 public:
  void receive(std::span<tmp::Datagram> batch) override {
    for (const tmp::Datagram& datagram : batch) received.emplace_back(as_text(datagram.payload));
  }
  void advance() override {
    ++advanced;
    advanced_at = clock->now();
    timeout = kNever;
    to_build += on_timeout;
  }
  bool build(tmp::PacketSink& sink) override {
    while (to_build > 0) {
      const std::size_t octets = to_build == 1 ? last_octets : 1200;
      const MutableBytes room = sink.reserve(remote, 1472);
      if (room.empty()) return true;
      std::fill(room.begin(), room.end(), static_cast<std::uint8_t>(to_build));
      sink.commit(remote, octets, tmp::Ecn::capable);
      --to_build;
    }
    return false;
  }
  [[nodiscard]] Time next_timeout() const override { return timeout; }

  const Clock* clock = nullptr;
  SocketAddress remote;
  Time timeout = kNever;
  Time advanced_at{};
  int on_timeout = 0;
  int to_build = 0;
  std::size_t last_octets = 1200;
  int advanced = 0;
  std::vector<std::string> received;
};

struct PumpPair {
  PumpPair() {
    UdpSettings settings;
    settings.address = loopback();
    left_pump = PacketPump::open(*worker, settings, left).value();
    right_pump = PacketPump::open(*worker, settings, right).value();
    left.clock = right.clock = &worker->loop().clock;
    left.remote = right_pump->socket().address();
    right.remote = left_pump->socket().address();
  }
  bool run(const std::function<bool()>& done) { return worker->run_until(done, kPatience); }

  std::unique_ptr<Worker> worker = make_worker();
  FakeEngine left;
  FakeEngine right;
  std::unique_ptr<PacketPump> left_pump;
  std::unique_ptr<PacketPump> right_pump;
};

TEST(PacketPump, SendsAtTheEndOfTheTurnInOneCall) {
  PumpPair pair;
  pair.left.to_build = 20;
  pair.left.last_octets = 300;
  ASSERT_TRUE(pair.worker->post([] {}));
  ASSERT_TRUE(pair.run([&] { return pair.right.received.size() == 20; }));
  EXPECT_EQ(pair.right.received.front(), std::string(1200, '\x14'));
  EXPECT_EQ(pair.right.received.back(), std::string(300, '\x01'));
  if (pair.left_pump->socket().segments()) {
    EXPECT_EQ(pair.left_pump->socket().counters().send_calls, 1U);
  }
}

TEST(PacketPump, FiresTimeoutsInTimeAndSendsWhatTheyMake) {
  PumpPair pair;
  const Time due = pair.worker->now() + std::chrono::microseconds(300);
  pair.left.timeout = due;
  pair.left.on_timeout = 2;
  ASSERT_TRUE(pair.run([&] { return pair.right.received.size() == 2; }));
  EXPECT_EQ(pair.left.advanced, 1);
  EXPECT_GE(pair.left.advanced_at, due);
}

TEST(PacketPump, MovesMoreThanOneTurnsBatches) {
  PumpPair pair;
  pair.left.to_build = 2000;
  ASSERT_TRUE(pair.worker->post([] {}));
  ASSERT_TRUE(pair.run([&] { return pair.left.to_build == 0; }));
  EXPECT_EQ(pair.left_pump->socket().counters().datagrams_sent, 2000U);
}

}  // namespace
}  // namespace ringway::net
