// A far and bad network between two gateways: passes datagrams on later, or not at all, or damaged.
//
//   udp_relay LISTEN_PORT TARGET_PORT [NAME VALUE]…     both on 127.0.0.1, or on ::1 with `v6 1`
//
// NAME is delay_ms (one way), loss_percent, copy_percent, damage_percent, rate_mbit (each way; 0: no limit) or cut
// (1: nothing passes), and may be set again while it runs by lines "NAME VALUE" on the standard input. The line "stats"
// is answered with the datagrams taken, passed, lost, copied and damaged; the input's end ends the program.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::size_t kMaxDatagramOctets = 65536;
constexpr std::size_t kMaxClients = 64;
constexpr int kMaxBatch = 256;
/// What a rate limit lets wait before it drops, as time at that rate.
constexpr std::chrono::milliseconds kMaxQueue{200};

struct Quality {
  double delay_ms = 0;
  double loss_percent = 0;
  double copy_percent = 0;
  double damage_percent = 0;
  double rate_mbit = 0;
  double cut = 0;
  double v6 = 0;

  double* find(const std::string& name) {
    const std::map<std::string, double*> all = {{"delay_ms", &delay_ms},
                                                {"loss_percent", &loss_percent},
                                                {"copy_percent", &copy_percent},
                                                {"damage_percent", &damage_percent},
                                                {"rate_mbit", &rate_mbit},
                                                {"cut", &cut},
                                                {"v6", &v6}};
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second;
  }
};

struct Stats {
  std::uint64_t taken = 0, passed = 0, lost = 0, copied = 0, damaged = 0;
};

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;

  static Endpoint loopback(std::uint16_t port, bool v6) {
    Endpoint endpoint;
    if (v6) {
      auto* in6 = reinterpret_cast<sockaddr_in6*>(&endpoint.address);
      in6->sin6_family = AF_INET6;
      in6->sin6_port = htons(port);
      in6->sin6_addr = in6addr_loopback;
      endpoint.size = sizeof *in6;
    } else {
      auto* in = reinterpret_cast<sockaddr_in*>(&endpoint.address);
      in->sin_family = AF_INET;
      in->sin_port = htons(port);
      in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      endpoint.size = sizeof *in;
    }
    return endpoint;
  }

  [[nodiscard]] std::string key() const { return {reinterpret_cast<const char*>(&address), size}; }
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int open_socket(const Endpoint& local) {
  const int fd = socket(local.address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int size = 8 << 20;
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&local.address), local.size) < 0) fail("bind");
  return fd;
}

/// One direction of one client's way: datagrams that wait for their time.
class Way {
 public:
  Way(Quality& quality, Stats& stats, std::mt19937_64& random) : quality_(quality), stats_(stats), random_(random) {}

  void take(std::span<const char> datagram, Time now) {
    ++stats_.taken;
    if (quality_.cut > 0 || chance(quality_.loss_percent) || !reserve_rate(datagram.size(), now)) {
      ++stats_.lost;
      return;
    }
    const Time due = std::max(now, free_at_) + std::chrono::microseconds(static_cast<long>(quality_.delay_ms * 1000));
    waiting_.push_back({due, std::string(datagram.data(), datagram.size())});
    if (chance(quality_.damage_percent)) damage(waiting_.back().octets);
    if (chance(quality_.copy_percent)) {
      ++stats_.copied;
      waiting_.push_back(waiting_.back());
    }
  }

  void send_due(int fd, const Endpoint& to, Time now) {
    while (!waiting_.empty() && waiting_.front().due <= now) {
      const std::string& octets = waiting_.front().octets;
      const ssize_t sent =
          sendto(fd, octets.data(), octets.size(), 0, reinterpret_cast<const sockaddr*>(&to.address), to.size);
      if (sent < 0 && errno == EAGAIN) return;
      ++stats_.passed;
      waiting_.pop_front();
    }
  }

  [[nodiscard]] Time next_due() const { return waiting_.empty() ? Time::max() : waiting_.front().due; }

 private:
  struct Datagram {
    Time due;
    std::string octets;
  };

  bool chance(double percent) { return percent > 0 && std::uniform_real_distribution<>(0, 100)(random_) < percent; }

  bool reserve_rate(std::size_t octets, Time now) {
    if (quality_.rate_mbit <= 0) return true;
    free_at_ = std::max(free_at_, now);
    if (free_at_ - now > kMaxQueue) return false;
    free_at_ += std::chrono::nanoseconds(static_cast<long>(static_cast<double>(octets) * 8000 / quality_.rate_mbit));
    return true;
  }

  void damage(std::string& octets) {
    ++stats_.damaged;
    if (octets.empty()) return;
    const std::size_t at = random_() % octets.size();
    if (random_() % 2 == 0) {
      octets.resize(at);
    } else {
      octets[at] = static_cast<char>(octets[at] ^ (1 << random_() % 8));
    }
  }

  Quality& quality_;
  Stats& stats_;
  std::mt19937_64& random_;
  std::deque<Datagram> waiting_;
  Time free_at_{};
};

/// One peer on the listening side, with a socket of its own towards the target.
struct Client {
  Client(const Endpoint& from, int socket, Quality& quality, Stats& stats, std::mt19937_64& random)
      : address(from), fd(socket), there(quality, stats, random), back(quality, stats, random) {}
  Endpoint address;
  int fd;
  Way there, back;
};

class Relay {
 public:
  Relay(std::uint16_t listen_port, std::uint16_t target_port, Quality quality)
      : quality_(quality),
        v6_(quality.v6 > 0),
        listener_(open_socket(Endpoint::loopback(listen_port, v6_))),
        target_(Endpoint::loopback(target_port, v6_)) {}

  void run() {
    while (!input_ended_) {
      wait();
      const Time now = Clock::now();
      take_from_clients(now);
      for (const auto& client : clients_) {
        take_from_target(*client, now);
        client->there.send_due(client->fd, target_, now);
        client->back.send_due(listener_, client->address, now);
      }
    }
  }

 private:
  void wait() {
    std::vector<pollfd> fds = {{STDIN_FILENO, POLLIN, 0}, {listener_, POLLIN, 0}};
    Time due = Time::max();
    for (const auto& client : clients_) {
      fds.push_back({client->fd, POLLIN, 0});
      due = std::min({due, client->there.next_due(), client->back.next_due()});
    }
    const auto left =
        due == Time::max() ? std::chrono::seconds(1) : std::max(due - Clock::now(), Clock::duration::zero());
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    if (ppoll(fds.data(), fds.size(), &timeout, nullptr) > 0 && fds[0].revents != 0) read_commands();
  }

  void read_commands() {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
    input_ended_ = count <= 0;
    input_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (std::size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      obey(input_.substr(0, end));
      input_.erase(0, end + 1);
    }
  }

  void obey(const std::string& line) {
    std::istringstream words(line);
    std::string name;
    double value = 0;
    words >> name >> value;
    if (double* setting = quality_.find(name)) {
      *setting = value;
      std::cout << "ok" << std::endl;
    } else {
      std::cout << stats_.taken << ' ' << stats_.passed << ' ' << stats_.lost << ' ' << stats_.copied << ' '
                << stats_.damaged << std::endl;
    }
  }

  void take_from_clients(Time now) {
    for (int count = 0; count < kMaxBatch; ++count) {
      Endpoint from;
      from.size = sizeof from.address;
      const ssize_t size = recvfrom(listener_, buffer_.data(), buffer_.size(), 0,
                                    reinterpret_cast<sockaddr*>(&from.address), &from.size);
      if (size < 0) return;
      if (Client* client = client_at(from)) client->there.take({buffer_.data(), static_cast<std::size_t>(size)}, now);
    }
  }

  void take_from_target(Client& client, Time now) {
    for (int count = 0; count < kMaxBatch; ++count) {
      const ssize_t size = recv(client.fd, buffer_.data(), buffer_.size(), 0);
      if (size < 0) return;
      client.back.take({buffer_.data(), static_cast<std::size_t>(size)}, now);
    }
  }

  Client* client_at(const Endpoint& from) {
    Client*& client = by_address_[from.key()];
    if (client == nullptr && clients_.size() < kMaxClients) {
      const int fd = open_socket(Endpoint::loopback(0, v6_));
      clients_.push_back(std::make_unique<Client>(from, fd, quality_, stats_, random_));
      client = clients_.back().get();
    }
    return client;
  }

  Quality quality_;
  bool v6_;
  int listener_;
  Endpoint target_;
  Stats stats_;
  std::mt19937_64 random_{std::random_device{}()};
  std::vector<std::unique_ptr<Client>> clients_;
  std::map<std::string, Client*> by_address_;
  std::vector<char> buffer_ = std::vector<char>(kMaxDatagramOctets);
  std::string input_;
  bool input_ended_ = false;
};

std::uint16_t port_of(const char* text) { return static_cast<std::uint16_t>(std::strtoul(text, nullptr, 10)); }

}  // namespace

int main(int argc, char** argv) {
  Quality quality;
  if (argc < 3 || argc % 2 == 0) {
    std::cerr << "usage: udp_relay LISTEN_PORT TARGET_PORT [NAME VALUE]...\n";
    return 2;
  }
  for (int index = 3; index < argc; index += 2) {
    double* setting = quality.find(argv[index]);
    if (setting == nullptr) {
      std::cerr << "udp_relay: no setting '" << argv[index] << "'\n";
      return 2;
    }
    *setting = std::strtod(argv[index + 1], nullptr);
  }
  Relay relay(port_of(argv[1]), port_of(argv[2]), quality);
  std::cout << "ready" << std::endl;
  relay.run();
  return 0;
}
