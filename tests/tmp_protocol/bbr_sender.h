#pragma once
// One TCP connection with BBR version 1 and SACK, endless, written from draft-cardwell-iccrg-bbr-congestion-control-00.

#include <deque>
#include <map>
#include <vector>

#include "bottleneck_simulation.h"
#include "tcp_receiver.h"

namespace ringway::tmp::simulation {

class BbrSender {
 public:
  BbrSender(Timeline& time, Bottleneck& path)
      : time_(time), path_(path), receiver_(time, path, [this](const std::vector<Arrived>& arrived) {
          for (const Arrived& packet : arrived) on_ack(packet);
          pump();
        }) {}
  void start() { pump(); }
  [[nodiscard]] const Arrivals& arrivals() const { return receiver_.arrivals(); }

 private:
  enum class State : std::uint8_t { startup, drain, probe_bandwidth, probe_rtt };
  /// What a packet remembers (draft-cheng-iccrg-delivery-rate-estimation).
  struct Sent {
    Time at{};
    double delivered = 0;
    Time delivered_at{};
    Time first_sent{};
  };
  using Arrived = TcpReceiver<Sent>::Arrived;

  void pump();
  void wake_at(Time when);
  void on_ack(const Arrived& packet);
  void take_rate(const Sent& sent);
  void take_rtt(Duration rtt);
  void detect_losses(std::uint64_t acked);
  void on_loss(std::uint64_t number);
  void step();
  void check_full();
  void step_cycle();
  void step_probe_rtt();
  void set_window();
  void check_timeout();
  [[nodiscard]] double bandwidth() const;  // packets a second
  [[nodiscard]] double bdp(double gain) const;
  [[nodiscard]] double pacing_gain() const;

  Timeline& time_;
  Bottleneck& path_;
  TcpReceiver<Sent> receiver_;
  std::map<std::uint64_t, Sent> flight_;
  std::uint64_t next_ = 0;
  Time next_send_{};
  Time wake_time_ = kNever;
  Time last_progress_{};

  State state_ = State::startup;
  double window_ = 10;
  double window_before_ = 0;  // recovery or probe_rtt
  std::uint64_t recovery_end_ = 0;
  bool recovering_ = false;
  double delivered_ = 0;
  Time delivered_at_{};
  Time first_sent_{};
  double round_ends_ = 0;
  std::uint64_t round_ = 0;
  bool round_begins_ = false;
  std::deque<std::pair<std::uint64_t, double>> rates_;  // by round, the largest first
  Duration least_rtt_ = std::chrono::hours(1);
  Time least_at_{};
  double full_rate_ = 0;
  int full_rounds_ = 0;
  bool filled_ = false;
  std::size_t phase_ = 0;
  Time phase_began_{};
  bool lost_in_phase_ = false;
  Time probe_rtt_ends_ = kNever;
};

}  // namespace ringway::tmp::simulation
