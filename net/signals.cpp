#include "net/signals.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace ringway::net {

class Signals::Impl final : public Source {
 public:
  Impl(Worker& worker, Descriptor fd, std::function<void(int)> callback)
      : Source(worker), fd_(std::move(fd)), callback_(std::move(callback)) {}

  Status start() { return worker().watch(fd_.get(), EPOLLIN, *this); }

  void on_ready(std::uint32_t /*events*/) override {
    signalfd_siginfo info{};
    while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      callback_(static_cast<int>(info.ssi_signo));
    }
  }

 private:
  Descriptor fd_;
  std::function<void(int)> callback_;
};

Result<std::unique_ptr<Signals>> Signals::open(Worker& worker, std::initializer_list<int> signals,
                                               std::function<void(int)> callback) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  const int blocked = ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (blocked != 0) return internal_error(fmt::format("block signals: {}", std::strerror(blocked)));
  // Who writes to a closed connection, or more than it may to a file, is told by the call's error.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  Descriptor fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd.valid()) return internal_error(fmt::format("listen to signals: {}", std::strerror(errno)));
  auto impl = std::make_unique<Impl>(worker, std::move(fd), std::move(callback));
  const Status started = impl->start();
  if (!started) return started.error();
  return std::unique_ptr<Signals>(new Signals(std::move(impl)));
}

Signals::Signals(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Signals::~Signals() = default;

}  // namespace ringway::net
