#include "cli/dns/health_probe.h"

#include <netinet/in.h>
#include <poll.h>

#include <cerrno>
#include <utility>

#include "net/descriptor.h"

namespace ringway::cli {

namespace {

/// What a connection that could not even begin says of the other side. All else is this host's own: no descriptors, no
/// ports, no route, a firewall.
bool is_the_others(int error) { return error == ECONNREFUSED || error == ECONNRESET || error == ECONNABORTED; }

int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

class HealthProbe::Attempt final : public net::Source {
 public:
  Attempt(net::Worker& worker, HealthProbe& probe, const SocketAddress& address)
      : Source(worker), probe_(probe), address_(address) {}

  void begin();
  void on_ready(std::uint32_t events) override;
  /// Asks the socket itself what has become of it.
  void ask();

  [[nodiscard]] bool under_way() const { return fd_.valid(); }
  [[nodiscard]] const SocketAddress& address() const { return address_; }

 private:
  /// The error of a connection that cannot begin; 0: it is under way.
  int connect();
  void end(int error, Look look) {
    fd_.close();
    probe_.end_attempt(address_, error, look);
  }

  HealthProbe& probe_;
  SocketAddress address_;
  net::Descriptor fd_;
};

void HealthProbe::Attempt::begin() {
  if (const int error = connect()) end(error, is_the_others(error) ? Look::failed : Look::not_made);
}

int HealthProbe::Attempt::connect() {
  const net::NativeAddress native(address_);
  fd_ = net::Descriptor(::socket(native.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_.valid()) return errno;
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  if (::connect(fd_.get(), native.get(), native.size) != 0 && errno != EINPROGRESS) return errno;
  return worker().watch(fd_.get(), EPOLLOUT, *this) ? 0 : ENOMEM;
}

void HealthProbe::Attempt::on_ready(std::uint32_t events) {
  if (!fd_.valid()) return;
  const int error = pending_error(fd_.get());
  if (error != 0) return end(error, Look::failed);
  if ((events & EPOLLOUT) != 0) end(0, Look::answered);
}

void HealthProbe::Attempt::ask() {
  pollfd state{fd_.get(), POLLOUT, 0};
  if (::poll(&state, 1, 0) > 0) on_ready(static_cast<std::uint32_t>(state.revents));
}

HealthProbe::HealthProbe(net::Worker& worker, const std::vector<SocketAddress>& addresses, Done done)
    : worker_(worker),
      done_(std::move(done)),
      pending_(addresses.size()),
      limit_(worker.loop().timers, [this] { give_up(); }) {
  attempts_.reserve(addresses.size());
  for (const SocketAddress& address : addresses) attempts_.push_back(std::make_unique<Attempt>(worker, *this, address));
}

HealthProbe::~HealthProbe() = default;

void HealthProbe::begin(Duration limit) {
  limit_.arm(worker_.now() + limit);
  for (const auto& attempt : attempts_) {
    if (done_) attempt->begin();
  }
}

void HealthProbe::end_attempt(const SocketAddress& address, int error, Look look) {
  --pending_;
  if (look == Look::answered) return finish(look, "");
  (look == Look::failed ? failure_ : own_lack_) = net::describe_failure("connect to", address, error);
  if (pending_ > 0) return;
  if (failure_.empty()) return finish(Look::not_made, std::move(own_lack_));
  finish(Look::failed, std::move(failure_));
}

/// Where this process slept (SIGSTOP, a machine that was moved), the time may be over before answers were looked for.
void HealthProbe::give_up() {
  for (const auto& attempt : attempts_) {
    if (attempt->under_way()) attempt->ask();
  }
  for (const auto& attempt : attempts_) {
    if (attempt->under_way()) failure_ = net::describe_failure("connect to", attempt->address(), ETIMEDOUT);
  }
  finish(Look::failed, std::move(failure_));
}

void HealthProbe::finish(Look look, std::string reason) {
  if (!done_) return;
  limit_.cancel();
  std::exchange(done_, nullptr)({look, std::move(reason)});
}

}  // namespace ringway::cli
