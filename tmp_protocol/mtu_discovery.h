#pragma once
// The largest datagram the path takes (RFC 8899, DPLPMTUD): from limits::kMinPacketOctets up, by probes whose
// loss is no congestion. In octets of UDP payload.
//
//   searching: the largest size first, three lost probes step down the ladder; one that arrives ends it
//   complete: a search again after 10 minutes where the maximum was not reached
//   black hole (only packets above the least size are lost, in 4 bursts, or 2 PTO in a row): the least size
//   at once and the search anew, which a false alarm ends within one round trip

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace ringway::tmp {

class MtuDiscovery {
 public:
  /// `max_octets`: what settings and the address family allow, from limits::kMinPacketOctets on.
  explicit MtuDiscovery(std::size_t max_octets);

  /// What a packet may hold now.
  [[nodiscard]] std::size_t packet_octets() const { return current_; }
  /// The size of a probe to send now (PING and PADDING, PacketClass::mtu_probe); 0 where none is due. Ask
  /// only when the link has something to send or to wait for: an idle link is not woken.
  [[nodiscard]] std::size_t probe(Time now) const;
  void on_probe_sent(std::size_t octets);
  void on_probe_acked(std::size_t octets, Time now);
  void on_probe_lost(std::size_t octets, Time now);

  /// A data packet of `octets` arrived or is lost; losses in order of number.
  void on_acked(std::size_t octets);
  void on_lost(std::uint64_t number, std::size_t octets, Time now);
  [[nodiscard]] std::size_t max_octets() const { return max_; }
  /// `count` PTO in a row without an acknowledgement.
  void on_pto(std::uint32_t count, Time now);
  /// Another route or setting: a new ceiling and a new search.
  void restart(std::size_t max_octets, Time now);

 private:
  void fall_back(Time now);
  void step_down(Time now);

  std::size_t max_;
  std::size_t current_;
  std::size_t target_;  // size being tried; 0 where the search is complete
  std::uint32_t probes_lost_ = 0;
  bool probe_in_flight_ = false;
  Time next_probe_{};
  std::uint32_t bursts_ = 0;       // of losses above the least size since anything so large arrived
  std::size_t smallest_lost_ = 0;  // in these
  std::uint64_t last_lost_ = 0;
};

}  // namespace ringway::tmp
