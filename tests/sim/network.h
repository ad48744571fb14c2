#pragma once
// A network of datagrams on virtual time: nodes with a loop each, and paths between addresses that delay, drop,
// reorder, copy, damage and queue what crosses them. Carriers cross it as TCP would: in order and whole, late where
// something is lost. Everything comes from one seed, so that a run can be done again exactly.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <vector>

#include "base/address.h"
#include "base/loop.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::sim {

class VirtualClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override;
  void set(Time now) { now_ = now; }
  /// The wall clock jumps, as when a person sets it; monotonic time does not.
  void step_wall(std::chrono::seconds by) { wall_offset_ += by; }

 private:
  std::chrono::seconds wall_offset_{0};
  Time now_ = Time(std::chrono::seconds(1));  // so that "long before now" is a time as well
};

/// What becomes of ECN's two bits.
enum class Marks : std::uint8_t {
  kept,
  bleached,  // not capable, all of them
  all_ce,
  dropped,  // whatever is marked
};

/// What one direction between two IP addresses does to datagrams. All shares are 0..1.
struct PathConditions {
  Duration delay = std::chrono::milliseconds(10);
  Duration jitter{};                      // each datagram takes up to so much longer, and so may overtake
  double loss = 0;                        // share of the datagrams
  double mean_burst = 1;                  // datagrams lost in a row
  double copied = 0;                      // arrives twice
  double damaged = 0;                     // a bit turned, or its end cut off
  double late = 0;                        // takes 1..4 delays more
  std::uint64_t octets_per_s = 0;         // 0: no limit
  std::size_t queue_octets = 256 * 1024;  // in front of the limit; what does not fit is dropped
  std::size_t mtu_octets = 65507;         // of UDP payload; larger datagrams vanish
  bool blackout = false;                  // of datagrams
  bool carrier_blackout = false;          // of what carriers carry, and of new ones
  Marks marks = Marks::kept;
};

struct PathCounters {
  std::uint64_t sent = 0;
  std::uint64_t sent_octets = 0;
  std::uint64_t delivered = 0;
  std::uint64_t delivered_octets = 0;
  std::uint64_t lost = 0;        // by chance or in a blackout
  std::uint64_t overflowed = 0;  // the queue was full
  std::uint64_t too_large = 0;
};

class Node;

/// A carrier between two nodes, at both of which it has the same number.
struct SimCarrier {
  struct Way {
    Time free_at{};          // when all that was committed has left
    Time arrives_at{};       // when the last of it arrives
    std::size_t unsent = 0;  // octets
    bool told_full = false;
  };
  std::array<Node*, 2> ends{};  // the one that dialled first
  std::array<Way, 2> ways{};    // from each end
};

/// The world: virtual time, the events to come, and the paths. Outlives its nodes.
class Network {
 public:
  explicit Network(std::uint64_t seed) : random_(seed) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] Time now() const { return clock_.now(); }
  void step_wall(std::chrono::seconds by) { clock_.step_wall(by); }
  /// For the world's own choices: a scenario draws from it as well.
  [[nodiscard]] Random& random() { return random_; }

  void at(Time when, std::function<void()> event);
  void after(Duration delay, std::function<void()> event) { at(now() + delay, std::move(event)); }
  /// Lets time pass until `done` (asked after every event) or for `limit`. Returns whether it was done.
  bool run(Duration limit, const std::function<bool()>& done);
  void run_for(Duration duration) {
    run(duration, [] { return false; });
  }

  /// The path from `from` to `to`, to be changed at any time.
  PathConditions& path(const IpAddress& from, const IpAddress& to) { return paths_[{from, to}].conditions; }
  /// Both directions at once.
  void set_path(const IpAddress& one, const IpAddress& other, const PathConditions& conditions);
  [[nodiscard]] const PathCounters& counters(const IpAddress& from, const IpAddress& to) {
    return paths_[{from, to}].counters;
  }

  void send(const SocketAddress& from, const SocketAddress& to, Bytes datagram, std::uint8_t ecn = 0);

  /// As CarrierDialer, for `from`.
  tmp::CarrierId dial(Node& from, const SocketAddress& to);
  void hang_up(Node& from, tmp::CarrierId carrier);
  /// Breaks every carrier, as a middlebox that is restarted.
  void break_carriers();
  [[nodiscard]] std::size_t carriers() const { return carriers_.size(); }
  /// Octets that carriers carried, both ways.
  [[nodiscard]] std::uint64_t carried_octets() const { return carried_octets_; }
  /// A digest of everything that was ever sent: equal for equal runs.
  [[nodiscard]] std::uint64_t trace() const { return trace_; }

 private:
  friend class Node;
  struct Path {
    PathConditions conditions;
    PathCounters counters;
    Time free_at{};       // when the limited part has sent what it holds
    bool losing = false;  // inside a burst
  };
  struct Event {
    Time when;
    std::uint64_t order;
    std::function<void()> happen;
    bool operator<(const Event& other) const { return std::tie(other.when, other.order) < std::tie(when, order); }
  };

  void meet(tmp::CarrierId carrier, const SocketAddress& to, Node& from);
  [[nodiscard]] bool carrier_has_room(Node& from, tmp::CarrierId carrier);
  void carry(Node& from, tmp::CarrierId carrier, Bytes datagram);
  void drop_carriers(Node& node);

  bool loses(Path& path);
  bool queue_takes(Path& path, std::size_t octets, Duration& waiting);
  void deliver_later(Path& path, Duration waiting, const SocketAddress& from, const SocketAddress& to, Bytes datagram,
                     std::uint8_t ecn);
  void damage(std::vector<std::uint8_t>& datagram);
  void note(const SocketAddress& to, Bytes datagram);

  VirtualClock clock_;
  SeededRandom random_;
  std::priority_queue<Event> events_;
  std::uint64_t next_order_ = 0;
  std::map<std::pair<IpAddress, IpAddress>, Path> paths_;
  std::map<SocketAddress, Node*> nodes_;
  std::map<tmp::CarrierId, SimCarrier> carriers_;
  tmp::CarrierId last_carrier_ = tmp::kNoCarrier;
  std::uint64_t carried_octets_ = 0;
  std::uint64_t trace_ = 0xcbf29ce484222325ULL;
};

/// One machine: a loop, one UDP socket, and the turns that a network driver would make.
class Node final : public tmp::CarrierDialer {
 public:
  Node(Network& network, const SocketAddress& address);
  ~Node() override;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] Loop loop() { return {network_->clock(), timers_, deferred_, random_}; }
  [[nodiscard]] Network& network() { return *network_; }
  [[nodiscard]] const SocketAddress& address() const { return address_; }

  /// Datagrams to this node's address go to `endpoint`, what it builds leaves from there. Null: they are dropped.
  void attach(tmp::Endpoint* endpoint);
  /// As when a NAT forgets: from now on it sends from, and listens at, another address.
  void move_to(const SocketAddress& address);
  /// Something was done from outside (a stream written, a test's own step): have a turn now.
  void wake();
  /// Runs `work` inside a turn, at this time.
  void post(std::function<void()> work);

  void take(const tmp::Route& from, std::vector<std::uint8_t> datagram, std::uint8_t ecn = 0);
  /// Whether carriers are taken and made here; not by default.
  void set_takes_carriers(bool takes) { takes_carriers_ = takes; }
  [[nodiscard]] bool takes_carriers() const { return takes_carriers_ && endpoint_ != nullptr; }
  /// Calls the endpoint in a turn, where there is one then.
  void tell(std::function<void(tmp::Endpoint&)> what);
  tmp::CarrierId dial(const tmp::PeerTarget& target) override { return network_->dial(*this, target.address); }
  void hang_up(tmp::CarrierId carrier) override { network_->hang_up(*this, carrier); }
  [[nodiscard]] std::size_t turns() const { return turns_; }

 private:
  class Sink;
  struct Arrival {
    tmp::Route from;
    std::vector<std::uint8_t> octets;
    std::uint8_t ecn;
  };

  void turn();
  void receive_arrivals();
  void run_loop();
  void build();
  void sleep();
  void notice_spinning();

  Network* network_;
  SocketAddress address_;
  SeededRandom random_;
  TimerQueue timers_;
  DeferredQueue deferred_;
  tmp::Endpoint* endpoint_ = nullptr;
  bool takes_carriers_ = false;
  std::vector<Arrival> arrivals_;
  std::vector<std::function<void()>> posted_;
  Time turn_at_ = kNever;                                       // the earliest turn that is an event already
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // events outlive nodes
  std::size_t turns_ = 0;
  Time last_turn_{};
  std::size_t turns_now_ = 0;  // turns without any time passing
};

}  // namespace ringway::sim
