#pragma once
// Blends what many connection buffers have waiting into packets, by five weighted priority rings. Pull model: the packet
// builder asks at the last moment, is granted one sub-packet after another, and says how much of each it really wrote.
// Every step is O(1). Takes no octet and no time; borrows its buffers, which must be removed before they are destroyed.
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
// A round ends when every ring with data has spent its budget. A buffer that becomes ready inside a round opens its own
// share, Weight * S, at once (what of it the round has not given it yet).
// Order between rings (triangle): 0, 0 1, 0 1 2, 0 1 2 3, 0 1 2 3 4, and from the start; one sub-packet each, without
// the rings that have no data or no budget left. The place in it lasts across packets and rounds. (weighted: always the
// first ring with data and budget.)
// Order inside a ring: buffers with lost octets first; then round robin over sites, by weight in octets, over the site's
// client connections, over the connection's buffers; each turns only after a sub-packet that carried data.
// Rings 0-1 of one site take at most high_rings_share of the link while other sites wait.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tmp_protocol/id_index.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/settings.h"
#include "tmp_protocol/turn_list.h"

namespace ringway::tmp {

/// What one buffer has waiting. What carries no octet and must leave all the same (FIN, an opening) counts as one.
struct Waiting {
  std::uint64_t octets = 0;
  std::uint64_t lost = 0;  // of these, sent before and lost
};

/// Whether the link's flow control lets octets leave that never left before.
enum class NewOctets : std::uint8_t { allowed, blocked };

class RingBlender {
  struct Site;
  struct Connection;

 public:
  /// One connection buffer as the blender sees it; a stream derives from it. Belongs to its owner.
  class Buffer {
   public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    [[nodiscard]] std::uint8_t ring() const { return ring_; }
    [[nodiscard]] const Waiting& waiting() const { return waiting_; }

   protected:
    ~Buffer() = default;

   private:
    friend class RingBlender;
    Connection* connection_ = nullptr;  // null while not added
    TurnLink<Buffer> turn_;             // among its connection's ready buffers in its ring
    TurnLink<Buffer> lost_turn_;        // among its ring's buffers with lost octets
    Waiting waiting_;
    std::uint64_t round_ = 0;  // the last round that it sent in
    std::uint64_t sent_ = 0;   // octets it sent in that round
    std::uint8_t ring_ = 0;
  };

  /// One sub-packet: at most so many octets of this buffer. Null where nothing may be sent.
  struct Grant {
    Buffer* buffer = nullptr;
    std::size_t octets = 0;
    explicit operator bool() const { return buffer != nullptr; }
  };

  /// A ring's state in the design's words; octets.
  struct RingState {
    std::uint64_t Weight = 0;
    std::uint64_t nSockets = 0;
    std::uint64_t nReady = 0;
    std::uint64_t nBytes = 0;
    std::uint64_t nSend = 0;      // at the start of the round
    std::uint64_t nSendNorm = 0;  // the budget: at the start of the round, and what was opened since
    std::uint64_t spent = 0;      // of nSendNorm
  };

  RingBlender(const RingSettings& settings, std::span<const SiteWeight> weights);
  RingBlender(const RingBlender&) = delete;
  RingBlender& operator=(const RingBlender&) = delete;
  ~RingBlender();

  /// Other settings for the rounds to come.
  void update(const RingSettings& settings, std::span<const SiteWeight> weights);
  /// What a packet carries at most; a round is measured in it.
  void set_packet_octets(std::size_t octets) { packet_octets_ = octets; }

  /// `ring` is below kRings. Nothing waits yet.
  void add(Buffer& buffer, std::uint8_t ring, std::string_view site, std::uint32_t connection);
  void remove(Buffer& buffer);
  /// To another ring, with what waits.
  void move(Buffer& buffer, std::uint8_t ring);
  void set_waiting(Buffer& buffer, Waiting waiting);

  /// The next sub-packet for a packet with `room` octets left. Asking again without wrote() gives the same.
  [[nodiscard]] Grant next(std::size_t room, NewOctets new_octets);
  /// Of the last grant `octets` were written, and its buffer has `left` waiting. Nothing turns where `octets` is 0.
  void wrote(std::size_t octets, Waiting left);

  /// Buffers with data waiting, all of them counted.
  [[nodiscard]] std::size_t ready_buffers() const { return ready_buffers_; }
  [[nodiscard]] std::uint64_t waiting_octets() const;
  [[nodiscard]] const RingState& ring(std::size_t index) const { return rings_[index]; }
  [[nodiscard]] double S() const { return S_; }
  [[nodiscard]] std::uint64_t rounds() const { return round_; }

 private:
  struct ConnectionTurn;
  struct SiteTurn;
  struct Ring;

  std::array<RingState, kRings> rings_;
  double S_ = 0;
  std::uint64_t round_ = 0;
  std::size_t ready_buffers_ = 0;
  std::size_t packet_octets_ = 1443;
};

}  // namespace ringway::tmp
