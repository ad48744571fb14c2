#pragma once
// Packets through one drop-tail queue, on virtual time: links (the real Recovery at one end, the real
// AckTracker at the other) beside TCP connections (cubic_sender.h, bbr_sender.h).

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "tmp_protocol/ack_tracker.h"
#include "tmp_protocol/recovery.h"

namespace ringway::tmp::simulation {

inline constexpr std::size_t kPacketOctets = 1472;

class Timeline {
 public:
  [[nodiscard]] Time now() const { return now_; }
  void at(Time when, std::function<void()> action);
  void run_until(Time end);

 private:
  struct Event {
    Time when;
    std::uint64_t order;
    std::function<void()> action;
    bool operator>(const Event& other) const { return when != other.when ? when > other.when : order > other.order; }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Time now_ = Time{} + std::chrono::seconds(1);
  std::uint64_t order_ = 0;
};

struct PathShape {
  double megabits = 50;
  Duration rtt = std::chrono::milliseconds(80);
  double queue_bdp = 1;                            // queue in bandwidth-delay products
  double noise = 0;                                // share of data packets lost by chance, each by itself
  double burst = 1;                                // mean length of a loss
  double ack_noise = 0;                            // the same of acknowledgements
  Duration unrest = std::chrono::milliseconds(1);  // of the way back: breaks the step of arrivals and departures
  Duration jitter{};                               // added to single packets, so that they overtake
  std::size_t max_octets = 65536;                  // larger datagrams vanish
};

/// The way forth has the queue, the way back only delay.
class Bottleneck {
 public:
  Bottleneck(Timeline& time, const PathShape& shape, std::uint64_t seed);

  void send(std::size_t octets, std::function<void()> arrive);
  /// `lane`: when the last of this flow's arrives; the small unrest of the way back does not reorder.
  void send_back(Time& lane, std::function<void()> arrive);
  /// What waits now.
  [[nodiscard]] Duration queued() const;
  [[nodiscard]] Duration most_queued() const { return most_queued_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] const PathShape& shape() const { return shape_; }
  /// Nothing passes until `end`.
  void black_out(Time end) { dark_until_ = end; }
  void set_megabits(double megabits) { octets_per_s_ = megabits * 1e6 / 8; }
  void set_max_octets(std::size_t octets) { shape_.max_octets = octets; }
  [[nodiscard]] std::uint64_t overflowed() const { return overflowed_; }

 private:
  [[nodiscard]] bool noisy();
  [[nodiscard]] Duration delay();
  Timeline& time_;
  PathShape shape_;
  SeededRandom random_;
  double octets_per_s_;
  double queue_octets_;
  Time free_{};
  Time dark_until_{};
  bool in_burst_ = false;
  Duration most_queued_{};
  std::uint64_t overflowed_ = 0;
};

/// Octets that arrived, once each.
class Arrivals {
 public:
  void add(Time now, std::size_t octets);
  /// Megabits a second between two times.
  [[nodiscard]] double rate(Time from, Time to) const;

 private:
  static constexpr Duration kStep = std::chrono::milliseconds(50);
  std::vector<double> steps_;
};

/// One link with as much to send as it may, or as `offer` allows.
class LinkSender final : private SentContentHandler {
 public:
  LinkSender(Timeline& time, Bottleneck& path, const CongestionSettings& settings, std::uint32_t hosted);

  void start() { pump(); }
  void set_hosted(std::uint32_t hosted);
  /// Limits what there is to send to `octets` more; SIZE_MAX for no limit.
  void offer(std::size_t octets);
  [[nodiscard]] Recovery& recovery() { return recovery_; }
  [[nodiscard]] const Arrivals& arrivals() const { return arrivals_; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t acks() const { return acks_; }
  /// When the last offered octet was acknowledged.
  [[nodiscard]] Time done_at() const { return done_at_; }
  [[nodiscard]] bool done() const { return unsent_ == 0 && outstanding_.empty() && again_.empty(); }

 private:
  void on_content_acked(SentContent content) override;
  void on_content_lost(SentContent content) override;
  void pump();
  void send_one(Time now);
  void send_probe(std::size_t octets, Time now);
  void transmit(std::uint64_t number, std::uint64_t chunk, std::size_t octets);
  void arrive(std::uint64_t number, std::uint64_t chunk, std::size_t octets);
  void acknowledge();
  void wake_at(Time when);
  void wake();

  Timeline& time_;
  Bottleneck& path_;
  Recovery recovery_;
  AckTracker tracker_;
  Arrivals arrivals_;
  std::size_t unsent_ = SIZE_MAX;
  std::uint64_t next_chunk_ = 0;
  std::map<std::uint64_t, std::size_t> outstanding_;  // chunk → octets, not acknowledged
  std::deque<std::uint64_t> again_;
  std::vector<bool> arrived_;
  std::uint64_t packets_ = 0;
  std::uint64_t acks_ = 0;
  Time done_at_{};
  Time lane_{};
  Time wake_time_ = kNever;
  Time ack_time_ = kNever;
};

}  // namespace ringway::tmp::simulation
