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
  return start + wall_offset_ +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch());
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

void Network::send(const SocketAddress& from, const SocketAddress& to, Bytes datagram, std::uint8_t ecn) {
  note(to, datagram);
  Path& path = paths_[{from.ip, to.ip}];
  ++path.counters.sent;
  path.counters.sent_octets += datagram.size();
  Duration waiting{};
  if (datagram.size() > path.conditions.mtu_octets) {
    ++path.counters.too_large;
  } else if (loses(path) || (ecn != 0 && path.conditions.marks == Marks::dropped)) {
    ++path.counters.lost;
  } else if (!queue_takes(path, datagram.size(), waiting)) {
    ++path.counters.overflowed;
  } else {
    deliver_later(path, waiting, from, to, datagram, ecn);
    if (random_.unit() < path.conditions.copied) deliver_later(path, waiting, from, to, datagram, ecn);
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
                            Bytes datagram, std::uint8_t ecn) {
  const PathConditions& conditions = path.conditions;
  Duration delay = waiting + conditions.delay;
  delay += from_seconds(random_.unit() * to_seconds(conditions.jitter));
  if (random_.unit() < conditions.late) delay += conditions.delay * static_cast<std::int64_t>(1 + random_.below(4));
  std::vector<std::uint8_t> octets(datagram.begin(), datagram.end());
  if (random_.unit() < conditions.damaged) damage(octets);
  if (conditions.marks == Marks::bleached) ecn = 0;
  if (conditions.marks == Marks::all_ce) ecn = 3;
  Path* const counted = &path;
  at(now() + delay, [this, counted, from, to, ecn, octets = std::move(octets)]() mutable {
    const auto node = nodes_.find(to);
    if (node == nodes_.end()) return;
    ++counted->counters.delivered;
    counted->counters.delivered_octets += octets.size();
    node->second->take(from, std::move(octets), ecn);
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

// --- Carriers

namespace {

/// What TCP and the driver above it hold unsent.
constexpr std::size_t kCarrierRoom = 32 * 1024;
constexpr Duration kDialLimit = 5s;

}  // namespace

tmp::CarrierId Network::dial(Node& from, const SocketAddress& to) {
  const tmp::CarrierId id = ++last_carrier_;
  carriers_[id].ends[0] = &from;
  const PathConditions& there = path(from.address().ip, to.ip);
  const PathConditions& back = path(to.ip, from.address().ip);
  if (there.carrier_blackout || back.carrier_blackout) {
    after(kDialLimit, [this, id, &from] { hang_up(from, id); });
    return id;
  }
  // TCP's three packets and TLS 1.3's.
  after(2 * (there.delay + back.delay), [this, id, to, &from] { meet(id, to, from); });
  return id;
}

void Network::meet(tmp::CarrierId id, const SocketAddress& to, Node& from) {
  const auto found = carriers_.find(id);
  if (found == carriers_.end()) return;
  const auto node = nodes_.find(to);
  if (node == nodes_.end() || !node->second->takes_carriers()) {
    carriers_.erase(found);
    return from.tell([id](tmp::Endpoint& endpoint) { endpoint.on_carrier_down(id, "refused"); });
  }
  found->second.ends[1] = node->second;
  from.tell([id](tmp::Endpoint& endpoint) { endpoint.on_carrier_up(id); });
}

void Network::hang_up(Node& from, tmp::CarrierId id) {
  const auto found = carriers_.find(id);
  if (found == carriers_.end()) return;
  const auto tell_down = [id](tmp::Endpoint& endpoint) { endpoint.on_carrier_down(id, "closed"); };
  for (Node* const end : found->second.ends) {
    if (end != nullptr && end != &from) end->tell(tell_down);
  }
  if (found->second.ends[1] == nullptr) from.tell(tell_down);
  carriers_.erase(found);
}

void Network::drop_carriers(Node& node) {
  std::vector<tmp::CarrierId> own;
  for (const auto& [id, carrier] : carriers_) {
    if (carrier.ends[0] == &node || carrier.ends[1] == &node) own.push_back(id);
  }
  for (const tmp::CarrierId id : own) hang_up(node, id);
}

void Network::break_carriers() {
  while (!carriers_.empty()) {
    const tmp::CarrierId id = carriers_.begin()->first;
    Node& first = *carriers_.begin()->second.ends[0];
    hang_up(first, id);
    first.tell([id](tmp::Endpoint& endpoint) { endpoint.on_carrier_down(id, "reset"); });
  }
}

bool Network::carrier_has_room(Node& from, tmp::CarrierId id) {
  const auto found = carriers_.find(id);
  if (found == carriers_.end()) return true;
  SimCarrier::Way& way = found->second.ways[found->second.ends[0] == &from ? 0 : 1];
  way.told_full = way.unsent >= kCarrierRoom;
  return !way.told_full;
}

void Network::carry(Node& from, tmp::CarrierId id, Bytes datagram) {
  const auto found = carriers_.find(id);
  if (found == carriers_.end()) return;
  const std::size_t side = found->second.ends[0] == &from ? 0 : 1;
  SimCarrier::Way& way = found->second.ways[side];
  Node& to = *found->second.ends[1 - side];
  note(to.address(), datagram);
  carried_octets_ += datagram.size();
  const PathConditions& conditions = path(from.address().ip, to.address().ip);
  const std::size_t octets = datagram.size();
  const double rate = static_cast<double>(conditions.octets_per_s);
  way.free_at = std::max(way.free_at, now());
  if (rate > 0) way.free_at += from_seconds(static_cast<double>(octets) / rate);
  // What is lost comes a round trip later, and all behind it waits.
  Duration delay = conditions.delay;
  if (random_.unit() < conditions.loss) delay += 2 * conditions.delay;
  way.arrives_at = std::max(way.arrives_at, way.free_at + delay);
  way.unsent += octets;
  at(way.free_at, [this, id, side, octets, &from] {
    const auto carrier = carriers_.find(id);
    if (carrier == carriers_.end()) return;
    SimCarrier::Way& left = carrier->second.ways[side];
    left.unsent -= octets;
    if (!left.told_full || left.unsent > kCarrierRoom / 2) return;
    left.told_full = false;
    from.tell([id](tmp::Endpoint& endpoint) { endpoint.on_carrier_writable(id); });
  });
  at(way.arrives_at, [this, id, &to, remote = tmp::Route(from.address(), id),
                      octets = std::vector<std::uint8_t>(datagram.begin(), datagram.end())]() mutable {
    if (carriers_.contains(id)) to.take(remote, std::move(octets));
  });
}

class Node::Sink final : public tmp::PacketSink {
 public:
  explicit Sink(Node& node) : node_(&node) {}
  MutableBytes reserve(const tmp::Route& remote, std::size_t octets) override {
    if (remote.carried() && !node_->network_->carrier_has_room(*node_, remote.carrier)) return {};
    if (packets_ == kSinkPackets || octets > buffer_.size()) return {};
    return MutableBytes(buffer_).first(octets);
  }
  void commit(const tmp::Route& remote, std::size_t octets, tmp::Ecn ecn) override {
    const Bytes datagram = Bytes(buffer_).first(octets);
    if (remote.carried()) return node_->network_->carry(*node_, remote.carrier, datagram);
    ++packets_;
    node_->network_->send(node_->address_, remote.address, datagram, static_cast<std::uint8_t>(ecn));
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
  network_->drop_carriers(*this);
  network_->nodes_.erase(address_);
}

void Node::attach(tmp::Endpoint* endpoint) {
  network_->drop_carriers(*this);
  endpoint_ = endpoint;
  if (endpoint_ != nullptr && takes_carriers_) endpoint_->use_carriers(*this);
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

void Node::take(const tmp::Route& from, std::vector<std::uint8_t> datagram, std::uint8_t ecn) {
  arrivals_.push_back({from, std::move(datagram), ecn});
  wake();
}

void Node::tell(std::function<void(tmp::Endpoint&)> what) {
  post([this, what = std::move(what)] {
    if (endpoint_ != nullptr) what(*endpoint_);
  });
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
  for (Arrival& arrival : arrivals) batch.push_back({arrival.from, arrival.ecn, arrival.octets});
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
