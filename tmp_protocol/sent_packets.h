#pragma once
// The packets of one path that were sent and are not yet settled, by number, with what each carried.
// Two rings of records (packets, and the items inside them) in the order of sending: O(1) for each packet,
// no allocation once they have grown to the flight's size.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"

namespace ringway::tmp {

/// What an item of a packet was. The recovery only keeps it; the connection gives it meaning on
/// acknowledgement and on loss.
enum class SentKind : std::uint8_t {
  stream,           // stream octets [offset, offset + length), `flag`: FIN
  stream_open,      // the opening of `stream`
  crypto,           // handshake octets [offset, offset + length)
  reset_stream,     // stream, offset: final size
  stop_sending,     // stream
  priority_update,  // stream
  max_stream_data,  // stream, offset: the limit
  max_data,         // offset: the limit
  max_streams,      // offset: the limit
  stream_blocked,   // stream, offset: the limit
  data_blocked,     // offset: the limit
  streams_blocked,  // offset: the limit
  ack,              // offset: largest number it acknowledged
  path_challenge,
  path_response,
  link_quality,
  new_cid,     // offset: sequence
  retire_cid,  // offset: sequence
  new_cookie,
  goaway,
  repair,
  ping,
  mtu_probe,  // length: octets of the datagram
};

/// 24 octets.
struct SentItem {
  std::uint64_t stream = 0;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  SentKind kind = SentKind::ping;
  bool flag = false;
  friend bool operator==(const SentItem&, const SentItem&) = default;
};

/// What one packet carried, in the order in which it was staged.
using SentContent = std::span<const SentItem>;

/// The state of delivery when a packet left (see DeliveryRate).
struct DeliveryMark {
  std::uint64_t delivered = 0;  // octets acknowledged by then
  Time delivered_at{};
  Time first_sent{};  // of the flight that the sample covers
  bool app_limited = false;
};

enum class PacketState : std::uint8_t {
  none,         // nothing waits for it: only an acknowledgement, or a skipped number
  outstanding,  // waiting for its acknowledgement
  acked,
  lost,  // declared lost; kept for a while, since that may prove wrong
};

/// How a packet counts.
enum class PacketClass : std::uint8_t {
  ack_only,   // asks for no acknowledgement; not in flight, never lost
  data,       // in flight
  mtu_probe,  // not in flight; its loss says nothing about congestion
};

struct SentPacket {
  Time sent{};
  Time settled{};  // when it was declared lost
  DeliveryMark mark;
  std::uint32_t previous = 0;  // outstanding neighbours, as low halves of packet numbers
  std::uint32_t next = 0;
  std::uint32_t first_item = 0;
  std::uint16_t items = 0;
  std::uint16_t octets = 0;  // UDP payload
  PacketState state = PacketState::none;
  PacketClass cls = PacketClass::data;
  std::uint8_t charge = 0;  // the virtual flow that backed off for its loss (see VirtualFlowEnsemble)
};

class SentPackets {
 public:
  /// The number of the next packet.
  [[nodiscard]] std::uint64_t next_number() const { return end_; }
  /// Leaves one number unused: a peer that acknowledges it lies.
  void skip();

  /// Adds to what the packet under construction carries.
  void stage(const SentItem& item) { items_.push(item); }
  /// Forgets what was staged: the packet is not sent after all.
  void unstage() { items_.end = items_.staged; }
  /// Items staged so far.
  [[nodiscard]] SentContent staged() const { return items_.view(items_.staged, items_.end - items_.staged); }
  /// The packet left with what was staged. Returns its number. What is only an acknowledgement is settled at
  /// once and its content forgotten.
  std::uint64_t commit(Time now, std::size_t octets, PacketClass cls, const DeliveryMark& mark);

  /// `number` is one of [begin(), next_number()). Valid until release() or commit().
  [[nodiscard]] SentPacket& record(std::uint64_t number) { return ring_[number & (ring_.size() - 1)]; }
  [[nodiscard]] const SentPacket& record(std::uint64_t number) const { return ring_[number & (ring_.size() - 1)]; }
  [[nodiscard]] SentContent content(const SentPacket& packet) const;
  /// The number that skip() left out last; kNone before the first.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

  /// An outstanding or lost packet was acknowledged; its record and content stay until release().
  void mark_acked(std::uint64_t number);
  /// An outstanding packet is lost.
  void mark_lost(std::uint64_t number, Time now);
  /// Forgets settled packets, and those lost before `lost_before`, from the oldest on.
  void release(Time lost_before);

  static constexpr std::uint64_t kNone = UINT64_MAX;
  /// Outstanding packets in order of number, kNone after the last.
  [[nodiscard]] std::uint64_t oldest_outstanding() const { return oldest_; }
  [[nodiscard]] std::uint64_t newest_outstanding() const { return newest_; }
  /// The outstanding packet after this outstanding one.
  [[nodiscard]] std::uint64_t after(std::uint64_t number) const;

  [[nodiscard]] std::size_t packets_in_flight() const { return packets_in_flight_; }
  [[nodiscard]] std::size_t octets_in_flight() const { return octets_in_flight_; }
  /// Records held, settled ones between others included.
  [[nodiscard]] std::size_t tracked() const { return static_cast<std::size_t>(end_ - begin_); }
  /// The lowest number that may still be found.
  [[nodiscard]] std::uint64_t begin() const { return begin_; }

 private:
  /// A ring of items addressed by a running count. What is staged together stays adjacent in memory.
  class ItemRing {
   public:
    void push(const SentItem& item);
    [[nodiscard]] SentContent view(std::uint64_t first, std::size_t count) const;

    std::uint64_t begin = 0;   // the oldest kept
    std::uint64_t staged = 0;  // the first that no packet owns yet
    std::uint64_t end = 0;

   private:
    [[nodiscard]] SentItem& at(std::uint64_t position) { return ring_[position & (ring_.size() - 1)]; }
    void grow();
    std::vector<SentItem> ring_ = std::vector<SentItem>(256);
  };

  [[nodiscard]] SentPacket& append(Time now);
  void grow();
  void link(std::uint64_t number, SentPacket& packet);
  void unlink(std::uint64_t number, const SentPacket& packet);
  /// The whole number of a remembered low half.
  [[nodiscard]] std::uint64_t whole(std::uint32_t low) const {
    return begin_ + (low - static_cast<std::uint32_t>(begin_));
  }
  void leave_flight(const SentPacket& packet);

  std::vector<SentPacket> ring_ = std::vector<SentPacket>(64);
  ItemRing items_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t oldest_ = kNone;
  std::uint64_t newest_ = kNone;
  std::uint64_t skipped_ = kNone;
  std::size_t packets_in_flight_ = 0;
  std::size_t octets_in_flight_ = 0;
};

}  // namespace ringway::tmp
