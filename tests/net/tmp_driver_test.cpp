#include "net/tmp_driver.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <list>

#include "net/udp_relay.h"
#include "tests/net/support.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::net {
namespace {

using std::chrono::milliseconds;

/// One end of a link over a real socket; sends back what streams bring.
class LinkEnd final : public tmp::LinkHandler {
 public:
  LinkEnd(Worker& worker, tmp::Role role, const std::string& name, const std::string& peer,
          const tmp::Authority& authority) {
    settings = std::make_shared<tmp::EndpointSettings>();
    const tmp::WallTime now = std::chrono::system_clock::now();
    settings->role = role;
    settings->identity = tmp::Identity::from_pem(tmp::make_identity(authority, {role, name}, now).value()).value();
    settings->accepted_peers = {peer};
    UdpSettings udp;
    udp.address = loopback();
    settings->fallback = tmp::LinkFallback::tls;
    driver = TmpDriver::open(worker, udp, settings, *this).value();
  }

  /// Its certificate has expired, and it takes those of others.
  void expire(const tmp::Authority& authority) {
    const tmp::WallTime then = std::chrono::system_clock::now() - std::chrono::hours(48);
    auto next = std::make_shared<tmp::EndpointSettings>(*settings);
    const tmp::CertificateGrant grant = {settings->identity->self(), std::chrono::hours(1), {}};
    next->identity = tmp::Identity::from_pem(tmp::make_identity(authority, grant, then, {}).value()).value();
    next->trust.expired = tmp::ExpiredPeers::accept_known;
    driver->update(next);
  }

  void on_peer_expired(tmp::Link& /*link*/, tmp::WallTime /*expired*/) override { ++expired; }
  void on_link_travel(tmp::Link& /*link*/, tmp::Travel travel, const std::string& /*reason*/) override {
    travels.push_back(travel);
  }
  void on_link_up(tmp::Link& /*link*/) override { ++ups; }
  void on_link_down(tmp::Link& /*link*/, const std::string& reason) override {
    ++downs;
    down_reason = reason;
  }
  void on_stream(tmp::Link& /*link*/, std::unique_ptr<tmp::LinkStream> stream,
                 const tmp::StreamOpening& /*opening*/) override {
    Echo& echo = echoes.emplace_back();
    echo.stream = std::move(stream);
    echo.stream->set_handler(&echo);
  }
  void on_link_draining(tmp::Link& /*link*/) override {}

  struct Echo final : public ByteStreamHandler {
    void on_data(Slice data) override {
      held += data.size();
      stream->write(std::move(data));
      give_credit();
    }
    void on_end() override { stream->finish(); }
    void on_writable() override { give_credit(); }
    void on_stop(StreamCode /*code*/) override {}
    void on_abort(const StreamEnd& /*end*/) override {}
    void give_credit() {
      if (stream->writable() > 0) stream->consumed(std::exchange(held, 0));
    }

    std::unique_ptr<tmp::LinkStream> stream;
    std::size_t held = 0;
  };

  int ups = 0;
  int downs = 0;
  int expired = 0;
  std::string down_reason;
  std::vector<tmp::Travel> travels;
  std::list<Echo> echoes;  // streams go before the driver
  std::shared_ptr<tmp::EndpointSettings> settings;
  std::unique_ptr<TmpDriver> driver;
};

/// A TCP port that leads to another, on the worker itself.
class Forward final : public AcceptHandler {
 public:
  Forward(Worker& worker, const SocketAddress& listen, const SocketAddress& to) : connector_(worker), to_(to) {
    ListenSettings settings;
    settings.address = listen;
    listener_ = Listener::open(worker, settings, *this).value();
  }
  void on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& /*info*/) override {
    Half& in = halves_.emplace_back();
    Half& out = halves_.emplace_back();
    in.other = &out;
    out.other = &in;
    in.stream = std::move(stream);
    in.stream->set_handler(&in);
    out.stream = connector_.connect(to_, nullptr, out);
  }
  void cut() { halves_.clear(); }
  [[nodiscard]] SocketAddress address() const { return listener_->address(); }
  [[nodiscard]] std::size_t connections() const { return halves_.size() / 2; }

 private:
  struct Half final : public ByteStreamHandler {
    void on_data(Slice data) override {
      stream->consumed(data.size());
      other->stream->write(std::move(data));
    }
    void on_end() override { other->stream->finish(); }
    void on_writable() override {}
    void on_stop(StreamCode /*code*/) override {}
    void on_abort(const StreamEnd& /*end*/) override {}
    std::unique_ptr<ByteStream> stream;
    Half* other = nullptr;
  };

  TcpConnector connector_;
  SocketAddress to_;
  std::unique_ptr<Listener> listener_;
  std::list<Half> halves_;
};

class TmpDriverTest : public testing::Test {
 protected:
  ~TmpDriverTest() override {
    stream_.stream.reset();
    back_.echoes.clear();
  }

  bool run(const std::function<bool()>& done) { return worker_->run_until(done, kPatience); }
  void connect(const SocketAddress& address) {
    link_ = &front_.driver->endpoint().connect({"host-1", address});
    ASSERT_TRUE(run([&] { return front_.ups == 1 && back_.ups == 1; })) << front_.down_reason << back_.down_reason;
  }
  void echo(std::size_t octets) {
    const std::string sent = pattern(octets);
    stream_.received.clear();
    stream_.ended = false;
    tmp::StreamOpening opening;
    opening.site = "shop";
    stream_.stream = link_->open(opening, stream_);
    ASSERT_NE(stream_.stream, nullptr);
    std::size_t at = 0;
    ASSERT_TRUE(run([&] {
      const std::size_t count = std::min(stream_.stream->writable(), sent.size() - at);
      if (count > 0) stream_.write(std::string_view(sent).substr(at, count));
      at += count;
      if (at == sent.size()) stream_.stream->finish();
      return stream_.ended || stream_.aborted;
    }));
    EXPECT_FALSE(stream_.aborted) << stream_.end.message;
    EXPECT_TRUE(stream_.received == sent);
  }

  std::unique_ptr<Worker> worker_ = make_worker();
  tmp::Authority authority_ = tmp::make_authority(std::chrono::system_clock::now()).value();
  LinkEnd back_{*worker_, tmp::Role::backend, "host-1", "pop-1", authority_};
  LinkEnd front_{*worker_, tmp::Role::frontend, "pop-1", "host-1", authority_};
  tmp::Link* link_ = nullptr;
  TestEnd stream_;
};

TEST_F(TmpDriverTest, CarriesAStreamOverRealSockets) {
  connect(back_.driver->address());
  echo(4 << 20);
  // Batches, not packets: far fewer calls than datagrams.
  const UdpCounters counters = front_.driver->socket().counters();
  EXPECT_LT(counters.send_calls * 2, counters.datagrams_sent);
}

TEST_F(TmpDriverTest, CarriesAStreamOverADistanceWithLoss) {
  RelaySettings settings;
  settings.listen = loopback();
  settings.server = back_.driver->address();
  settings.path = {milliseconds(10), 0.02, 5'000'000};
  const auto relay = UdpRelay::open(*worker_, settings).value();
  connect(relay->address());
  echo(300'000);
  EXPECT_GT(relay->to_server().lost + relay->to_client().lost, 0U);
  EXPECT_GE(link_->quality().smoothed_rtt, milliseconds(10));
}

TEST_F(TmpDriverTest, ClosesOrderly) {
  connect(back_.driver->address());
  front_.driver->close("done for today");
  ASSERT_TRUE(run([&] { return back_.downs == 1; }));
  EXPECT_NE(back_.down_reason.find("done for today"), std::string::npos) << back_.down_reason;
}

TEST_F(TmpDriverTest, TakesExpiredCertificatesOverTlsToo) {
  back_.expire(authority_);
  front_.expire(authority_);
  const Forward forward(*worker_, loopback(), back_.driver->address());
  RelaySettings settings;
  settings.listen = forward.address();
  settings.server = back_.driver->address();
  settings.path = {milliseconds(1), 1.0, 0};
  const auto relay = UdpRelay::open(*worker_, settings).value();
  connect(relay->address());
  echo(100'000);
  EXPECT_EQ(front_.travels, std::vector<tmp::Travel>{tmp::Travel::carrier});
  EXPECT_EQ(front_.expired + back_.expired, 2);
}

TEST_F(TmpDriverTest, GoesOverTlsWhereUdpIsSwallowed) {
  Forward forward(*worker_, loopback(), back_.driver->address());
  RelaySettings settings;
  settings.listen = forward.address();
  settings.server = back_.driver->address();
  settings.path = {milliseconds(1), 1.0, 0};
  const auto relay = UdpRelay::open(*worker_, settings).value();
  connect(relay->address());
  echo(4 << 20);
  EXPECT_EQ(front_.travels, std::vector<tmp::Travel>{tmp::Travel::carrier});
  EXPECT_EQ(back_.travels, std::vector<tmp::Travel>{tmp::Travel::carrier});
  EXPECT_LT(link_->counters().octets_resent, 256U << 10)
      << "TCP loses nothing; where this machine stalls, some is late";

  forward.cut();
  ASSERT_TRUE(run([&] { return forward.connections() == 1 && back_.travels.size() == 1; }));
  echo(1 << 20);
  EXPECT_EQ(front_.downs + back_.downs, 0) << "another carrier took its place";

  front_.driver->close("done for today");
  ASSERT_TRUE(run([&] { return back_.downs == 1; }));
  EXPECT_NE(back_.down_reason.find("done for today"), std::string::npos) << back_.down_reason;
}

/// The process goes on in a network of its own: a loopback with no ports but `first` to `last` for the kernel to
/// choose.
bool enter_network_with_ports(int first, int last) {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq loopback{};
  loopback.ifr_name[0] = 'l';
  loopback.ifr_name[1] = 'o';
  loopback.ifr_flags = IFF_UP;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &loopback) != 0) return false;
  std::ofstream range("/proc/sys/net/ipv4/ip_local_port_range");
  range << first << ' ' << last << std::flush;
  return range.good();
}

/// Opens a back-end's end on a port of the kernel's choice where others have the TCP of 8 ports out of 10. Returns 0 if
/// that went well, 2 if no such network can be had here.
int open_among_taken_ports() {
  if (!enter_network_with_ports(40000, 40009)) return 2;
  const auto worker = make_worker();
  TestAcceptor others;
  std::vector<std::unique_ptr<Listener>> taken;
  for (int i = 0; i < 8; ++i) {
    ListenSettings settings;
    settings.address = loopback(static_cast<std::uint16_t>(40000 + i));
    taken.push_back(Listener::open(*worker, settings, others).value());
  }
  const tmp::Authority authority = tmp::make_authority(std::chrono::system_clock::now()).value();
  const LinkEnd back(*worker, tmp::Role::backend, "host-1", "pop-1", authority);
  return back.driver->address().port >= 40008 ? 0 : 1;
}

TEST(TmpDriverPorts, OfTheKernelsChoiceAreFreeForTcpToo) {
  int status = 0;
  const pid_t child = ::fork();  // the network is the process's
  if (child == 0) std::_Exit(open_among_taken_ports());
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) GTEST_SKIP() << "no network of its own can be had";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace ringway::net
