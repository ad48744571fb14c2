#include "net/connector.h"

#include "tests/net/support.h"

namespace ringway::net {
namespace {

TEST(Connector, SaysWhoRefused) {
  const std::unique_ptr<Worker> worker = make_worker();
  const Descriptor held = open_bound_socket(SOCK_STREAM, loopback(), PortUse::exclusive).value();
  const SocketAddress address = bound_address(held.get());  // bound, and nobody listens
  TcpConnector connector(*worker);
  TestEnd end;
  end.stream = connector.connect(address, nullptr, end);
  EXPECT_FALSE(end.aborted);
  ASSERT_TRUE(worker->run_until([&] { return end.aborted; }, kPatience));
  EXPECT_FALSE(end.opened);
  EXPECT_EQ(end.end.code, StreamCode::connection_failed);
  EXPECT_EQ(end.end.message, "connect to " + address.text() + ": Connection refused");
}

TEST(Connector, SaysAtOnceButNotInsideTheCallThatItCannot) {
  const std::unique_ptr<Worker> worker = make_worker();
  TcpConnector connector(*worker);
  TestEnd end;
  const SocketAddress nowhere = SocketAddress::parse("255.255.255.255:80").value();
  end.stream = connector.connect(nowhere, nullptr, end);
  EXPECT_FALSE(end.aborted);
  end.write("never sent");
  end.stream->finish();
  ASSERT_TRUE(worker->run_until([&] { return end.aborted; }, kPatience));
  EXPECT_NE(end.end.message.find("connect to 255.255.255.255:80"), std::string::npos);
}

TEST(Connector, GivesUpOnSilence) {
  const std::unique_ptr<Worker> worker = make_worker();
  const Descriptor full = open_bound_socket(SOCK_STREAM, loopback(), PortUse::exclusive).value();
  ASSERT_EQ(::listen(full.get(), 0), 0);
  TcpConnector connector(*worker, {std::chrono::milliseconds(20)});
  std::deque<TestEnd> ends;  // the kernel's queue takes one or two and drops the others' first packets
  for (int i = 0; i < 4; ++i) {
    TestEnd& end = ends.emplace_back();
    end.stream = connector.connect(bound_address(full.get()), nullptr, end);
  }
  ASSERT_TRUE(worker->run_until([&] { return ends.back().aborted; }, kPatience));
  EXPECT_EQ(ends.back().end.message, "connect to " + bound_address(full.get()).text() + ": timed out");
}

TEST(Connector, ReachesIpv6) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings settings;
  settings.address = loopback6();
  const auto listener = Listener::open(*worker, settings, acceptor).value();
  TcpConnector connector(*worker);
  TestEnd end;
  end.stream = connector.connect(listener->address(), nullptr, end);
  ASSERT_TRUE(worker->run_until([&] { return end.opened; }, kPatience));
}

TEST(Connector, NamesTheFileThatIsMissing) {
  const std::unique_ptr<Worker> worker = make_worker();
  TcpConnector connector(*worker);
  TestEnd end;
  const TlsClientSettings tls{"origin.test", "/nonexistent/ca.pem", "", ""};
  end.stream = connector.connect(loopback(1), &tls, end);
  ASSERT_TRUE(worker->run_until([&] { return end.aborted; }, kPatience));
  EXPECT_EQ(end.end.message, "authority /nonexistent/ca.pem: No such file or directory");
}

}  // namespace
}  // namespace ringway::net
