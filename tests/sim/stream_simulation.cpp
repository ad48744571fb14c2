// Two TMP endpoints, many streams both ways, and a network that does to them whatever the seed says: every octet
// arrives once and in order on its own stream, memory stays in bounds, everything ends, nothing is left over.

#include <fmt/format.h>

#include <algorithm>

#include "base/chunk.h"
#include "tests/sim/machine.h"
#include "tests/sim/simulation.h"
#include "tmp_protocol/endpoint.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kOpenFor = 8s;      // streams are opened in the first part of a run
constexpr Duration kTimeToEnd = 240s;  // everything is over then
constexpr Duration kTimeToIdle = 30s;

/// Draws what a seed stands for.
class Dice {
 public:
  explicit Dice(Random& random) : random_(&random) {}
  bool chance(double share) { return random_->unit() < share; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + random_->below(high - low + 1); }
  Duration duration(Duration low, Duration high) {
    return low +
           Duration(static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>((high - low).count() + 1))));
  }
  double share(double high) { return random_->unit() * high; }
  /// As many small as large: a uniform number of binary digits.
  std::uint64_t size(unsigned max_digits) { return random_->below((1ULL << between(0, max_digits)) + 1); }

 private:
  Random* random_;
};

PathConditions draw_conditions(Dice& dice) {
  PathConditions path;
  path.delay = dice.duration(500us, 80ms);
  if (dice.chance(0.5)) path.jitter = dice.duration(0ms, path.delay);
  if (dice.chance(0.6)) path.loss = dice.share(0.08);
  if (dice.chance(0.3)) path.mean_burst = 1 + dice.share(5);
  if (dice.chance(0.3)) path.copied = dice.share(0.03);
  if (dice.chance(0.3)) path.damaged = dice.share(0.03);
  if (dice.chance(0.3)) path.late = dice.share(0.03);
  if (dice.chance(0.5)) path.octets_per_s = dice.between(100'000, 8'000'000);
  path.queue_octets = dice.between(20'000, 400'000);
  path.mtu_octets = dice.chance(0.3) ? dice.between(1200, 1472) : 1472;
  return path;
}

EndPlan draw_end(Dice& dice) {
  EndPlan plan;
  plan.octets = dice.size(18);
  if (dice.chance(0.1)) plan.abort_after = dice.between(0, plan.octets);
  if (dice.chance(0.1)) plan.read_pause = dice.duration(1ms, 300ms);
  if (dice.chance(0.1)) plan.write_pause = dice.duration(1ms, 100ms);
  return plan;
}

StreamPlan draw_stream(Dice& dice) {
  StreamPlan plan;
  for (EndPlan& end : plan.ends) end = draw_end(dice);
  for (int end = 0; end < 2; ++end) {
    if (dice.chance(0.1)) plan.ends[end].stop_after = dice.between(0, plan.ends[1 - end].octets);
  }
  plan.ring = static_cast<std::uint8_t>(dice.between(0, tmp::kRings - 1));
  plan.connection = static_cast<std::uint32_t>(dice.between(1, 8));
  return plan;
}

/// What is against the streams: whatever a network and machines do, or UDP alone that is blocked again and again,
/// beside carriers that pass.
enum class Troubles : std::uint8_t { all, udp };

class StreamSimulation {
 public:
  StreamSimulation(std::uint64_t seed, Troubles troubles);
  std::string run();
  [[nodiscard]] std::uint64_t trace() const { return network_.trace(); }

 private:
  void plan_streams();
  void plan_troubles();
  void plan_trouble(Time when);
  void block_udp();
  [[nodiscard]] bool lost_with_its_link(std::uint32_t number);
  void open_later(std::uint32_t number, Machine& machine, Duration delay);
  void black_out(Duration duration);
  void set_conditions();
  void heal();
  [[nodiscard]] bool quiet() const;
  [[nodiscard]] std::string check_end();
  [[nodiscard]] std::string state();

  Troubles troubles_;
  Network network_;
  Dice dice_;
  Ledger ledger_;
  std::size_t chunks_before_ = Chunk::alive();
  Machine pop_;
  Machine host_;
  Time troubles_end_{};
};

StreamSimulation::StreamSimulation(std::uint64_t seed, Troubles troubles)
    : troubles_(troubles),
      network_(seed),
      dice_(network_.random()),
      pop_(network_, ledger_, "192.0.2.1:7000", link_settings(tmp::Role::frontend, "pop-1", "host-1")),
      host_(network_, ledger_, "198.51.100.1:7400", link_settings(tmp::Role::backend, "host-1", "pop-1")) {
  pop_.keep_link_to({"host-1", host_.node().address()});
  for (Machine* const machine : {&pop_, &host_}) machine->node().set_takes_carriers(troubles == Troubles::udp);
}

void StreamSimulation::set_conditions() {
  PathConditions out = draw_conditions(dice_);
  PathConditions back = dice_.chance(0.5) ? out : draw_conditions(dice_);
  network_.path(pop_.node().address().ip, host_.node().address().ip) = out;
  network_.path(host_.node().address().ip, pop_.node().address().ip) = back;
}

void StreamSimulation::black_out(Duration duration) {
  const IpAddress pop = pop_.node().address().ip;
  const IpAddress host = host_.node().address().ip;
  network_.path(pop, host).blackout = network_.path(host, pop).blackout = true;
  network_.after(duration,
                 [this, pop, host] { network_.path(pop, host).blackout = network_.path(host, pop).blackout = false; });
  troubles_end_ = std::max(troubles_end_, network_.now() + duration);
}

void StreamSimulation::heal() {
  PathConditions calm;
  calm.delay = 20ms;
  calm.loss = dice_.share(0.02);
  network_.set_path(pop_.node().address().ip, host_.node().address().ip, calm);
}

void StreamSimulation::plan_troubles() {
  troubles_end_ = network_.now() + kOpenFor;
  if (troubles_ == Troubles::udp) return block_udp();
  const std::uint64_t count = dice_.chance(0.5) ? dice_.between(1, 4) : 0;
  for (std::uint64_t i = 0; i < count; ++i) plan_trouble(network_.now() + dice_.duration(500ms, kOpenFor));
}

/// From the start or later, for long or not; and the carriers break now and then.
void StreamSimulation::block_udp() {
  if (dice_.chance(0.5)) network_.at(network_.now(), [this] { black_out(dice_.duration(1s, 20s)); });
  if (dice_.chance(0.7)) {
    network_.after(dice_.duration(1s, kOpenFor), [this] { black_out(dice_.duration(100ms, 40s)); });
  }
  for (std::uint64_t breaks = dice_.between(0, 3); breaks > 0; --breaks) {
    network_.after(dice_.duration(1s, 3 * kOpenFor), [this] { network_.break_carriers(); });
  }
}

void StreamSimulation::plan_trouble(Time when) {
  network_.at(when, [this] {
    switch (dice_.between(0, 6)) {
      case 0: return black_out(dice_.duration(100ms, 3s));
      case 1: return black_out(dice_.duration(11s, 25s));
      case 2:  // the NAT in front of the POP forgets
        return pop_.node().move_to(
            {pop_.node().address().ip, static_cast<std::uint16_t>(dice_.between(20'000, 60'000))});
      case 3: pop_.stop(); return pop_.start();
      case 4: host_.stop(); return host_.start();
      default: return set_conditions();
    }
  });
}

void StreamSimulation::open_later(std::uint32_t number, Machine& machine, Duration delay) {
  network_.after(delay, [this, number, &machine] {
    machine.node().post([this, number, &machine] {
      if (!machine.talker().open(number)) open_later(number, machine, 100ms);
    });
  });
}

void StreamSimulation::plan_streams() {
  const std::uint64_t count = dice_.between(5, 40);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t number = ledger_.add(draw_stream(dice_));
    const bool pop_opens = dice_.chance(0.7) || troubles_ == Troubles::udp;
    open_later(number, pop_opens ? pop_ : host_, dice_.duration(0ms, kOpenFor));
  }
}

/// A link may be lost where only the end that accepted it waits for an answer: the other one, idle, does not know that
/// UDP is blocked. So it makes all the streams here, as front-ends do.
bool StreamSimulation::lost_with_its_link(std::uint32_t number) {
  return ledger_.report(number, 0).heard_abort == StreamCode::link_lost ||
         ledger_.report(number, 1).heard_abort == StreamCode::link_lost;
}

bool StreamSimulation::quiet() const { return !ledger_.fault().empty() || ledger_.all_over(); }

std::string StreamSimulation::state() {
  const auto describe = [](Machine& machine) {
    const tmp::LinkQuality quality = machine.talker().link() ? machine.talker().link()->quality() : tmp::LinkQuality{};
    return fmt::format("[up {} down {} legs {} streams {} last reason '{}' queued {} in flight {} window {} N {}]",
                       machine.talker().ups(), machine.talker().downs(), machine.talker().legs(), machine.streams(),
                       machine.talker().last_reason(), quality.queued_octets, quality.in_flight_octets,
                       quality.window_octets, quality.hosted);
  };
  return fmt::format(" at {:.3f} s: pop {} host {}", to_seconds(network_.now().time_since_epoch()), describe(pop_),
                     describe(host_));
}

std::string StreamSimulation::check_end() {
  for (std::uint32_t number = 0; number < ledger_.size(); ++number) {
    if (const std::string verdict = ledger_.verdict(number); !verdict.empty()) return verdict;
    if (troubles_ == Troubles::udp && lost_with_its_link(number)) return fmt::format("stream {} was lost", number);
  }
  // What the last packets left behind goes away by itself.
  const bool gone = network_.run(kTimeToIdle, [this] { return pop_.streams() + host_.streams() == 0; });
  if (!gone) return "streams are left over";
  // And a link that broke last of all is made again.
  const bool lasting = network_.run(kTimeToIdle, [this] { return pop_.talker().link() && host_.talker().link(); });
  if (!lasting) return "the link did not last";
  return {};
}

std::string StreamSimulation::run() {
  SeededRandom openssl_random(network_.random().next());
  const tmp::OpensslRandom seeded(openssl_random);
  set_conditions();
  plan_streams();
  plan_troubles();
  host_.start();
  pop_.start();
  network_.run_for(troubles_end_ - network_.now());
  network_.run_for(troubles_end_ - network_.now() + 1ms);  // a blackout may have made it later
  heal();
  network_.run(kTimeToEnd, [this] { return quiet(); });
  std::string fault = ledger_.fault();
  if (fault.empty()) fault = check_end();
  if (!fault.empty()) fault += state();
  pop_.stop();
  host_.stop();
  if (fault.empty() && Chunk::alive() != chunks_before_) {
    fault = fmt::format("{} chunks leaked", Chunk::alive() - chunks_before_);
  }
  return fault;
}

}  // namespace

namespace {

std::string simulate(std::uint64_t seed, Troubles troubles) {
  StreamSimulation simulation(seed, troubles);
  std::string fault = simulation.run();
  // Now and then the whole once more: what a seed stands for must not depend on anything else.
  if (!fault.empty() || seed % 25 != 0) return fault;
  StreamSimulation again(seed, troubles);
  fault = again.run();
  if (fault.empty() && again.trace() != simulation.trace()) fault = "the same seed gave another run";
  return fault;
}

}  // namespace

std::string simulate_streams(std::uint64_t seed) { return simulate(seed, Troubles::all); }

std::string simulate_fallback(std::uint64_t seed) { return simulate(seed, Troubles::udp); }

}  // namespace ringway::sim
