#pragma once
// Whose turn it is inside one ring: round robin over sites, by the operator's weight in octets; inside a site over its
// client connections; inside a connection over its ready buffers. Everything is linked in place, every step is O(1).
// What a ring may send, and when, is the RingBlender's.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tmp_protocol/id_index.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/turn_list.h"

namespace ringway::tmp {

/// What one buffer has waiting. What carries no octet and must leave all the same (FIN, an opening) counts as one.
struct Waiting {
  std::uint64_t octets = 0;
  std::uint64_t lost = 0;  // of these, sent before and lost

  bool operator==(const Waiting&) const = default;
};

struct BlendConnection;
struct BlendSite;

/// One connection buffer as the blender sees it; a stream derives from it. Belongs to its owner, who removes it from
/// the blender before it is destroyed.
class BlendBuffer {
 public:
  BlendBuffer() = default;
  BlendBuffer(const BlendBuffer&) = delete;
  BlendBuffer& operator=(const BlendBuffer&) = delete;

  [[nodiscard]] std::uint8_t ring() const { return ring_; }
  [[nodiscard]] const Waiting& waiting() const { return waiting_; }
  [[nodiscard]] bool added() const { return connection_ != nullptr; }

 protected:
  ~BlendBuffer() = default;

 private:
  friend struct ConnectionTurn;
  friend class RingTurns;
  friend class RingBlender;
  BlendConnection* connection_ = nullptr;  // null while not added
  TurnLink<BlendBuffer> turn_;             // among its connection's ready buffers in its ring
  TurnLink<BlendBuffer> lost_turn_;        // among its ring's buffers with lost octets
  Waiting waiting_;
  std::uint64_t round_ = 0;        // the round that the next two are of
  std::uint64_t sent_ = 0;         // octets
  std::uint64_t turn_octets_ = 0;  // sent in its present turn, where turns are worth a packet
  std::uint64_t opened_ = 0;       // octets of its own share that its ring's budget has for it
  std::uint8_t ring_ = 0;
};

/// One client connection in one ring.
struct ConnectionTurn {
  TurnLink<ConnectionTurn> turn;
  TurnList<BlendBuffer, &BlendBuffer::turn_> buffers;  // the ready ones
  std::uint32_t ready = 0;
};

/// A client connection that has buffers, by its number in its site.
struct BlendConnection {
  BlendSite* site = nullptr;
  std::uint32_t number = 0;
  std::uint32_t slot = 0;
  std::uint32_t buffers = 0;
  std::array<ConnectionTurn, kRings> turns;
};

/// One site in one ring.
struct SiteTurn {
  TurnLink<SiteTurn> turn;
  TurnList<ConnectionTurn, &ConnectionTurn::turn> connections;
  BlendSite* site = nullptr;
  std::int64_t credit = 0;  // octets it may still send in its cycle; above zero while it is ready
  std::uint64_t cycle = 0;  // of the ring, that `credit` is for
};

struct BlendSite {
  std::string name;
  std::uint32_t weight = 1;
  std::uint32_t buffers = 0;
  std::uint32_t ready = 0;         // in all rings
  double high_credit = 0;          // octets that rings 0-1 may send while other sites wait, as of high_counted
  std::uint64_t high_counted = 0;  // octets that the link had sent then
  IdIndex connections;
  std::array<SiteTurn, kRings> turns;
};

class RingTurns {
 public:
  /// `quantum`: octets that a site of weight 1 sends in a cycle.
  void set_quantum(std::uint32_t quantum) { quantum_ = quantum; }

  /// `buffer` became ready, or is so no longer. Returns how many buffers of its connection are ready in this ring now.
  std::uint32_t add_ready(BlendBuffer& buffer);
  std::uint32_t remove_ready(BlendBuffer& buffer);
  void add_lost(BlendBuffer& buffer) { lost_.push_back(buffer); }
  void remove_lost(BlendBuffer& buffer) { lost_.remove(buffer); }

  /// The buffer with lost octets whose turn it is, or null.
  [[nodiscard]] BlendBuffer* lost() const { return lost_.front(); }
  /// The buffer whose turn it is among the sites that `allowed(BlendSite&)` lets send, or null.
  template <class Allowed>
  [[nodiscard]] BlendBuffer* next(Allowed allowed) const;

  /// `buffer`, which lost() or next() gave, sent `octets`: the turn passes on.
  void turn_lost() { lost_.turn(); }
  void turn(BlendBuffer& buffer, std::size_t octets);
  /// The same, but the turn stays with it.
  static void go_on(BlendBuffer& buffer, std::size_t octets);

  /// Sums min(ready buffers, `most`) over the ring's connections; for a change of settings.
  [[nodiscard]] std::uint64_t count_ready(std::uint32_t most) const;

 private:
  using SiteList = TurnList<SiteTurn, &SiteTurn::turn>;

  [[nodiscard]] SiteList& list_of(const SiteTurn& site) { return site.cycle == cycle_ ? now_ : later_; }
  void add_site(SiteTurn& site);
  void settle_cycle();
  template <class Allowed>
  static BlendBuffer* first_allowed(const SiteList& sites, Allowed allowed);
  static std::uint64_t count_ready(const SiteList& sites, std::uint32_t most);

  // A cycle lasts until every ready site has used up its credit; those that have wait in later_ for the next.
  SiteList now_;
  SiteList later_;
  std::uint64_t cycle_ = 1;
  TurnList<BlendBuffer, &BlendBuffer::lost_turn_> lost_;
  std::uint32_t quantum_ = 512;
};

template <class Allowed>
BlendBuffer* RingTurns::first_allowed(const SiteList& sites, Allowed allowed) {
  SiteTurn* site = sites.front();
  if (site == nullptr) return nullptr;
  do {
    if (allowed(*site->site)) return site->connections.front()->buffers.front();
    site = sites.next(*site);
  } while (site != sites.front());
  return nullptr;
}

template <class Allowed>
BlendBuffer* RingTurns::next(Allowed allowed) const {
  BlendBuffer* buffer = first_allowed(now_, allowed);
  return buffer != nullptr ? buffer : first_allowed(later_, allowed);
}

}  // namespace ringway::tmp
