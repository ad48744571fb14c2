#include "net/listener.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <list>

#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace ringway::net {

namespace {

constexpr int kBacklog = 4096;
/// Connections accepted in one turn before others get theirs.
constexpr int kAcceptsPerTurn = 64;
/// With no descriptor left, when to try again.
constexpr Duration kRetryDelay = std::chrono::milliseconds(100);

bool is_exhausted(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

class Listener::Impl final : public Source {
 public:
  Impl(Worker& worker, Descriptor fd, const ListenSettings& settings, AcceptHandler& handler)
      : Source(worker),
        fd_(std::move(fd)),
        settings_(settings),
        address_(bound_address(fd_.get())),
        any_address_(address_.ip == IpAddress() || address_.ip == IpAddress::v4({0, 0, 0, 0})),
        handler_(handler),
        retry_(worker.loop().timers, [this] { accept_all(); }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() override {
    count_->waiting = nullptr;
    worker().unwatch(fd_.get());
  }

  Status start() {
    if (::listen(fd_.get(), kBacklog) != 0) {
      const int error = errno;
      const Status free = check_port_is_free(SOCK_STREAM, settings_.address);
      return free ? Status(internal_error(describe_failure("listen on", settings_.address, error))) : free;
    }
    return worker().watch(fd_.get(), EPOLLIN, *this);
  }

  void on_ready(std::uint32_t /*events*/) override { accept_all(); }
  void on_pending() override { accept_all(); }

  [[nodiscard]] const SocketAddress& address() const { return address_; }
  [[nodiscard]] std::size_t connections() const { return count_->open; }
  [[nodiscard]] const ListenerCounters& counters() const { return counters_; }
  void set_tls(std::shared_ptr<const TlsServerContext> tls) { settings_.tls = std::move(tls); }

 private:
  /// A TLS connection until it can be handed out.
  class Handshake final : public ByteStreamHandler {
   public:
    Handshake(Impl& listener, std::unique_ptr<TlsConnection> connection, const AcceptedInfo& accepted)
        : info(accepted),
          connection_(connection.get()),
          stream(std::make_unique<TcpStream>(std::move(connection))),
          listener_(listener) {}
    void on_open() override {
      info.server_name = connection_->server_name();
      info.peer = connection_->peer_name();
      info.certificate = connection_->peer_certificate();
      listener_.hand_out(*this);
    }
    void on_abort(const StreamEnd& end) override { listener_.drop(*this, end.message); }
    void on_data(Slice /*data*/) override {}
    void on_end() override {}
    void on_writable() override {}
    void on_stop(StreamCode /*code*/) override {}

    AcceptedInfo info;

   private:
    TlsConnection* connection_;

   public:
    std::unique_ptr<TcpStream> stream;
    std::list<Handshake>::iterator place;

   private:
    Impl& listener_;
  };

  void accept_all() {
    count_->waiting = nullptr;
    for (int accepted = 0; accepted < kAcceptsPerTurn; ++accepted) {
      if (count_->open >= settings_.max_connections) {
        ++counters_.paused;
        count_->waiting = this;  // whichever closes next pends this
        return;
      }
      if (!accept_one()) return;
    }
    worker().pend(*this);
  }

  /// False where there is no other to accept now.
  bool accept_one() {
    NativeAddress remote;
    Descriptor fd(::accept4(fd_.get(), remote.get(), &remote.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
      ++counters_.accepted;
      begin(std::move(fd), remote.portable());
      return true;
    }
    if (is_exhausted(errno)) {
      ++counters_.paused;
      retry_.arm(worker().now() + kRetryDelay);
      return false;
    }
    // The others are of a connection that is gone already.
    return errno != EAGAIN && errno != EWOULDBLOCK;
  }

  void begin(Descriptor fd, const SocketAddress& remote) {
    AcceptedInfo info;
    info.local = any_address_ ? bound_address(fd.get()) : address_;
    info.remote = remote;
    info.round_trip = round_trip(fd.get());
    info.tls = settings_.tls != nullptr || settings_.make_tls != nullptr;
    if (info.tls) {
      begin_handshake(std::move(fd), info);
      return;
    }
    auto connection = std::make_unique<TcpConnection>(worker(), std::move(fd), remote, TcpConnection::Phase::open);
    connection->count_in(count_);
    connection->begin(Duration::zero());
    handler_.on_accept(std::make_unique<TcpStream>(std::move(connection)), info);
  }

  void begin_handshake(Descriptor fd, const AcceptedInfo& info) {
    if (!takes_handshake_of(info.remote.ip)) {
      ++counters_.hung_up;
      return;
    }
    auto connection = settings_.make_tls != nullptr
                          ? settings_.make_tls(worker(), std::move(fd), info.remote)
                          : std::make_unique<TlsConnection>(worker(), std::move(fd), info.remote, settings_.tls);
    TlsConnection& begun = *connection;
    connection->count_in(count_);
    Handshake& handshake = handshakes_.emplace_back(*this, std::move(connection), info);
    handshake.place = std::prev(handshakes_.end());
    begun.set_handler(&handshake);
    begun.begin(settings_.handshake_limit);
  }

  [[nodiscard]] bool takes_handshake_of(const IpAddress& ip) const {
    if (handshakes_.size() >= settings_.max_handshakes) return false;
    if (handshakes_.size() < settings_.max_handshakes_per_address) return true;
    const auto same = [&](const Handshake& handshake) { return handshake.info.remote.ip == ip; };
    return std::count_if(handshakes_.begin(), handshakes_.end(), same) <
           static_cast<std::ptrdiff_t>(settings_.max_handshakes_per_address);
  }

  void hand_out(Handshake& handshake) {
    std::unique_ptr<TcpStream> stream = std::move(handshake.stream);
    const AcceptedInfo info = handshake.info;
    stream->set_handler(nullptr);
    handshakes_.erase(handshake.place);
    handler_.on_accept(std::move(stream), info);
  }

  void drop(Handshake& handshake, const std::string& reason) {
    ++counters_.failed_handshakes;
    const SocketAddress remote = handshake.info.remote;
    handshakes_.erase(handshake.place);
    handler_.on_handshake_failed(remote, reason);
  }

  Descriptor fd_;
  ListenSettings settings_;
  SocketAddress address_;
  bool any_address_;
  AcceptHandler& handler_;
  Timer retry_;
  std::shared_ptr<ConnectionCount> count_ = std::make_shared<ConnectionCount>();
  std::list<Handshake> handshakes_;
  ListenerCounters counters_;
};

Result<std::unique_ptr<Listener>> Listener::open(Worker& worker, const ListenSettings& settings,
                                                 AcceptHandler& handler) {
  Result<Descriptor> fd = open_bound_socket(SOCK_STREAM, settings.address, settings.use);
  return fd ? adopt(worker, std::move(*fd), settings, handler) : fd.error();
}

Result<std::unique_ptr<Listener>> Listener::adopt(Worker& worker, Descriptor bound, const ListenSettings& settings,
                                                  AcceptHandler& handler) {
  // Accepted sockets inherit it: no system call for each.
  set_tcp_options(bound.get());
  auto impl = std::make_unique<Impl>(worker, std::move(bound), settings, handler);
  const Status started = impl->start();
  if (!started) return started.error();
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

SocketAddress Listener::address() const { return impl_->address(); }
std::size_t Listener::connections() const { return impl_->connections(); }
const ListenerCounters& Listener::counters() const { return impl_->counters(); }
void Listener::set_tls(std::shared_ptr<const TlsServerContext> tls) { impl_->set_tls(std::move(tls)); }

}  // namespace ringway::net
