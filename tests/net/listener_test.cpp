#include "net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/net/support.h"
#include "tests/support/no_descriptors.h"

namespace ringway::net {
namespace {

TEST(Listener, TellsAddressesOfBothEnds) {
  TcpPair pair;
  pair.open();
  const AcceptedInfo& info = pair.acceptor.infos.front();
  EXPECT_EQ(info.local, pair.listener->address());
  EXPECT_EQ(info.remote.ip, loopback().ip);
  EXPECT_NE(info.remote.port, 0);
  EXPECT_FALSE(info.tls);
}

TEST(Listener, TellsTheLocalAddressWhereItListensOnAll) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = SocketAddress::parse("0.0.0.0:0").value();
  const auto listener = Listener::open(*worker, settings, acceptor).value();
  const BlockingClient client(loopback(listener->address().port));
  ASSERT_TRUE(worker->run_until([&] { return !acceptor.infos.empty(); }, kPatience));
  EXPECT_EQ(acceptor.infos[0].local, loopback(listener->address().port));
}

TEST(Listener, TakesIpv6WithoutIpv4) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = SocketAddress::parse("[::]:0").value();
  const auto six = Listener::open(*worker, settings, acceptor).value();
  settings.address = {IpAddress::v4({0, 0, 0, 0}), six->address().port};
  const auto four = Listener::open(*worker, settings, acceptor);  // the same port is free
  ASSERT_TRUE(four.ok()) << four.error().message;
  const BlockingClient client(loopback6(six->address().port));
  ASSERT_TRUE(worker->run_until([&] { return !acceptor.infos.empty(); }, kPatience));
  EXPECT_EQ(acceptor.infos[0].remote.ip, loopback6().ip);
}

TEST(Listener, SaysThatAPortIsBusy) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = loopback();
  const auto first = Listener::open(*worker, settings, acceptor).value();
  settings.address = first->address();
  const auto second = Listener::open(*worker, settings, acceptor);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message,
            "port " + std::to_string(settings.address.port) + " on 127.0.0.1 is in use by another process");
}

TEST(Listener, SeveralShareAPort) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = loopback();
  settings.use = PortUse::shared;
  const auto first = Listener::open(*worker, settings, acceptor).value();
  settings.address = first->address();
  const auto second = Listener::open(*worker, settings, acceptor);
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(check_port_is_free(SOCK_STREAM, settings.address).ok());
}

TEST(Listener, LeavesTheRestInTheKernelAboveItsBound) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = loopback();
  settings.max_connections = 2;
  const auto listener = Listener::open(*worker, settings, acceptor).value();
  std::deque<BlockingClient> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(listener->address());
  ASSERT_TRUE(worker->run_until([&] { return listener->counters().paused > 0; }, kPatience));
  EXPECT_EQ(acceptor.ends.size(), 2U);
  EXPECT_EQ(listener->connections(), 2U);
  acceptor.ends[0].stream.reset();
  ASSERT_TRUE(worker->run_until([&] { return acceptor.ends.size() == 3; }, kPatience));
  EXPECT_EQ(listener->connections(), 2U);
  acceptor.ends[1].stream.reset();
  ASSERT_TRUE(worker->run_until([&] { return acceptor.ends.size() == 4; }, kPatience));
}

TEST(Listener, GoesOnWhenDescriptorsRunOutAndComeBack) {
  if (testing::kSanitizerNeedsDescriptors) GTEST_SKIP() << "the sanitizer itself needs descriptors";
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = loopback();
  const auto listener = Listener::open(*worker, settings, acceptor).value();
  const BlockingClient client(listener->address());
  {
    const testing::NoDescriptors none(client.fd());
    ASSERT_TRUE(worker->run_until([&] { return listener->counters().paused > 0; }, kPatience));
  }
  EXPECT_TRUE(acceptor.ends.empty());
  ASSERT_TRUE(worker->run_until([&] { return acceptor.ends.size() == 1; }, kPatience));
}

TEST(Listener, ConnectionsOutliveIt) {
  TcpPair pair;
  pair.open();
  const std::uint16_t port = pair.listener->address().port;
  pair.listener.reset();
  EXPECT_TRUE(check_port_is_free(SOCK_STREAM, loopback(port)).ok());
  pair.client.write("still");
  ASSERT_TRUE(pair.run([&] { return pair.server().received == "still"; }));
}

TEST(Listener, AcceptedSocketsInheritNoDelay) {
  const Descriptor listening = open_bound_socket(SOCK_STREAM, loopback(), PortUse::exclusive).value();
  ASSERT_TRUE(set_option(listening.get(), IPPROTO_TCP, TCP_NODELAY, 1));
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  const BlockingClient client(bound_address(listening.get()));
  const Descriptor accepted(::accept(listening.get(), nullptr, nullptr));
  int value = 0;
  socklen_t size = sizeof value;
  ASSERT_EQ(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
  EXPECT_NE(value, 0);
}

}  // namespace
}  // namespace ringway::net
