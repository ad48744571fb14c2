#include "tests/net/support.h"

#include <sys/socket.h>

#include "base/random.h"

namespace ringway::net {

std::unique_ptr<Worker> make_worker() {
  Result<std::unique_ptr<Worker>> made = Worker::make(0);
  EXPECT_TRUE(made.ok());
  return std::move(made).value();
}

SocketAddress loopback(std::uint16_t port) { return {IpAddress::v4({127, 0, 0, 1}), port}; }

SocketAddress loopback6(std::uint16_t port) { return {IpAddress::parse("::1").value(), port}; }

std::string pattern(std::size_t octets, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string text(octets, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return text;
}

void TestEnd::on_data(Slice data) {
  ++data_calls;
  received_octets += data.size();
  if (keeps) received += as_text(data.bytes());
  if (received_octets >= destroy_after) {
    stream.reset();
    return;
  }
  if (consumes) stream->consumed(data.size());
}

void TestEnd::on_abort(const StreamEnd& reason) {
  aborted = true;
  end = reason;
}

void TestEnd::take(std::unique_ptr<ByteStream> taken) {
  stream = std::move(taken);
  stream->set_handler(this);
}

void TestEnd::write(std::string_view text) {
  ByteQueue queue;
  queue.append(text);
  stream->write(queue);
}

void TestAcceptor::on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& info) {
  infos.push_back(info);
  TestEnd& end = ends.emplace_back();
  end.consumes = consume;
  end.take(std::move(stream));
}

TcpPair::TcpPair(std::shared_ptr<const TlsServerContext> server_tls, const TlsClientSettings* client_tls) {
  ListenSettings settings;
  settings.address = loopback();
  settings.tls = std::move(server_tls);
  listener = Listener::open(*worker, settings, acceptor).value();
  client.stream = connector.connect(listener->address(), client_tls, client);
}

void TcpPair::open() {
  ASSERT_TRUE(run([this] { return (client.opened && !acceptor.ends.empty()) || client.aborted; }));
  ASSERT_FALSE(client.aborted) << client.end.message;
}

void TcpPair::settle() {
  for (int i = 0; i < 50; ++i) {
    bool ran = false;
    worker->post([&] { ran = true; });
    EXPECT_TRUE(run([&] { return ran; }));
  }
}

BlockingClient::BlockingClient(const SocketAddress& address) {
  const NativeAddress native(address);
  fd_ = Descriptor(::socket(native.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(fd_.get(), native.get(), native.size), 0);
}

void BlockingClient::send(std::string_view text) const {
  EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

ssize_t BlockingClient::receive(MutableBytes out) const {
  return ::recv(fd_.get(), out.data(), out.size(), MSG_DONTWAIT);
}

void BlockingClient::reset() {
  const linger now = {1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.close();
}

}  // namespace ringway::net
