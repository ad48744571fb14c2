#pragma once
// The blending of the design written down as it is worded, with lists that are searched and sums that are counted anew
// each time. Slow, and simple enough to be believed; the RingBlender must give the same grants.

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tmp_protocol/ring_blender.h"

namespace ringway::tmp::testing {

class NaiveBlender {
 public:
  NaiveBlender(const RingSettings& settings, const std::map<std::string, std::uint32_t>& weights,
               std::size_t packet_octets)
      : settings_(settings), weights_(weights), packet_octets_(packet_octets) {}

  void add(int id, std::uint8_t ring, const std::string& site, std::uint32_t connection);
  void remove(int id);
  void move(int id, std::uint8_t ring);
  void set_waiting(int id, const Waiting& waiting);

  struct Grant {
    int id = -1;
    std::size_t octets = 0;
    bool operator==(const Grant&) const = default;
  };
  Grant next(std::size_t room, NewOctets new_octets);
  void wrote(std::size_t octets, const Waiting& left);

  [[nodiscard]] std::uint64_t nSockets(std::size_t ring) const;
  [[nodiscard]] std::uint64_t nReady(std::size_t ring) const;
  [[nodiscard]] std::uint64_t nBytes(std::size_t ring) const;

 private:
  struct Buffer {
    std::uint8_t ring = 0;
    std::string site;
    std::uint32_t connection = 0;
    Waiting waiting;
    std::uint64_t round = 0;
    std::uint64_t sent = 0;    // in that round
    std::uint64_t opened = 0;  // in that round, of its share
    std::uint64_t turn_octets = 0;
  };
  /// A site's turn in one ring.
  struct SiteTurn {
    std::string site;
    std::int64_t credit = 0;
    std::uint64_t cycle = 0;
    std::deque<std::uint32_t> connections;
    std::map<std::uint32_t, std::deque<int>> buffers;  // ready ones, of each connection
  };
  struct Ring {
    std::map<std::string, SiteTurn> sites;
    std::deque<std::string> now, later;  // ready sites
    std::uint64_t cycle = 1;
    std::deque<int> lost;
    std::uint64_t budget = 0;
  };
  struct Choice {
    std::vector<std::size_t> rings;
    bool hold_back = true;
  };

  [[nodiscard]] std::size_t ready_buffers() const;
  [[nodiscard]] std::size_t ready_sites() const;
  [[nodiscard]] std::size_t ready_rings() const;
  [[nodiscard]] bool round_over() const;
  [[nodiscard]] double round_octets() const;
  [[nodiscard]] bool held_back(const std::string& site) const;
  [[nodiscard]] bool sends_something(std::size_t ring, bool hold_back) const;
  [[nodiscard]] std::vector<std::size_t> with_budget(const std::vector<std::size_t>& rings) const;
  std::uint32_t weight(const std::string& site) const;
  void start_round();
  std::uint64_t share_of(const Buffer& buffer) const;
  void enter_round(Buffer& buffer, std::uint64_t had);
  void open_share(Buffer& buffer);
  void become_ready(int id);
  void become_idle(int id);
  static void begin_cycle_if_over(Ring& ring);
  Choice choose(NewOctets new_octets);
  std::size_t ring_in_order(const std::vector<std::size_t>& rings);
  int turn_of(std::size_t ring, bool hold_back);
  bool goes_on(Buffer& buffer, std::size_t octets) const;
  void pass_turn(int id, std::size_t octets);
  void charge(Buffer& buffer, std::size_t octets);

  RingSettings settings_;
  std::map<std::string, std::uint32_t> weights_;
  std::size_t packet_octets_;
  std::map<int, Buffer> buffers_;
  std::array<Ring, kRings> rings_;
  std::map<std::string, double> high_credit_;
  double S_ = 0;
  bool in_round_ = false;
  bool fills_ = false;  // this round's sub-packets fill packets
  std::uint64_t round_ = 0;
  std::size_t place_ = 0;
  std::set<std::size_t> late_;   // rings that had nothing, became ready, and were not served since
  std::set<std::size_t> ahead_;  // rings that took their next place before it came

  int granted_ = -1;
  std::size_t granted_next_place_ = 0;
  std::set<std::size_t> granted_ahead_;
  bool granted_lost_ = false;
};

}  // namespace ringway::tmp::testing
