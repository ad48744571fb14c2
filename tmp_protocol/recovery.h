#pragma once
// All that one path knows about its packets on the way: one object that a connection owns for each path and
// number space. It puts together the records (SentPackets), their fate (LossDetection), the window
// (DelayBound while alone on the path, VirtualFlowEnsemble else, NoiseTolerance), the Pacer, MtuDiscovery and the
// meters.
//
//   sending:   gate() -> stage() items -> on_sent();  nothing left to send -> on_nothing_to_send()
//   receiving: on_ack() -> handler hears of content, acknowledged or to be sent again
//   timer:     timeout() -> on_timer() -> handler, and probes that gate() lets through
//
// No I/O, no clock: `now` comes in.

#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "tmp_protocol/ack_ranges.h"
#include "tmp_protocol/crowd_limit.h"
#include "tmp_protocol/delay_bound.h"
#include "tmp_protocol/delivery_rate.h"
#include "tmp_protocol/ecn_validation.h"
#include "tmp_protocol/link_quality.h"
#include "tmp_protocol/loss_detection.h"
#include "tmp_protocol/mtu_discovery.h"
#include "tmp_protocol/noise_tolerance.h"
#include "tmp_protocol/pacer.h"
#include "tmp_protocol/path_queue.h"
#include "tmp_protocol/route.h"
#include "tmp_protocol/rtt_estimator.h"
#include "tmp_protocol/sent_packets.h"
#include "tmp_protocol/settings.h"
#include "tmp_protocol/virtual_flow_ensemble.h"

namespace ringway::tmp {

/// Hears what became of the content of packets. The calls may name content twice (a probe carries it again)
/// and in any order; a stream range that is acknowledged must not be sent again.
class SentContentHandler {
 public:
  virtual ~SentContentHandler() = default;
  virtual void on_content_acked(SentContent content) = 0;
  /// Lost, or to be probed with: queue again what is still wanted and not acknowledged.
  virtual void on_content_lost(SentContent content) = 0;
};

/// Whether a packet may leave.
enum class SendGate : std::uint8_t {
  open,
  probe,   // whatever the window says: a probe is owed; a PING where nothing waits
  paced,   // not before release_time()
  window,  // not before an acknowledgement or the timer
};

class Recovery {
 public:
  /// `random` must outlive this.
  Recovery(const CongestionSettings& settings, std::size_t max_packet_octets, Random& random);

  // Sending.
  /// For one packet that counts against the window. What is only an acknowledgement may always leave.
  [[nodiscard]] SendGate gate(Time now) const;
  /// When gate() opens again where it says `paced`.
  [[nodiscard]] Time release_time() const { return pacer_.release(); }
  /// Octets of UDP payload that a packet may have.
  [[nodiscard]] std::size_t packet_octets() const { return carried() ? mtu_.max_octets() : mtu_.packet_octets(); }
  /// Size of an MTU probe that may leave now, or 0. Stage one SentKind::mtu_probe item for it.
  [[nodiscard]] std::size_t mtu_probe(Time now) const;
  [[nodiscard]] std::uint64_t next_number() const { return sent_.next_number(); }
  /// Whether the next packet shall carry ECT(0); never in a carrier.
  [[nodiscard]] bool marks() const { return !carried() && ecn_.marks(); }
  void stage(const SentItem& item) { sent_.stage(item); }
  void unstage() { sent_.unstage(); }
  /// The packet of next_number() left with what was staged.
  void on_sent(std::size_t octets, PacketClass cls, Time now);
  /// All that waited has left and the gate is open still.
  void on_nothing_to_send();

  // Receiving.
  /// `ack` must be well_formed(). An error where it acknowledges what was never sent.
  Status on_ack(const AckInfo& ack, Time now, SentContentHandler& handler);

  /// Whether the last on_ack() named packets that had not been acknowledged.
  [[nodiscard]] bool acknowledged_more() const { return !loss_.acked().empty(); }

  // Time.
  [[nodiscard]] Time timeout() const { return loss_.timeout(); }
  void on_timer(Time now, SentContentHandler& handler);

  /// N, from the HostedCounter. Cheap where unchanged.
  void set_hosted(std::uint32_t hosted);
  void update(const CongestionSettings& settings);
  /// The largest datagram changed (settings, address family).
  void set_max_packet_octets(std::size_t octets, Time now) { mtu_.restart(octets, now); }
  /// The peer's address moved: another route, of which only half of what is known may be assumed. In a carrier nothing
  /// here holds packets back or sends them again but the largest window: TCP beneath it does both.
  void on_route_changed(Travel travel, Time now);
  /// What the first packets go by, where that is not UDP.
  void set_travel(Travel travel) { travel_ = travel; }
  [[nodiscard]] bool carried() const { return travel_ == Travel::carrier; }

  // Looking.
  [[nodiscard]] const RttEstimator& rtt() const { return rtt_; }
  [[nodiscard]] const LossMeter& losses() const { return meter_; }
  [[nodiscard]] const PathQueue& queue() const { return queue_; }
  /// N. The ensemble counts fewer where the path does not hold so many.
  [[nodiscard]] std::uint32_t hosted() const { return crowd_.hosted(); }
  [[nodiscard]] const VirtualFlowEnsemble& ensemble() const { return ensemble_; }
  /// Whether others were found on the path.
  [[nodiscard]] bool path_is_shared() const { return bound_.shared(); }
  /// What may be in flight.
  [[nodiscard]] std::uint64_t window_octets() const {
    return carried() ? settings_.max_window_octets : ensemble_.window() * mtu_.packet_octets();
  }
  [[nodiscard]] const SentPackets& sent() const { return sent_; }
  [[nodiscard]] std::uint32_t pto_count() const { return loss_.pto_count(); }
  [[nodiscard]] Duration probe_timeout() const { return loss_.probe_timeout(); }
  [[nodiscard]] double delivery_octets_per_s() const { return delivery_.best(); }
  /// What LINK_QUALITY should say of this direction.
  [[nodiscard]] DirectionQuality quality() const;

 private:
  void take_acked(SentContentHandler& handler, Time now);
  void validate_marks(const AckInfo& ack);
  void take_marks(std::uint64_t number, Time now);
  void take_late(SentContentHandler& handler, Time now);
  [[nodiscard]] bool path_was_away() const;
  void begin_again();
  void take_lost(SentContentHandler& handler, Time now);
  [[nodiscard]] FlowCharge charge(std::uint64_t number, Time now);
  void on_loss(std::uint64_t number, SentPacket& packet, Time now);
  void on_data_sent(std::size_t octets, Time now);
  void grow(const AckInfo& ack, std::size_t in_flight, Time now);
  [[nodiscard]] double path_window() const;
  void limit_crowd();
  void begin_bound(Time now);
  void bound_delay(Time now);
  void follow_bound();
  void on_silence(Time now);
  void owe_probes(std::uint32_t packets, std::uint64_t from, SentContentHandler& handler);
  void limit_window();
  void refresh();
  void skip_number();

  CongestionSettings settings_;
  Random& random_;
  Travel travel_ = Travel::udp;
  SentPackets sent_;
  RttEstimator rtt_;
  LossDetection loss_;
  DeliveryRate delivery_;
  PathQueue queue_;
  NoiseTolerance noise_;
  CrowdLimit crowd_;
  VirtualFlowEnsemble ensemble_;
  DelayBound bound_;
  Pacer pacer_;
  MtuDiscovery mtu_;
  EcnValidation ecn_;
  std::uint64_t validated_up_to_ = 0;  // the highest number acknowledged
  LossMeter meter_;
  std::size_t acked_packets_ = 0;  // of the batch under way, those that were in flight
  std::uint32_t probes_owed_ = 0;
  double tail_budget_ = 0;  // tail probes that may still be spent
  std::uint64_t next_skip_;
  Time last_sent_{};  // data
};

}  // namespace ringway::tmp
