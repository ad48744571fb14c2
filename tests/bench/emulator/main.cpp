// An emulated path between two network namespaces:
//
//   wan_emulator tun NEAR FAR DEVICE                    makes the TUN device in both namespaces
//   wan_emulator veth NEAR FAR DEVICE OUTSIDE MAC MAC   takes veth devices of that name; their outer ends are called
//   "near"
//                                                       and "far" in namespace OUTSIDE, MACs are those of the inner
//                                                       ends
//
// carries packets from either to the other; namespaces are given as files. "there" is the direction from NEAR to FAR,
// "back" the other. Lines on the standard input, each answered with one line of JSON:
//
//   set there|back|both NAME VALUE …    settings of Quality (direction.h), at once
//   stats                               the counters of both directions
//   reset                               the counters begin anew
//   seed NUMBER                         what is lost from now on follows from this number
//
// It ends with its input or its parent.

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"
#include "tests/bench/emulator/direction.h"
#include "tests/bench/emulator/port.h"

namespace ringway::wan {

namespace {

/// Packets taken from one device before the other has its turn.
constexpr int kMaxBatch = 256;
/// How exact the path's times are when much passes.
constexpr Duration kLeastTurn = std::chrono::microseconds(50);

Time now() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

std::chrono::steady_clock::time_point as_system(Time time) {
  return std::chrono::steady_clock::time_point(time.time_since_epoch());
}

/// In milliseconds: the wait that the given share of the packets did not exceed.
double wait_quantile(const Counters& counters, double share) {
  std::uint64_t all = 0;
  for (const std::uint64_t count : counters.waits) all += count;
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counters.waits.size(); ++bucket) {
    seen += counters.waits[bucket];
    if (static_cast<double>(seen) >= share * static_cast<double>(all)) return static_cast<double>(bucket);
  }
  return 0;
}

std::string as_json(const Counters& counters) {
  return fmt::format(
      R"({{"offered_packets":{},"offered_octets":{},"refused_packets":{},"oversize_packets":{},"queue_drops":{},)"
      R"("lost_packets":{},"delivered_packets":{},"delivered_octets":{},"small_packets":{},)"
      R"("wait_p50_ms":{},"wait_p95_ms":{},"wait_p99_ms":{}}})",
      counters.offered_packets, counters.offered_octets, counters.refused_packets, counters.oversize_packets,
      counters.queue_drops, counters.lost_packets, counters.delivered_packets, counters.delivered_octets,
      counters.small_packets, wait_quantile(counters, 0.5), wait_quantile(counters, 0.95),
      wait_quantile(counters, 0.99));
}

/// Two devices and what lies between them.
class Path {
 public:
  Path(std::unique_ptr<Port> near, std::unique_ptr<Port> far) : near_(std::move(near)), far_(std::move(far)) {}

  void run() {
    while (!input_ended_) {
      wait();
      deliver(there_, *far_);
      deliver(back_, *near_);
    }
  }

 private:
  /// Until something comes or is due, but not so soon after the last time that a busy path spends its time on waking.
  void wait() {
    if (now() < woken_ + kLeastTurn) std::this_thread::sleep_until(as_system(woken_ + kLeastTurn));
    const Duration left = std::min(there_.next_due(), back_.next_due()) - now();
    const auto nanoseconds = std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000);
    const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    std::array<pollfd, 3> fds{{{STDIN_FILENO, POLLIN, 0}, {near_->fd(), POLLIN, 0}, {far_->fd(), POLLIN, 0}}};
    const int ready = ::ppoll(fds.data(), fds.size(), &timeout, nullptr);
    woken_ = now();
    if (ready <= 0) return;
    if (fds[0].revents != 0) read_commands();
    if (fds[1].revents != 0) carry(*near_, there_);
    if (fds[2].revents != 0) carry(*far_, back_);
  }

  static void carry(Port& from, Direction& direction) {
    for (int count = 0; count < kMaxBatch; ++count) {
      const Bytes packet = from.read();
      if (packet.empty()) return;
      direction.take(packet, now());
    }
  }

  static void deliver(Direction& direction, Port& to) {
    const Time until = now();
    for (Bytes packet = direction.next_out(until); !packet.empty(); packet = direction.next_out(until))
      to.write(packet);
  }

  void read_commands() {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    input_ended_ = count <= 0;
    input_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (std::size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      fmt::print("{}\n", obey(input_.substr(0, end)));
      std::fflush(stdout);
      input_.erase(0, end + 1);
    }
  }

  std::string obey(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "set") return set(words);
    if (verb == "seed") return seed(words);
    if (verb == "reset") {
      there_.reset_counters();
      back_.reset_counters();
      return "{}";
    }
    return fmt::format(R"({{"there":{},"back":{}}})", as_json(there_.counters()), as_json(back_.counters()));
  }

  std::string seed(std::istringstream& words) {
    std::uint64_t number = 0;
    words >> number;
    there_.seed(2 * number);
    back_.seed(2 * number + 1);
    return "{}";
  }

  std::string set(std::istringstream& words) {
    std::string which, name;
    double value = 0;
    words >> which;
    while (words >> name >> value) {
      const bool known = (which == "back" || there_.set(name, value)) && (which == "there" || back_.set(name, value));
      if (!known) return fmt::format(R"({{"error":"no setting {}"}})", name);
    }
    return "{}";
  }

  std::unique_ptr<Port> near_, far_;
  Direction there_, back_;
  Time woken_{};
  std::string input_;
  bool input_ended_ = false;
};

/// As the command line says; none where it says nothing of use.
std::unique_ptr<Path> make_path(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[0] == "tun") {
    return std::make_unique<Path>(std::make_unique<Tun>(words[1], words[3]), std::make_unique<Tun>(words[2], words[3]));
  }
  if (words.size() != 7 || words[0] != "veth") return nullptr;
  switch_offloads_off(words[1], words[3]);
  switch_offloads_off(words[2], words[3]);
  return std::make_unique<Path>(std::make_unique<Veth>(words[4], "near", words[5]),
                                std::make_unique<Veth>(words[4], "far", words[6]));
}

/// The path may not wait for a core that the measured programs use; without the right to, it does.
void become_prompt() {
  const sched_param first{1};
  ::sched_setscheduler(0, SCHED_FIFO, &first);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
}

}  // namespace

}  // namespace ringway::wan

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto path = ringway::wan::make_path({argv + 1, argv + argc});
  if (!path) {
    fmt::print(stderr, "usage: wan_emulator tun NEAR FAR DEVICE | veth NEAR FAR DEVICE OUTSIDE MAC MAC\n");
    return 2;
  }
  ringway::wan::become_prompt();
  fmt::print("{{}}\n");
  std::fflush(stdout);
  path->run();
  return 0;
}
