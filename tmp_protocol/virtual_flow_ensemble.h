#pragma once
// Congestion control for a link that hosts N client connections: as many virtual CUBIC flows, whose windows
// add up to the link's.
//
// A lost packet backs off one flow, chosen by its share of the window, each at most once a round trip: one loss
// among N flows costs 0.3/N of the window, and many in one round trip cost what N TCP flows would lose. A
// connection that joins adds a flow (quicker growth, milder back-off), one that leaves takes its flow along.
// N = 1 is CUBIC. Above `max_flows` each flow stands for N/max_flows connections.
//
//   start-up: W doubles each round trip --HyStart++, or the remembered window--> split into flows
//                                       --a queue, or a loss----> W/2 or what the path delivers, then split
//   W = clamp(sum of the flows, max(N, 2), maximum); the floor N yields after a PTO. N itself is what CrowdLimit
//   makes of it.
//
// Costs O(flows) for each batch of acknowledgements. All windows are in packets.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "tmp_protocol/cubic_flow.h"
#include "tmp_protocol/hystart.h"

namespace ringway::tmp {

/// Names the flow that a lost packet was charged to, to be kept with the packet's record.
using FlowCharge = std::uint8_t;
/// Virtual flows at most, so that a FlowCharge can name each and two more.
inline constexpr std::uint32_t kMaxVirtualFlows = 250;
/// The loss ended start-up.
inline constexpr FlowCharge kStartCharge = 254;
/// The loss was charged to nobody.
inline constexpr FlowCharge kNotCharged = 255;

/// A batch of acknowledged packets, as the ensemble needs it.
struct AckedBatch {
  Time now{};
  std::size_t packets = 0;    // newly acknowledged, of those in flight
  std::size_t in_flight = 0;  // packets, before the batch
  std::uint64_t largest = 0;  // number
  std::uint64_t next_number = 0;
  Duration smoothed_rtt{};
  Duration latest_rtt{};
  double path_window = 0;  // packets that the path delivers in one RTT without a queue, as far as it was tried
  bool queued = false;     // a queue stands in the path
};

class VirtualFlowEnsemble {
 public:
  /// `max_flows`: 1..kMaxVirtualFlows. `max_window`: packets.
  VirtualFlowEnsemble(std::uint32_t max_flows, double max_window, Random& random);

  /// What may be in flight, in packets.
  [[nodiscard]] std::size_t window() const;
  /// Octets a second at which packets of `packet_octets` should leave: faster than the window needs, so that
  /// the window and not the pacer limits.
  [[nodiscard]] double pacing_rate(std::size_t packet_octets, Duration smoothed_rtt) const;

  void on_ack(const AckedBatch& batch);
  /// A packet is lost to congestion. Returns the flow it was charged to.
  [[nodiscard]] FlowCharge on_loss(std::uint64_t number, std::uint64_t next_number);
  /// A packet that was charged to `charge` arrived after all. Where that holds for each of a back-off's
  /// losses, the back-off is undone.
  void on_spurious(std::uint64_t number, FlowCharge charge);
  /// `marks` packets up to `number` carried CE: as many losses without a packet lost.
  void on_congestion_marks(std::uint64_t marks, std::uint64_t number, std::uint64_t next_number);
  /// Nothing got through for longer than three PTO: begins again, up to half of what was.
  void on_persistent_congestion(std::uint64_t next_number);
  /// Nothing got through for as long, but what did at last met no queue: begins at half the window, and what was lost
  /// before `next_number` costs nothing.
  void on_outage(std::uint64_t next_number);
  /// PTO without an acknowledgement: the floor waits until one comes.
  void on_pto() { floor_holds_ = false; }
  /// The link sent nothing for so long that the path may have changed, or its route did: begins at half the
  /// window and doubles up to where it was.
  void on_restart(std::uint64_t next_number);

  /// N. `queued` says whether a queue stands in the path: where none does, the window of a connection that
  /// leaves harms nobody and goes to those that stay.
  void set_hosted(std::uint32_t hosted, bool queued);
  void set_max_window(double packets);
  /// Another rule governs (DelayBound): the window is `packets` until release(), and the flows rest.
  void hold(double packets) { held_ = packets; }
  /// The flows govern again, from `packets` on or as they were when they were held.
  void release(double packets);
  void release() { held_ = 0; }
  /// From `packets` on, among others as young as the link: the flows grow like TCP's that have lost nothing yet.
  void release_lossless(double packets);

  [[nodiscard]] std::uint32_t hosted() const { return hosted_; }
  [[nodiscard]] std::size_t flows() const { return flows_.size(); }
  [[nodiscard]] bool starting() const { return starting_; }
  /// What CUBIC would have gone on with where start-up was cut, last: all where only a queue was seen.
  [[nodiscard]] double cubics_window() const { return cubics_window_; }
  /// Whether no flow has lost anything since release_lossless().
  [[nodiscard]] bool lossless() const;
  [[nodiscard]] bool held() const { return held_ > 0; }
  /// Whether the window was in use when packets were last acknowledged.
  [[nodiscard]] bool used() const { return used_; }

 private:
  /// The losses that made one back-off, and what it was before: losses with numbers in [begin, end).
  struct Episode {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint32_t losses = 0;  // not yet proved spurious
    /// True where the last of them proved spurious.
    bool take_back(std::uint64_t number);
  };
  struct Flow {
    CubicFlow cubic;
    CubicFlow before;  // the last back-off
    Episode episode;
  };

  /// Connections that each flow stands for.
  [[nodiscard]] double weight() const;
  [[nodiscard]] std::uint32_t wanted_flows() const;
  [[nodiscard]] double whole() const;
  [[nodiscard]] double initial_window() const;
  void begin_start(double window, double target, std::uint64_t next_number);
  void grow_start(const AckedBatch& batch);
  void end_start(double window);
  void settle();
  void cut_start(std::uint64_t next_number);
  void grow_flows(const AckedBatch& batch);
  void back_off(Flow& flow, std::uint64_t next_number);
  void scale(double factor);
  void add_connection();
  void remove_connection(bool queued);
  void recount();
  void drain(double packets);
  [[nodiscard]] std::size_t choose();

  std::uint32_t max_flows_;
  double max_window_;
  Random& random_;
  std::uint32_t hosted_ = 1;

  bool starting_ = true;
  HyStart hystart_;
  double start_window_;      // W while starting
  double start_target_ = 0;  // where it ends without a sign from the path; 0: unknown
  double path_window_ = 0;   // see AckedBatch
  double start_before_ = 0;  // W when a loss ended it
  double cubics_window_ = 0;
  Episode start_episode_;
  std::uint64_t settling_ = 0;  // up to this number deliveries show whether the cut went too far

  std::vector<Flow> flows_;  // none while starting
  double sum_ = 0;           // of their windows
  std::uint64_t last_loss_ = 0;
  std::size_t last_flow_ = 0;  // that it was charged to
  double held_ = 0;            // the window that another rule set; 0: none
  double drain_ = 0;           // packets taken from the window that leave it as acknowledgements come
  double drain_rate_ = 0;      // of them, for each packet acknowledged
  double growth_clock_ = 0;    // seconds; stands still while the window is not used
  bool used_ = false;          // whether the window was in use at the last acknowledgement
  Time last_ack_{};
  bool floor_holds_ = true;
};

}  // namespace ringway::tmp
