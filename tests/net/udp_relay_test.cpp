#include "net/udp_relay.h"

#include <gtest/gtest.h>

#include "net/udp_socket.h"
#include "tests/net/support.h"

namespace ringway::net {
namespace {

using std::chrono::milliseconds;

constexpr Time kStart = Time(std::chrono::hours(1));

std::vector<std::uint8_t> octets(std::size_t count) { return std::vector<std::uint8_t>(count, 'x'); }

TEST(RelayPipe, DelaysByHalfARoundTrip) {
  RelayPipe pipe(1);
  pipe.set_path({milliseconds(80), 0, 0});
  pipe.put(kStart, loopback(1), 2, octets(100));
  EXPECT_EQ(pipe.next(), kStart + milliseconds(40));
  const RelayPipe::Item item = pipe.take();
  EXPECT_EQ(item.octets.size(), 100U);
  EXPECT_EQ(item.ecn, 2);
  EXPECT_EQ(item.client, loopback(1));
  EXPECT_EQ(pipe.next(), kNever);
}

TEST(RelayPipe, LimitsTheRate) {
  RelayPipe pipe(1);
  pipe.set_path({milliseconds(80), 0, 1'000'000});
  for (int i = 0; i < 50; ++i) pipe.put(kStart, loopback(1), 0, octets(1000));
  Time last{};
  for (int i = 0; i < 50; ++i) last = pipe.take().due;
  EXPECT_EQ(last, kStart + milliseconds(40) + milliseconds(50));
}

TEST(RelayPipe, DropsAboveARoundTripsWorth) {
  RelayPipe pipe(1);
  pipe.set_path({milliseconds(100), 0, 10'000'000});  // 1'000'000 octets
  for (int i = 0; i < 1500; ++i) pipe.put(kStart, loopback(1), 0, octets(1000));
  EXPECT_EQ(pipe.counters().overflowed, 500U);
}

TEST(RelayPipe, LosesItsShareByTheSeed) {
  const auto lost = [](std::uint64_t seed) {
    RelayPipe pipe(seed);
    pipe.set_path({milliseconds(1), 0.1, 0});
    for (int i = 0; i < 10000; ++i) pipe.put(kStart, loopback(1), 0, octets(10));
    return pipe.counters().lost;
  };
  EXPECT_NEAR(static_cast<double>(lost(1)), 1000, 150);
  EXPECT_EQ(lost(1), lost(1));
  EXPECT_NE(lost(1), lost(2));
}

TEST(RelayPipe, KeepsOrderWhenTheDelayShrinks) {
  RelayPipe pipe(1);
  pipe.set_path({milliseconds(100), 0, 0});
  pipe.put(kStart, loopback(1), 0, octets(1));
  pipe.set_path({milliseconds(10), 0, 0});
  pipe.put(kStart, loopback(1), 0, octets(2));
  EXPECT_EQ(pipe.take().octets.size(), 1U);
  EXPECT_EQ(pipe.take().due, kStart + milliseconds(50));
}

/// Sends every datagram back where it came from, or only keeps it.
class Echo final : public DatagramHandler {
 public:
  void on_datagrams(std::span<tmp::Datagram> batch) override {
    for (const tmp::Datagram& datagram : batch) {
      payloads.emplace_back(as_text(datagram.payload));
      const Train train{datagram.remote.address, datagram.ecn, datagram.payload.size(), datagram.payload};
      if (returns) socket->send({&train, 1});
    }
  }
  void send(const SocketAddress& remote, std::string_view text) const {
    const Train train{remote, kEcnCapable, text.size(), as_bytes(text)};
    EXPECT_EQ(socket->send({&train, 1}), 1U);
  }

  std::unique_ptr<UdpSocket> socket;
  std::vector<std::string> payloads;
  bool returns = false;
};

TEST(UdpRelay, BringsEachClientItsOwnAnswersLater) {
  const std::unique_ptr<Worker> worker = make_worker();
  Echo server;
  Echo first;
  Echo second;
  UdpSettings udp;
  udp.address = loopback();
  for (Echo* end : {&server, &first, &second}) end->socket = UdpSocket::open(*worker, udp, *end).value();
  server.returns = true;
  RelaySettings settings;
  settings.listen = loopback();
  settings.server = server.socket->address();
  settings.path.round_trip = milliseconds(4);
  const auto relay = UdpRelay::open(*worker, settings).value();
  const Time start = worker->now();
  for (int i = 0; i < 20; ++i) {
    first.send(relay->address(), "first " + std::to_string(i));
    second.send(relay->address(), "second " + std::to_string(i));
  }
  ASSERT_TRUE(
      worker->run_until([&] { return first.payloads.size() == 20 && second.payloads.size() == 20; }, kPatience));
  EXPECT_GE(worker->now() - start, milliseconds(4));
  EXPECT_EQ(first.payloads.back(), "first 19");
  EXPECT_EQ(second.payloads.front(), "second 0");
  EXPECT_EQ(relay->to_server().datagrams, 40U);
  EXPECT_EQ(relay->to_client().datagrams, 40U);
}

}  // namespace
}  // namespace ringway::net
