#pragma once
// Blends what many connection buffers have waiting into packets, by five weighted priority rings. Pull model: the
// packet builder asks at the last moment, is granted one sub-packet after another, and says how much of each it really
// wrote. Every step is O(1). Takes no octet and no time; borrows its buffers.
//
//   a ring keeps   nSockets   its buffers
//                  nReady     buffers with data waiting; of one client connection at most ready_per_connection count
//                  nBytes     octets waiting in all
//                  Weight     octets per ready buffer per round
//   a round        nSend      = Weight * nReady, for each ring
//                  S          = nBytes / nSend of the ring with the most octets waiting, and at most what makes the
//                               nSend * S of all rings together round_packets packets
//                  nSendNorm  = nSend * S rounded up, at least one sub-packet, at most nBytes: the ring's budget
//
// A round ends when every ring with data has spent its budget. A buffer that becomes ready inside a round, or gets more
// to send, opens its own share of its ring's budget at once: as much as it would have had, had the data been there when
// the round began, and at most Weight * S. So what is urgent and late goes into the very next packet, while the round
// stays at about round_packets and nobody's share grows by sending in small pieces.
// Order between rings (triangle): 0, 0 1, 0 1 2, 0 1 2 3, 0 1 2 3 4, and from the start; one sub-packet each, without
// the rings that have no data or no budget left. The place in it lasts across packets and rounds. A ring that had
// nothing and becomes ready takes its next place at once, ahead of the lower rings', and lets that place pass when it
// comes: from within the longest rows it would miss the very next packet. (weighted: always the first ring with data
// and budget.) Order inside a ring: buffers with lost octets first, then as RingTurns says; each turns only after a
// sub-packet that carried data. A round that begins with many buffers ready, all of one ring and one site, blends
// nothing by cutting packets up: until another ring or site has data its sub-packets fill packets, and a turn in it is
// worth a packet. So a small answer lies in one packet or two that follow each other. Rings 0-1 of one site take at
// most high_rings_share of the link while other sites wait.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tmp_protocol/link.h"
#include "tmp_protocol/ring_turns.h"
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

/// Whether the link's flow control lets octets leave that never left before.
enum class NewOctets : std::uint8_t { allowed, blocked };

class RingBlender {
 public:
  using Buffer = BlendBuffer;

  /// One sub-packet: at most so many octets of this buffer. Null where nothing may be sent.
  struct Grant {
    Buffer* buffer = nullptr;
    std::size_t octets = 0;
    explicit operator bool() const { return buffer != nullptr; }
  };

  /// A ring in the design's words.
  struct Ring {
    std::uint64_t Weight = 0;
    std::uint64_t nSockets = 0;
    std::uint64_t nReady = 0;
    std::uint64_t nBytes = 0;
    std::uint64_t nSend = 0;      // when the round began
    std::uint64_t nSendNorm = 0;  // when the round began, and what was opened since
    std::uint64_t spent = 0;      // of nSendNorm

    [[nodiscard]] std::uint64_t budget_left() const { return nSendNorm - spent; }
  };

  RingBlender(const RingSettings& settings, std::span<const SiteWeight> weights);
  RingBlender(const RingBlender&) = delete;
  RingBlender& operator=(const RingBlender&) = delete;
  ~RingBlender() = default;

  /// Other settings from now on; a new round begins.
  void update(const RingSettings& settings, std::span<const SiteWeight> weights);
  /// What a packet carries at most; a round is measured in it.
  void set_packet_octets(std::size_t octets) { packet_octets_ = octets; }

  /// `ring` is below kRings. Nothing waits yet.
  void add(Buffer& buffer, std::uint8_t ring, std::string_view site, std::uint32_t connection);
  void remove(Buffer& buffer);
  /// To another ring, with what waits.
  void move(Buffer& buffer, std::uint8_t ring);
  void set_waiting(Buffer& buffer, Waiting waiting) {
    if (waiting != buffer.waiting_) change_waiting(buffer, waiting);
  }

  /// The next sub-packet for a packet with `room` octets left. Asking again gives the same until something changes.
  [[nodiscard]] Grant next(std::size_t room, NewOctets new_octets);
  /// Directly after next(): of its grant `octets` were written, and the buffer has `left` waiting. Nothing turns where
  /// `octets` is 0.
  void wrote(std::size_t octets, Waiting left);

  /// Buffers with data waiting, every one counted.
  [[nodiscard]] std::size_t ready_buffers() const { return ready_buffers_; }
  /// Whether next() would grant anything while new octets are blocked.
  [[nodiscard]] bool any_lost() const;
  [[nodiscard]] const Ring& ring(std::size_t index) const { return rings_[index]; }
  /// Sites remembered.
  [[nodiscard]] std::size_t sites() const { return sites_.size(); }
  [[nodiscard]] double S() const { return S_; }
  [[nodiscard]] std::uint64_t rounds() const { return round_; }

 private:
  using RingMask = std::uint32_t;
  struct Choice {
    RingMask rings = 0;     // that may send now
    bool hold_back = true;  // whether greedy sites are to be passed over
  };
  /// Whose turn it is, and what is so once it was taken. Small: it travels in registers.
  struct Turn {
    std::uint32_t ring = 0;
    std::uint32_t next_place = 0;
    RingMask ahead = 0;
  };

  // Connections and sites.
  BlendSite& site_named(std::string_view name);
  BlendConnection& connection_numbered(BlendSite& site, std::uint32_t number);
  void release(BlendConnection& connection);
  [[nodiscard]] std::uint32_t weight_of(std::string_view site) const;

  // Rounds.
  void change_waiting(Buffer& buffer, Waiting waiting);
  void start_round();
  [[nodiscard]] bool round_over() const;
  void enter_round(Buffer& buffer, std::uint64_t had);
  void open_share(Buffer& buffer, std::uint64_t waits);
  [[nodiscard]] std::uint64_t share_of(const Buffer& buffer) const;
  [[nodiscard]] std::uint64_t round_octets() const { return settings_.round_packets * packet_octets_; }
  void become_ready(Buffer& buffer);
  void become_idle(Buffer& buffer);

  // The order.
  void find_next(NewOctets new_octets);
  [[nodiscard]] Choice choose(NewOctets new_octets);
  [[nodiscard]] RingMask with_budget(RingMask rings) const;
  [[nodiscard]] Turn next_turn(RingMask rings) const;
  [[nodiscard]] std::size_t sub_packet(std::size_t room) const;
  [[nodiscard]] bool goes_on(Buffer& buffer, std::size_t octets) const;

  // The bound of the high rings.
  [[nodiscard]] bool may_send_high(BlendSite& site);
  void count_high(BlendSite& site);
  void charge(Buffer& buffer, std::size_t octets);

  RingSettings settings_;
  std::map<std::string, std::uint32_t, std::less<>> weights_;
  std::array<Ring, kRings> rings_;
  std::array<RingTurns, kRings> turns_;
  std::map<std::string, BlendSite, std::less<>> sites_;
  std::vector<std::unique_ptr<BlendConnection>> connections_;
  std::vector<std::uint32_t> free_connections_;

  std::size_t packet_octets_;
  double S_ = 0;
  std::uint64_t round_ = 0;
  bool in_round_ = false;
  bool fills_ = false;       // this round's sub-packets fill packets
  std::uint32_t place_ = 0;  // in the order of sub-packets
  RingMask late_ = 0;        // rings that had nothing, became ready, and were not served since
  RingMask ahead_ = 0;       // rings that were served ahead of their place and let that pass
  std::size_t ready_buffers_ = 0;
  std::size_t ready_sites_ = 0;
  std::uint64_t link_octets_ = 0;  // sent in all

  struct {
    Buffer* buffer = nullptr;
    std::size_t octets = 0;
    Turn turn;
    bool lost = false;
    NewOctets new_octets = NewOctets::allowed;
  } granted_;  // no buffer where whose turn it is must be found anew
};

}  // namespace ringway::tmp
