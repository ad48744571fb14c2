#pragma once
// Whether the link is alone on its path, and its window while it is: what the path delivers and a few
// milliseconds of queue, whatever the noise loses. A link that shares its path is VirtualFlowEnsemble's.
//
//   alone --a queue stands for 2 rounds--> draining (the present rate's window, 3 rounds) --it went--> alone
//                                             |  ^
//   alone --loss with a queue not its own, or  |  +--it went as far as the link itself gave way, and stays
//           growth that others paid for-----+  |                         |
//                                           v  v                         |
//                                       shared --hold over, the rate jumps or stands still--> testing (12 rounds)
//                                             ^------------it stays, or others fill it again----------|
//
// A test takes half of the queue, at most half of the RTT, out of the window. The hold doubles each time that others
// are found again, from 10 s to 60 s. Where they are found within 64 rounds of a test that saw nobody, the flows go on
// as they were. Steps once in a round trip; rounds that did not measure the path, since there was too little to send,
// say nothing, and those of short bursts only that it delivers more than was known, where they met no queue.

#include <array>
#include <cstdint>

#include "base/time.h"

namespace ringway::tmp {

/// One path as seen now. Rates in packets a second.
struct PathView {
  Time now{};
  std::uint64_t round = 0;  // counts round trips
  double rate = 0;          // delivered in the last round trip; 0 where what there was to send limited it
  bool limited = false;     // whether the window limits what is sent now
  Duration base_rtt{};      // without a queue, jitter included
  Duration queue{};         // standing
  Duration spread{};        // of single RTT samples
  Duration unrest{};        // what may seem to stand without a queue
  double loss = 0;          // share, long average
  double window = 0;        // in use, packets
  bool lossless = false;    // the flows that share it have lost nothing yet
};

class DelayBound {
 public:
  /// Once in a batch of acknowledgements; acts once in a round.
  void on_ack(const PathView& view);
  /// A loss that is no noise. Returns whether the ensemble must answer it: not where the link may have overshot
  /// by itself.
  bool on_congestion_loss(Time now);

  [[nodiscard]] bool shared() const { return state_ == State::shared; }
  /// Packets; of use unless shared().
  [[nodiscard]] double window() const { return window_; }
  /// The window to share with, when others were found: what was in use before draining.
  [[nodiscard]] double window_before() const { return before_; }
  /// Whether the ensemble was there before the test that just failed, and goes on as it was.
  [[nodiscard]] bool resumes() const { return resumes_; }
  /// Whether the others found may have been there since start-up, and have lost nothing yet either.
  [[nodiscard]] bool as_young() const { return as_young_; }
  /// Starts anew, alone, at `window` packets. `cubics_window`: what CUBIC would have begun with, as the link should
  /// have if others turn out to have filled the path.
  void begin(double window, double cubics_window, std::uint64_t round, Time now);
  /// The queue that the link itself may leave standing.
  [[nodiscard]] static Duration target(Duration unrest);

 private:
  enum class State : std::uint8_t { alone, suspicious, draining, shared, testing };
  void step(const PathView& view);
  void step_alone(const PathView& view);
  void step_suspicious(const PathView& view);
  void step_draining(const PathView& view);
  void step_shared(const PathView& view);
  void step_testing(const PathView& view);
  [[nodiscard]] bool steady(const PathView& view);
  /// Start-up is not long ago.
  [[nodiscard]] bool young() const { return round_ < young_until_; }
  [[nodiscard]] double grown_unnoticed() const;
  [[nodiscard]] bool gave_way_in_vain(const PathView& view) const;
  [[nodiscard]] bool took_from_others(const PathView& view);
  void probe(const PathView& view, double unit);
  void find_others(Time now);
  void judge_growth(bool follows, double unit);
  void suspect(const PathView& view, double model);
  void enter(State state, Time now);
  void drain(const PathView& view);
  void share(Time now);
  void note_rate(double rate);
  void forget_rates(double rate);
  [[nodiscard]] double best_rate() const;

  State state_ = State::alone;
  bool resumes_ = false;
  bool as_young_ = false;
  std::uint32_t rounds_in_state_ = 0;
  Time entered_{};
  std::uint64_t round_ = 0;
  double window_ = 0;
  double before_ = 0;
  double cubics_window_ = 0;
  std::uint64_t young_until_ = 0;     // round up to which start-up's cut may have been too much
  double speed_ = 1;                  // of growth, doubles while the rate follows
  std::uint64_t overshot_until_ = 0;  // round up to which losses may come from growing faster
  std::uint32_t stalled_ = 0;         // rounds in which the rate did not follow
  std::uint32_t rate_rounds_ = 0;
  double rate_now_ = 0;  // the best of the rounds under way, and of those before
  double rate_before_ = 0;

  std::uint64_t next_probe_ = 0;    // round
  std::uint64_t probed_ = 0;        // round of the probe whose outcome is awaited, or 0
  std::array<double, 3> lately_{};  // rates of the last rounds
  double probe_rate_ = 0;           // the best of them before it
  Duration probe_queue_{};          // where one stood
  std::uint32_t taken_ = 0;         // probes in a row that others paid for

  std::uint32_t steady_rounds_ = 0;
  double shared_rate_ = 0;  // moving averages
  Duration shared_queue_{};
  double steady_most_ = 0;  // of the rates that count as the same
  Time test_at_{};          // the next
  Duration hold_{};
  Duration depth_{};               // of the queue before it was drained or tested
  double tested_rate_ = 0;         // before the test
  double cut_ = 0;                 // of the window, by the test under way
  Duration rest_{};                // of the queue after the cut
  Duration recent_{};              // of the queue, moving average
  std::uint64_t trial_until_ = 0;  // round
};

}  // namespace ringway::tmp
