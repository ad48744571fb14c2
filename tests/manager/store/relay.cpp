#include "tests/manager/store/relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace ringway::manager::testing {

namespace {

sockaddr_un address_in(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/.s.PGSQL.5432";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace

Relay::Relay(const std::string& to) : to_(to), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un address = address_in(folder_.path());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  if (::listen(listener_, 16) != 0) std::abort();
  acceptor_ = std::thread([this] { accept_all(); });
}

Relay::~Relay() {
  ended_ = true;
  acceptor_.join();
  for (std::thread& pump : pumps_) pump.join();
  ::close(listener_);
}

void Relay::accept_all() {
  while (!ended_) {
    pollfd waited{listener_, POLLIN, 0};
    if (::poll(&waited, 1, 5) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) pumps_.emplace_back([this, client] { pump(client); });
  }
}

void Relay::pump(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_in(to_);
  bool open = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  while (open && !ended_) {
    pollfd waited[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (silent_) {
      ::usleep(2000);
      continue;
    }
    if (::poll(waited, 2, 5) <= 0) continue;
    if (waited[0].revents != 0) open = hand_on(client, server, questions_left_);
    if (open && waited[1].revents != 0) open = hand_on(server, client, answers_left_);
  }
  ::close(server);
  ::close(client);
}

bool Relay::hand_on(int from, int to, std::atomic<int>& left) {
  char octets[65536];
  const ssize_t count = ::read(from, octets, sizeof octets);
  if (count <= 0) return false;
  if (left > 0 && --left == 0) return false;
  return ::send(to, octets, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

}  // namespace ringway::manager::testing
