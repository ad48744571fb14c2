#include "tests/sim/network.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ringway::sim {

using namespace std::chrono_literals;

namespace {

/// More turns than this without time passing are a loop that never sleeps.
constexpr std::size_t kMaxTurnsAtOnce = 10000;
constexpr std::size_t kSinkPackets = 64;

}  // namespace

std::chrono::system_clock::time_point VirtualClock::wall() const {
  const auto start = std::chrono::system_clock::time_point(std::chrono::seconds(1'790'000'000));
  return start + std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch());
}

void Network::at(Time when, std::function<void()> event) {
  events_.push({std::max(when, now()), next_order_++, std::move(event)});
}

bool Network::run(Duration limit, const std::function<bool()>& done) {
  const Time end = now() + limit;
  while (!done()) {
    if (events_.empty() || events_.top().when > end) {
      clock_.set(end);
      return done();
    }
    clock_.set(events_.top().when);
    const std::function<void()> happen = std::move(const_cast<Event&>(events_.top()).happen);
    events_.pop();
    happen();
  }
  return true;
}

void Network::set_path(const IpAddress& one, const IpAddress& other, const PathConditions& conditions) {
  path(one, other) = conditions;
  path(other, one) = conditions;
}

void Network::send(const SocketAddress& from, const SocketAddress& to, Bytes datagram) {
  note(to, datagram);
  Path& path = paths_[{from.ip, to.ip}];
  ++path.counters.sent;
  path.counters.sent_octets += datagram.size();
  Duration waiting{};
  if (datagram.size() > path.conditions.mtu_octets) {
    ++path.counters.too_large;
  } else if (loses(path)) {
    ++path.counters.lost;
  } else if (!queue_takes(path, datagram.size(), waiting)) {
    ++path.counters.overflowed;
  } else {
    deliver_later(path, waiting, from, to, datagram);
    if (random_.unit() < path.conditions.copied) deliver_later(path, waiting, from, to, datagram);
  }
}

bool Network::loses(Path& path) {
  const PathConditions& conditions = path.conditions;
  if (conditions.blackout) return true;
  // Gilbert's model: bursts of the wanted mean length, as often as gives the wanted share.
  const double draw = random_.unit();
  if (path.losing) {
    path.losing = draw < 1 - 1 / conditions.mean_burst;
  } else {
    path.losing = draw < conditions.loss / (conditions.mean_burst * std::max(1e-9, 1 - conditions.loss));
  }
  return path.losing;
}

bool Network::queue_takes(Path& path, std::size_t octets, Duration& waiting) {
  const PathConditions& conditions = path.conditions;
  if (conditions.octets_per_s == 0) return true;
  const double rate = static_cast<double>(conditions.octets_per_s);
  path.free_at = std::max(path.free_at, now());
  const double queued = to_seconds(path.free_at - now()) * rate;
  if (queued + static_cast<double>(octets) > static_cast<double>(conditions.queue_octets)) return false;
  path.free_at += from_seconds(static_cast<double>(octets) / rate);
  waiting = path.free_at - now();
  return true;
}

void Network::deliver_later(Path& path, Duration waiting, const SocketAddress& from, const SocketAddress& to,
                            Bytes datagram) {
  const PathConditions& conditions = path.conditions;
  Duration delay = waiting + conditions.delay;
  delay += from_seconds(random_.unit() * to_seconds(conditions.jitter));
  if (random_.unit() < conditions.late) delay += conditions.delay * static_cast<std::int64_t>(1 + random_.below(4));
  std::vector<std::uint8_t> octets(datagram.begin(), datagram.end());
  if (random_.unit() < conditions.damaged) damage(octets);
  Path* const counted = &path;
  at(now() + delay, [this, counted, from, to, octets = std::move(octets)]() mutable {
    const auto node = nodes_.find(to);
    if (node == nodes_.end()) return;
    ++counted->counters.delivered;
    counted->counters.delivered_octets += octets.size();
    node->second->take(from, std::move(octets));
  });
}

void Network::damage(std::vector<std::uint8_t>& datagram) {
  if (datagram.empty()) return;
  if (random_.below(4) == 0) {
    datagram.resize(random_.below(datagram.size()));
  } else {
    datagram[random_.below(datagram.size())] ^= static_cast<std::uint8_t>(1U << random_.below(8));
  }
}

void Network::note(const SocketAddress& to, Bytes datagram) {
  const auto mix = [this](std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001b3ULL; };
  mix(static_cast<std::uint64_t>(now().time_since_epoch().count()));
  mix(std::hash<SocketAddress>{}(to));
  for (const std::uint8_t octet : datagram) mix(octet);
}

class Node::Sink final : public tmp::PacketSink {
 public:
  explicit Sink(Node& node) : node_(&node) {}
  MutableBytes reserve(std::size_t octets) override {
    if (packets_ == kSinkPackets || octets > buffer_.size()) return {};
    return MutableBytes(buffer_).first(octets);
  }
  void commit(const SocketAddress& remote, std::size_t octets) override {
    ++packets_;
    node_->network_->send(node_->address_, remote, Bytes(buffer_).first(octets));
  }

 private:
  Node* node_;
  std::size_t packets_ = 0;
  std::array<std::uint8_t, 2048> buffer_{};
};

Node::Node(Network& network, const SocketAddress& address)
    : network_(&network), address_(address), random_(network.random().next()) {
  network_->nodes_[address_] = this;
}

Node::~Node() {
  *alive_ = false;
  network_->nodes_.erase(address_);
}

void Node::attach(tmp::Endpoint* endpoint) {
  endpoint_ = endpoint;
  arrivals_.clear();
  wake();
}

void Node::move_to(const SocketAddress& address) {
  network_->nodes_.erase(address_);
  address_ = address;
  network_->nodes_[address_] = this;
}

void Node::wake() {
  if (turn_at_ <= network_->now()) return;
  turn_at_ = network_->now();
  network_->at(turn_at_, [this, alive = alive_] {
    if (*alive) turn();
  });
}

void Node::post(std::function<void()> work) {
  posted_.push_back(std::move(work));
  wake();
}

void Node::take(const SocketAddress& from, std::vector<std::uint8_t> datagram) {
  arrivals_.push_back({from, std::move(datagram)});
  wake();
}

void Node::turn() {
  turn_at_ = kNever;
  ++turns_;
  notice_spinning();
  receive_arrivals();
  run_loop();
  build();
  sleep();
}

void Node::receive_arrivals() {
  std::vector<Arrival> arrivals;
  arrivals.swap(arrivals_);
  if (endpoint_ == nullptr || arrivals.empty()) return;
  std::vector<tmp::Datagram> batch;
  batch.reserve(arrivals.size());
  for (Arrival& arrival : arrivals) batch.push_back({arrival.from, 0, arrival.octets});
  endpoint_->receive(batch);
}

void Node::run_loop() {
  std::vector<std::function<void()>> posted;
  posted.swap(posted_);
  for (const auto& work : posted) work();
  timers_.run(network_->now());
  if (endpoint_ != nullptr && endpoint_->next_timeout() <= network_->now()) endpoint_->advance();
  while (!deferred_.empty()) deferred_.run();
}

void Node::build() {
  if (endpoint_ == nullptr) return;
  for (bool more = true; more;) {
    Sink sink(*this);
    more = endpoint_->build(sink);
  }
}

void Node::sleep() {
  const Time next = std::min(timers_.next(), endpoint_ == nullptr ? kNever : endpoint_->next_timeout());
  if (!posted_.empty() || !deferred_.empty()) return wake();
  if (next == kNever || next >= turn_at_) return;
  turn_at_ = std::max(next, network_->now());
  const Time when = turn_at_;
  network_->at(when, [this, when, alive = alive_] {
    if (*alive && turn_at_ == when) turn();  // otherwise an earlier turn was made since
  });
}

void Node::notice_spinning() {
  turns_now_ = last_turn_ == network_->now() ? turns_now_ + 1 : 0;
  last_turn_ = network_->now();
  if (turns_now_ < kMaxTurnsAtOnce) return;
  std::fprintf(stderr, "node %s turns for ever at %.6f s\n", address_.text().c_str(),
               to_seconds(network_->now().time_since_epoch()));
  std::abort();
}

}  // namespace ringway::sim
