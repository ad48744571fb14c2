// Simulated gateways for `./run bench control`: many agents in one process, each with a certificate, a connection and
// reports of its own, and no gateway behind it. Contents count as applied as soon as they are there.
//
//   agents ADDRESS AUTHORITY-DIRECTORY FRONT-ENDS BACK-ENDS
//
// A line for each content that one has in use: "SECONDS ROLE:NAME REVISION TURN", of CLOCK_MONOTONIC. "connected N"
// where all have been connected first.

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/content_taker.h"
#include "agent/manager_connection.h"
#include "base/file.h"
#include "net/manager_dial.h"
#include "net/signals.h"
#include "net/worker.h"
#include "tmp_protocol/identity_files.h"

namespace ringway {
namespace {

class SimulatedAgent final : private agent::ConnectionUser {
 public:
  SimulatedAgent(net::Worker& worker, const SocketAddress& manager, std::shared_ptr<const tmp::Identity> identity,
                 std::size_t& connected)
      : worker_(worker),
        identity_(std::move(identity)),
        connected_(connected),
        connection_(
            worker.loop(), {manager},
            [this](const SocketAddress& address, ByteStreamHandler& handler) {
              return net::dial_manager(worker_, address, *identity_, {}, handler);
            },
            *this),
        report_(worker.loop().timers, [this] { report(); }),
        start_(worker.loop().timers, [this] { connection_.start(); }) {
    // As gateways do that were started over some seconds.
    start_.arm(worker.now() + std::chrono::milliseconds(worker.loop().random.below(5000)));
  }

 private:
  void on_connected(const SocketAddress& /*manager*/) override {
    ++connected_;
    counted_ = true;
    taker_.clear();
    agent::Message hello;
    hello.hello = {"bench", in_use_.mark};
    connection_.send(hello);
    report();
  }

  void on_message(agent::Message message) override {
    if (message.welcome) connection_.settle();
    if (!message.content) return;
    auto taken = taker_.take(std::move(*message.content), in_use_);
    if (!taken) return connection_.hang_up(taken.error().message);
    if (!*taken) return;
    in_use_ = std::move(**taken);
    agent::Message status;
    status.status = {in_use_.mark, agent::Stage::applied, ""};
    connection_.send(status);
    fmt::print("{:.6f} {}:{} {} {}\n", to_seconds(worker_.now().time_since_epoch()),
               tmp::role_name(identity_->self().role), identity_->self().name, in_use_.mark.revision,
               in_use_.mark.turn);
    report();
  }

  void on_lost(const SocketAddress& /*manager*/, const std::string& reason) override {
    if (std::exchange(counted_, false)) --connected_;
    fmt::print(stderr, "{}: {}\n", identity_->self().name, reason);
  }

  void report() {
    report_.arm(worker_.now() + std::chrono::seconds(1));
    agent::Message message;
    agent::Report& told = message.report.emplace();
    told.cpu = 0.2;
    told.memory_octets = 64U << 20;
    told.exchanges = ++count_ * 100;
    for (const auto& [name, text] : in_use_.sections) {
      if (!name.starts_with("sites/")) continue;
      agent::SiteReport site;
      site.name = name.substr(6);
      site.requests = count_ * 10;
      site.rings = {0, 0, count_ * 10, 0, 0};
      if (identity_->self().role == tmp::Role::backend)
        site.origins = {{"127.0.0.1:8000", 3, 64, count_ * 10, 0, true}};
      told.sites.push_back(std::move(site));
    }
    if (identity_->self().role == tmp::Role::frontend) tell_clients(told);
    connection_.send(message);
  }

  /// Each front-end has networks of its own, and hears them in turn.
  void tell_clients(agent::Report& told) const {
    constexpr std::uint64_t kNetworks = 12;
    constexpr std::uint64_t kAtOnce = 3;
    const std::uint64_t first = std::stoull(identity_->self().name.substr(sizeof "pop-" - 1)) * kNetworks;
    for (std::uint64_t i = 0; i < kAtOnce; ++i) {
      const std::uint64_t network = first + (count_ * kAtOnce + i) % kNetworks;
      told.clients.push_back({fmt::format("10.{}.{}.0/24", network / 256, network % 256), 5, 12'000});
    }
  }

  net::Worker& worker_;
  std::shared_ptr<const tmp::Identity> identity_;
  std::size_t& connected_;
  bool counted_ = false;
  agent::Content in_use_;
  agent::ContentTaker taker_;
  agent::ManagerConnection connection_;
  std::uint64_t count_ = 0;
  Timer report_;
  Timer start_;
};

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(1);
}

template <class T>
T checked(Result<T> result) {
  if (!result) fail(result.error().message);
  return std::move(*result);
}

int run(const SocketAddress& manager, const std::string& directory, int frontends, int backends) {
  const auto worker = checked(net::Worker::make(0));
  const tmp::WallTime now = worker->loop().clock.wall();
  const tmp::Authority authority = checked(tmp::open_authority(directory, now)).authority;
  std::size_t connected = 0;
  std::vector<std::unique_ptr<SimulatedAgent>> agents;
  const auto add = [&](tmp::Role role, const std::string& name) {
    const tmp::IdentityPem pem = checked(tmp::make_identity(authority, {role, name}, now));
    agents.push_back(
        std::make_unique<SimulatedAgent>(*worker, manager, checked(tmp::Identity::from_pem(pem)), connected));
  };
  for (int i = 0; i < frontends; ++i) add(tmp::Role::frontend, fmt::format("pop-{}", i));
  for (int i = 0; i < backends; ++i) add(tmp::Role::backend, fmt::format("host-{}", i));
  add(tmp::Role::redirector, "dns-1");
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  bool ended = false;
  const auto signals = checked(net::Signals::open(*worker, {SIGTERM, SIGINT}, [&](int) { ended = true; }));
  worker->run_until([&] { return ended || connected == agents.size(); }, std::chrono::minutes(5));
  fmt::print("connected {}\n", connected);
  worker->run_until([&] { return ended; }, std::chrono::hours(1));
  return 0;
}

}  // namespace
}  // namespace ringway

int main(int count, char** words) {
  if (count != 5) {
    std::fputs("agents ADDRESS AUTHORITY-DIRECTORY FRONT-ENDS BACK-ENDS\n", stderr);
    return 2;
  }
  return ringway::run(ringway::checked(ringway::SocketAddress::parse(words[1])), words[2], std::atoi(words[3]),
                      std::atoi(words[4]));
}
