#include "cli/dns/health_watch.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::cli {

namespace {

using dns::steering::Frontend;
using dns::steering::Votes;

/// How often it is looked whose turn has come.
constexpr Duration kLookAround = std::chrono::milliseconds(100);
/// A look comes so much earlier or later, of the time between two.
constexpr double kJitter = 0.1;

Duration part_of(Duration time, double part) { return std::chrono::duration_cast<Duration>(time * part); }

/// None of a back-end: what its clients connect to is not what a front-end's do.
std::vector<SocketAddress> addresses_of(const Frontend& frontend, std::uint32_t port) {
  std::vector<SocketAddress> addresses;
  if (frontend.is_backend()) return addresses;
  addresses.reserve(frontend.v4.size() + frontend.v6.size());
  for (const auto* const family : {&frontend.v4, &frontend.v6}) {
    for (const IpAddress& ip : *family) addresses.push_back({ip, static_cast<std::uint16_t>(port)});
  }
  return addresses;
}

}  // namespace

struct HealthWatch::Target {
  std::string name;
  std::vector<SocketAddress> addresses;
  Opinion opinion;
  Time due = kNever;
  std::unique_ptr<HealthProbe> probe;  // null: none is under way
};

HealthWatch::Figures::Figures(Metrics& metrics)
    : answered(metrics.counter("ringway_dns_checks_total", "Own looks at front-ends, by what came of them.",
                               {{"result", "answered"}})),
      failed(metrics.counter("ringway_dns_checks_total", "", {{"result", "failed"}})),
      not_made(metrics.counter("ringway_dns_checks_total", "", {{"result", "not made"}})) {}

HealthWatch::HealthWatch(net::Worker& worker, Log& log, Metrics& metrics)
    : worker_(worker), log_(log), figures_(metrics), timer_(worker.loop().timers, [this] { look_around(); }) {}

HealthWatch::~HealthWatch() = default;

void HealthWatch::presume(const dns::steering::SteeringTable& table) {
  const auto& levels = table.levels().frontends;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    presumed_.insert_or_assign(table.atlas().frontends[i].name, Opinion(levels[i].ill_rank == 0, worker_.now()));
  }
}

void HealthWatch::follow(const dns::steering::SharedAtlas& atlas, const dns::HealthCheckSettings& settings) {
  if (atlas == atlas_ && settings == settings_) return;
  atlas_ = atlas;
  settings_ = settings;
  std::unordered_map<std::string, std::unique_ptr<Target>> known;
  for (auto& target : targets_) known.emplace(target->name, std::move(target));
  targets_.clear();
  targets_.reserve(atlas->frontends.size());
  under_way_ = 0;
  for (const Frontend& frontend : atlas->frontends) {
    targets_.push_back(target_of(frontend, known[frontend.name]));
    if (targets_.back()->probe != nullptr) under_way_ += targets_.back()->addresses.size();
  }
  presumed_.clear();
  next_ = 0;
  timer_.arm(worker_.now());
}

/// As it was where it is still the same: its next look does not wait for longer than it would have.
std::unique_ptr<HealthWatch::Target> HealthWatch::target_of(const Frontend& frontend, std::unique_ptr<Target>& known) {
  auto target = std::make_unique<Target>();
  target->name = frontend.name;
  target->addresses = addresses_of(frontend, settings_.port);
  if (const auto presumed = presumed_.find(frontend.name); presumed != presumed_.end())
    target->opinion = presumed->second;
  if (known != nullptr && known->addresses == target->addresses) target = std::move(known);
  target->due = std::min(target->due, worker_.now() + part_of(pause(*target), worker_.loop().random.unit()));
  return target;
}

/// Between two looks; short while nothing is known.
Duration HealthWatch::pause(const Target& target) const {
  return target.opinion.well() ? settings_.every : std::min<Duration>(settings_.every, limits::kMinCheckInterval);
}

void HealthWatch::rest() {
  atlas_.reset();
  presumed_.clear();
  targets_.clear();
  under_way_ = 0;
  timer_.cancel();
}

/// Goes on where the last round had no more room, so that everybody has a turn.
void HealthWatch::look_around() {
  timer_.arm(worker_.now() + kLookAround);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    Target& target = *targets_[next_];
    if (target.probe == nullptr && target.due <= worker_.now() && !target.addresses.empty()) {
      if (under_way_ + target.addresses.size() > limits::kMaxChecksUnderWay) return;
      look_at(target);
    }
    next_ = (next_ + 1) % targets_.size();
  }
}

void HealthWatch::look_at(Target& target) {
  const double jitter = kJitter * (2 * worker_.loop().random.unit() - 1);
  target.due = worker_.now() + part_of(pause(target), 1 + jitter);
  under_way_ += target.addresses.size();
  target.probe = std::make_unique<HealthProbe>(
      worker_, target.addresses, [this, &target](const HealthProbe::Outcome& outcome) { take(target, outcome); });
  target.probe->begin(settings_.timeout);
}

void HealthWatch::take(Target& target, const HealthProbe::Outcome& outcome) {
  under_way_ -= target.addresses.size();
  worker_.loop().deferred.destroy(std::move(target.probe));
  count(target, outcome);
  if (!target.opinion.add(outcome.look, worker_.now())) return;
  if (outcome.look == Look::answered) {
    log_.info("a front-end answers again", {{"frontend", target.name}});
  } else {
    log_.warning("a front-end does not answer", {{"frontend", target.name}, {"reason", outcome.reason}});
  }
}

void HealthWatch::count(const Target& target, const HealthProbe::Outcome& outcome) {
  if (outcome.look == Look::answered) return figures_.answered.add();
  if (outcome.look == Look::failed) return figures_.failed.add();
  figures_.not_made.add();
  log_.limited("check", LogLevel::warning, "a front-end cannot be looked at",
               {{"frontend", target.name}, {"reason", outcome.reason}});
}

std::vector<Votes> HealthWatch::votes() const {
  std::vector<Votes> votes;
  votes.reserve(targets_.size());
  for (const auto& target : targets_) votes.push_back(target->opinion.votes(worker_.now()));
  return votes;
}

void HealthWatch::collect(Metrics& metrics) const {
  for (const auto& target : targets_) {
    const Votes votes = target->opinion.votes(worker_.now());
    if (votes.well + votes.ill == 0) continue;
    metrics
        .gauge("ringway_dns_frontend_up", "Whether a front-end answers this redirector.", {{"frontend", target->name}})
        .set(votes.well);
  }
}

}  // namespace ringway::cli
