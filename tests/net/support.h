#pragma once
// What the tests of sockets share: a worker that runs until something is so, and handlers that remember.

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "net/connector.h"
#include "net/listener.h"
#include "net/worker.h"

namespace ringway::net {

/// Far beyond what anything here takes; only a failing test waits so long.
inline constexpr Duration kPatience = std::chrono::seconds(20);

std::unique_ptr<Worker> make_worker();
SocketAddress loopback(std::uint16_t port = 0);
SocketAddress loopback6(std::uint16_t port = 0);
/// Octets that differ from place to place.
std::string pattern(std::size_t octets, std::uint64_t seed = 1);

/// One end of a connection: holds its stream and what was heard of it.
class TestEnd final : public ByteStreamHandler {
 public:
  void on_open() override { opened = true; }
  void on_data(Slice data) override;
  void on_end() override { ended = true; }
  void on_writable() override { ++writable_calls; }
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& end) override;

  void take(std::unique_ptr<ByteStream> taken);
  void write(std::string_view text);

  std::unique_ptr<ByteStream> stream;
  std::string received;
  bool opened = false;
  bool ended = false;
  bool aborted = false;
  StreamEnd end;
  int writable_calls = 0;
  int data_calls = 0;
  bool consumes = true;  // gives credit at once
  bool keeps = true;     // what it received
  std::size_t received_octets = 0;
  std::size_t destroy_after = SIZE_MAX;  // octets, then it lets its stream go in on_data()
};

/// Takes every connection of a listener.
class TestAcceptor final : public AcceptHandler {
 public:
  void on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& info) override;

  std::deque<TestEnd> ends;  // addresses stay
  std::vector<AcceptedInfo> infos;
  bool consume = true;
};

/// A listener and one connection to it, both on one worker.
class TcpPair {
 public:
  explicit TcpPair(std::shared_ptr<const TlsServerContext> server_tls = nullptr,
                   const TlsClientSettings* client_tls = nullptr);

  bool run(const std::function<bool()>& done) { return worker->run_until(done, kPatience); }
  /// Until both ends are open.
  void open();
  /// Many turns, so that whatever could still happen by itself has happened.
  void settle();
  [[nodiscard]] TestEnd& server() { return acceptor.ends.front(); }

  std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  std::unique_ptr<Listener> listener;
  TcpConnector connector{*worker};
  TestEnd client;
};

/// A plain blocking client, for what the kernel's own calls must see.
class BlockingClient {
 public:
  explicit BlockingClient(const SocketAddress& address);
  [[nodiscard]] int fd() const { return fd_.get(); }
  void send(std::string_view text) const;
  /// Reads without waiting; -1 with errno where there is nothing.
  ssize_t receive(MutableBytes out) const;
  void close() { fd_.close(); }
  void reset();

 private:
  Descriptor fd_;
};

}  // namespace ringway::net
