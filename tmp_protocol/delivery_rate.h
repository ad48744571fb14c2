#pragma once
// How fast the path delivers, from the acknowledgements (draft-cheng-iccrg-delivery-rate-estimation):
// each packet remembers what had been delivered when it left, so that a sample spans about one round trip.

#include <cstdint>

#include "base/time.h"
#include "tmp_protocol/sent_packets.h"

namespace ringway::tmp {

class DeliveryRate {
 public:
  /// The mark for a packet that leaves now.
  [[nodiscard]] DeliveryMark on_sent(Time now, bool nothing_in_flight);
  /// `octets` of a packet sent with `mark` at `sent` are acknowledged. Call for each packet of a batch,
  /// then finish().
  void on_acked(const DeliveryMark& mark, Time sent, std::size_t octets, Time now);
  /// Makes the sample of the batch. `least_rtt` guards against compressed acknowledgements.
  void finish(Duration least_rtt, Time now);
  /// There was nothing to send though the window was open: samples of packets that leave until what is in
  /// flight now is delivered do not measure the path.
  void on_app_limited(std::size_t octets_in_flight);

  /// Octets a second of the last sample; 0 before the first.
  [[nodiscard]] double latest() const { return latest_; }
  /// Whether the last sample measured the path and not what there was to send.
  [[nodiscard]] bool latest_is_full() const { return latest_full_; }
  /// The most of the last whole round trip; 0 where nothing in it measured the path.
  [[nodiscard]] double last_round() const { return last_round_; }
  /// The most of the last two windows of limits::kRateWindowRounds round trips that measured the path; what
  /// did not counts only where it is higher.
  [[nodiscard]] double best() const;
  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
  /// Round trips counted by deliveries.
  [[nodiscard]] std::uint64_t round() const { return round_; }

 private:
  void take_sample(double rate, bool app_limited);

  std::uint64_t delivered_ = 0;
  Time delivered_at_{};
  Time first_sent_{};
  std::uint64_t app_limited_until_ = 0;  // in delivered octets; 0 where not limited
  DeliveryMark newest_mark_;             // of the batch under way
  Time newest_sent_{};
  bool batch_open_ = false;
  double latest_ = 0;
  bool latest_full_ = false;
  double last_round_ = 0;
  double this_round_ = 0;
  double best_previous_ = 0;
  double best_current_ = 0;
  std::uint64_t round_ = 0;
  std::uint64_t round_ends_ = 0;  // in delivered octets
  std::uint64_t counted_round_ = 0;
  std::uint64_t window_rounds_ = 0;
};

}  // namespace ringway::tmp
