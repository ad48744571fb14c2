#include "tmp_protocol/ring_blender.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

#include "base/limits.h"

namespace ringway::tmp {

namespace {

/// Rings 0 and 1 are the high ones.
constexpr std::uint8_t kHighRings = 2;
/// From so many ready buffers on, packets are filled rather than cut up.
constexpr std::size_t kManyReady = 8;
/// A site of the greatest weight sends at most so many sub-packets in a row.
constexpr std::uint32_t kMaxSiteWeight = 64;

constexpr std::uint32_t kPlaces = kRings * (kRings + 1) / 2;

constexpr std::array<std::uint8_t, kPlaces> make_triangle() {
  std::array<std::uint8_t, kPlaces> order{};
  std::size_t place = 0;
  for (std::uint8_t row = 0; row < kRings; ++row) {
    for (std::uint8_t ring = 0; ring <= row; ++ring) order[place++] = ring;
  }
  return order;
}

/// The ring of each place: 0, 0 1, 0 1 2, 0 1 2 3, 0 1 2 3 4.
constexpr std::array<std::uint8_t, kPlaces> kTriangle = make_triangle();

constexpr std::uint32_t place_after(std::uint32_t place) { return place + 1 == kPlaces ? 0 : place + 1; }

constexpr std::uint32_t mask_of(std::size_t ring) { return 1U << ring; }

RingSettings checked(RingSettings settings) {
  for (std::uint32_t& weight : settings.weights) weight = std::max(weight, 1U);
  settings.sub_packet_octets = std::max(settings.sub_packet_octets, 1U);
  settings.round_packets = std::max(settings.round_packets, 1U);
  settings.ready_per_connection = std::max(settings.ready_per_connection, 1U);
  return settings;
}

}  // namespace

RingBlender::RingBlender(const RingSettings& settings, std::span<const SiteWeight> weights)
    : packet_octets_(limits::kMaxPacketOctets) {
  update(settings, weights);
}

void RingBlender::update(const RingSettings& settings, std::span<const SiteWeight> weights) {
  settings_ = checked(settings);
  std::uint32_t greatest = 1;
  for (const SiteWeight& site : weights) greatest = std::max(greatest, site.weight);
  const std::uint32_t scale = std::min(greatest, kMaxSiteWeight);
  weights_.clear();
  for (const SiteWeight& site : weights) {
    const std::uint64_t scaled = std::uint64_t{site.weight} * scale / greatest;
    weights_[site.site] = std::max(static_cast<std::uint32_t>(scaled), 1U);
  }
  for (auto& [name, site] : sites_) site.weight = weight_of(name);
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    turns_[i].set_quantum(settings_.sub_packet_octets);
    rings_[i].Weight = settings_.weights[i];
    rings_[i].nReady = turns_[i].count_ready(settings_.ready_per_connection);
  }
  in_round_ = false;
  granted_.buffer = nullptr;
}

// ---- Connections and sites

std::uint32_t RingBlender::weight_of(std::string_view site) const {
  const auto found = weights_.find(site);
  return found == weights_.end() ? 1 : found->second;
}

BlendSite& RingBlender::site_named(std::string_view name) {
  const auto found = sites_.find(name);
  if (found != sites_.end()) return found->second;
  BlendSite& site = sites_[std::string(name)];
  site.name = name;
  site.weight = weight_of(name);
  site.high_credit = settings_.high_rings_share * static_cast<double>(round_octets());
  site.high_counted = link_octets_;
  for (SiteTurn& turn : site.turns) turn.site = &site;
  return site;
}

BlendConnection& RingBlender::connection_numbered(BlendSite& site, std::uint32_t number) {
  const std::uint32_t found = site.connections.find(number);
  if (found != IdIndex::kNone) return *connections_[found];
  std::uint32_t slot = static_cast<std::uint32_t>(connections_.size());
  if (free_connections_.empty()) {
    connections_.push_back(std::make_unique<BlendConnection>());
  } else {
    slot = free_connections_.back();
    free_connections_.pop_back();
  }
  site.connections.insert(number, slot);
  BlendConnection& connection = *connections_[slot];
  connection.site = &site;
  connection.number = number;
  connection.slot = slot;
  return connection;
}

/// A connection without buffers is forgotten, and so is its site where too many names were heard of.
void RingBlender::release(BlendConnection& connection) {
  BlendSite& site = *connection.site;
  if (--connection.buffers == 0) {
    site.connections.erase(connection.number);
    free_connections_.push_back(connection.slot);
  }
  if (--site.buffers == 0 && sites_.size() > limits::kMaxIdleSites) sites_.erase(sites_.find(site.name));
}

void RingBlender::add(Buffer& buffer, std::uint8_t ring, std::string_view site, std::uint32_t connection) {
  assert(!buffer.added() && ring < kRings);
  BlendSite& its_site = site_named(site);
  buffer.connection_ = &connection_numbered(its_site, connection);
  ++buffer.connection_->buffers;
  ++its_site.buffers;
  buffer.ring_ = ring;
  ++rings_[ring].nSockets;
}

void RingBlender::remove(Buffer& buffer) {
  set_waiting(buffer, {});
  --rings_[buffer.ring_].nSockets;
  release(*buffer.connection_);
  buffer.connection_ = nullptr;
}

void RingBlender::move(Buffer& buffer, std::uint8_t ring) {
  if (ring == buffer.ring_) return;
  const Waiting waiting = buffer.waiting_;
  set_waiting(buffer, {});
  --rings_[buffer.ring_].nSockets;
  buffer.ring_ = ring;
  buffer.round_ = 0;  // the new ring's budget has nothing for it yet
  ++rings_[ring].nSockets;
  set_waiting(buffer, waiting);
}

void RingBlender::change_waiting(Buffer& buffer, Waiting waiting) {
  granted_.buffer = nullptr;
  const std::uint64_t had = std::exchange(buffer.waiting_.octets, waiting.octets);
  const std::uint64_t had_lost = std::exchange(buffer.waiting_.lost, waiting.lost);
  rings_[buffer.ring_].nBytes += waiting.octets - had;
  if (had_lost == 0 && waiting.lost > 0) turns_[buffer.ring_].add_lost(buffer);
  if (had_lost > 0 && waiting.lost == 0) turns_[buffer.ring_].remove_lost(buffer);
  if (waiting.octets > had) {
    if (round_over()) in_round_ = false;
    if (in_round_) enter_round(buffer, had);
  }
  if (had == 0 && waiting.octets > 0) become_ready(buffer);
  if (had > 0 && waiting.octets == 0) become_idle(buffer);
  if (in_round_ && waiting.octets > had) open_share(buffer, waiting.octets);
}

void RingBlender::become_ready(Buffer& buffer) {
  if (rings_[buffer.ring_].nReady == 0) {
    late_ |= mask_of(buffer.ring_);
    fills_ = false;
  }
  const std::uint32_t of_connection = turns_[buffer.ring_].add_ready(buffer);
  if (of_connection <= settings_.ready_per_connection) ++rings_[buffer.ring_].nReady;
  ++ready_buffers_;
  if (buffer.connection_->site->ready++ == 0) {
    ++ready_sites_;
    fills_ = false;
  }
}

void RingBlender::become_idle(Buffer& buffer) {
  const std::uint32_t of_connection = turns_[buffer.ring_].remove_ready(buffer);
  if (of_connection < settings_.ready_per_connection) --rings_[buffer.ring_].nReady;
  buffer.turn_octets_ = 0;
  --ready_buffers_;
  if (--buffer.connection_->site->ready == 0) --ready_sites_;
  if (ready_buffers_ == 0) in_round_ = false;
}

// ---- Rounds

void RingBlender::start_round() {
  const Ring* most = &rings_[0];
  std::uint64_t all_send = 0;
  int rings_ready = 0;
  for (Ring& ring : rings_) {
    ring.nSend = ring.Weight * ring.nReady;
    all_send += ring.nSend;
    if (ring.nReady > 0) ++rings_ready;
    if (ring.nBytes > most->nBytes) most = &ring;
  }
  if (all_send == 0) return;
  S_ = std::min(static_cast<double>(most->nBytes) / static_cast<double>(most->nSend),
                static_cast<double>(round_octets()) / static_cast<double>(all_send));
  for (Ring& ring : rings_) {
    const auto norm = static_cast<std::uint64_t>(std::ceil(static_cast<double>(ring.nSend) * S_));
    ring.nSendNorm = std::min(std::max<std::uint64_t>(norm, settings_.sub_packet_octets), ring.nBytes);
    ring.spent = 0;
  }
  fills_ = rings_ready == 1 && ready_sites_ == 1 && ready_buffers_ >= kManyReady;
  in_round_ = true;
  ++round_;
}

/// Every ring with data has spent its budget.
bool RingBlender::round_over() const {
  return std::none_of(rings_.begin(), rings_.end(),
                      [](const Ring& ring) { return ring.nReady > 0 && ring.budget_left() > 0; });
}

/// What one buffer may send in this round.
std::uint64_t RingBlender::share_of(const Buffer& buffer) const {
  const auto norm = static_cast<std::uint64_t>(std::ceil(static_cast<double>(rings_[buffer.ring_].Weight) * S_));
  return std::max<std::uint64_t>(norm, settings_.sub_packet_octets);
}

/// The first that happens to `buffer` in this round: what it had when that began is in its ring's budget.
void RingBlender::enter_round(Buffer& buffer, std::uint64_t had) {
  if (buffer.round_ == round_) return;
  buffer.round_ = round_;
  buffer.sent_ = 0;
  buffer.opened_ = std::min(share_of(buffer), had);
}

/// `buffer`, which entered the round, has more to send now.
void RingBlender::open_share(Buffer& buffer, std::uint64_t waits) {
  const ConnectionTurn& connection = buffer.connection_->turns[buffer.ring_];
  if (connection.ready > settings_.ready_per_connection) return;
  const std::uint64_t wanted = std::min(share_of(buffer), buffer.sent_ + waits);
  if (wanted <= buffer.opened_) return;
  const std::uint64_t more = wanted - std::exchange(buffer.opened_, wanted);
  std::uint64_t budgets = 0;
  for (const Ring& each : rings_) budgets += std::min(each.budget_left(), each.nBytes);
  const std::uint64_t free = round_octets() > budgets ? round_octets() - budgets : 0;
  Ring& ring = rings_[buffer.ring_];
  const std::uint64_t left = ring.budget_left() + std::min(more, free);
  ring.nSendNorm = ring.spent + std::min(std::max<std::uint64_t>(left, settings_.sub_packet_octets), ring.nBytes);
}

// ---- The order

RingBlender::Grant RingBlender::next(std::size_t room, NewOctets new_octets) {
  if (room == 0) return {};
  // Each is asked for twice: behind the sub-packet before it, whose header might do for both, and on its own.
  if (granted_.buffer == nullptr || granted_.new_octets != new_octets) find_next(new_octets);
  const Buffer* const buffer = granted_.buffer;
  if (buffer == nullptr) return {};
  const std::uint64_t waiting = granted_.lost ? buffer->waiting_.lost : buffer->waiting_.octets;
  const std::uint64_t bound = std::min(waiting, rings_[granted_.turn.ring].budget_left());
  granted_.octets = static_cast<std::size_t>(std::min<std::uint64_t>(sub_packet(room), bound));
  return {granted_.buffer, granted_.octets};
}

/// Whose turn it is: `granted_`, but for the octets. It stands until the state changes.
void RingBlender::find_next(NewOctets new_octets) {
  granted_.buffer = nullptr;
  granted_.new_octets = new_octets;
  const Choice choice = choose(new_octets);
  if (choice.rings == 0) return;
  granted_.turn = next_turn(choice.rings);
  const std::size_t index = granted_.turn.ring;
  const RingTurns& turns = turns_[index];
  granted_.lost = turns.lost() != nullptr;
  const bool bounded = choice.hold_back && index < kHighRings;
  granted_.buffer =
      granted_.lost ? turns.lost() : turns.next([&](BlendSite& site) { return !bounded || may_send_high(site); });
  assert(granted_.buffer != nullptr);  // choose() saw that there is one
}

void RingBlender::wrote(std::size_t octets, Waiting left) {
  assert(granted_.buffer != nullptr && octets <= granted_.octets);
  Buffer& buffer = *granted_.buffer;
  if (octets > 0) {
    charge(buffer, octets);
    place_ = granted_.turn.next_place;
    ahead_ = granted_.turn.ahead;
    late_ &= ~mask_of(buffer.ring_);
    if (granted_.lost) {
      turns_[buffer.ring_].turn_lost();
    } else if (left.octets > 0 && goes_on(buffer, octets)) {
      turns_[buffer.ring_].go_on(buffer, octets);
    } else {
      turns_[buffer.ring_].turn(buffer, octets);
    }
  }
  granted_.buffer = nullptr;
  set_waiting(buffer, left);
}

/// Which rings may send now; begins a round where the last one is over.
RingBlender::Choice RingBlender::choose(NewOctets new_octets) {
  RingMask with_data = 0;
  RingMask free = 0;  // with something that is not held back
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    const bool lost = turns_[i].lost() != nullptr;
    if (!lost && (new_octets == NewOctets::blocked || rings_[i].nReady == 0)) continue;
    with_data |= mask_of(i);
    const bool held =
        !lost && i < kHighRings && turns_[i].next([&](BlendSite& s) { return may_send_high(s); }) == nullptr;
    if (!held) free |= mask_of(i);
  }
  // Where every site that waits is held back there is nobody to hold them back for.
  const Choice wanted{free != 0 ? free : with_data, free != 0};
  RingMask rings = with_budget(wanted.rings);
  if (rings == 0 && wanted.rings != 0) {
    start_round();
    rings = with_budget(wanted.rings);
  }
  return {rings, wanted.hold_back};
}

RingBlender::RingMask RingBlender::with_budget(RingMask rings) const {
  if (!in_round_) return 0;
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    if (rings_[i].budget_left() == 0) rings &= ~(mask_of(i));
  }
  return rings;
}

/// The ring of the first place from the present one on that may send, or a higher one that is late.
RingBlender::Turn RingBlender::next_turn(RingMask rings) const {
  if (settings_.order == RingOrder::weighted) {
    return {static_cast<std::uint32_t>(std::countr_zero(rings)), place_, ahead_};
  }
  std::uint32_t place = place_;
  RingMask ahead = ahead_;
  while ((mask_of(kTriangle[place]) & rings & ~ahead) == 0) {
    ahead &= ~mask_of(kTriangle[place]);
    place = place_after(place);
  }
  const std::uint32_t ring = kTriangle[place];
  const RingMask late = late_ & rings & ~ahead_ & (mask_of(ring) - 1);
  if (late == 0) return {ring, place_after(place), ahead};
  const auto first = static_cast<std::uint32_t>(std::countr_zero(late));
  return {first, place_, ahead_ | mask_of(first)};
}

/// While several buffers are ready the room is shared out evenly: else the last sub-packet of a packet would be a short
/// one every time, and where the turns and the packets keep step always the same buffer's.
std::size_t RingBlender::sub_packet(std::size_t room) const {
  if (ready_buffers_ == 1 || fills_) return room;
  const std::size_t most = settings_.sub_packet_octets;
  const std::size_t pieces = (room + most - 1) / most;
  return (room + pieces - 1) / pieces;
}

/// Whether the turn stays with `buffer`, which sent `octets`: what the end of a packet cut off goes on in the next.
/// What a turn took above a packet's worth comes off the buffer's next one.
bool RingBlender::goes_on(Buffer& buffer, std::size_t octets) const {
  if (!fills_) return false;
  buffer.turn_octets_ += octets;
  if (buffer.turn_octets_ < packet_octets_) return true;
  buffer.turn_octets_ -= packet_octets_;
  return false;
}

bool RingBlender::any_lost() const {
  return std::any_of(turns_.begin(), turns_.end(), [](const RingTurns& turns) { return turns.lost() != nullptr; });
}

// ---- The bound of the high rings: each site earns its share of every octet that leaves

bool RingBlender::may_send_high(BlendSite& site) {
  if (ready_sites_ < 2) return true;
  count_high(site);
  return site.high_credit > 0;
}

void RingBlender::count_high(BlendSite& site) {
  const double most = settings_.high_rings_share * static_cast<double>(round_octets());
  const auto sent = static_cast<double>(link_octets_ - site.high_counted);
  site.high_credit = std::min(site.high_credit + settings_.high_rings_share * sent, most);
  site.high_counted = link_octets_;
}

void RingBlender::charge(Buffer& buffer, std::size_t octets) {
  rings_[buffer.ring_].spent += octets;
  enter_round(buffer, buffer.waiting_.octets);
  buffer.sent_ += octets;
  BlendSite& site = *buffer.connection_->site;
  count_high(site);
  link_octets_ += octets;
  if (buffer.ring_ >= kHighRings || ready_sites_ < 2) return;
  // Debt is bounded, since a site may have sent with nobody to hold it back for.
  site.high_credit = std::max(site.high_credit - static_cast<double>(octets), -static_cast<double>(packet_octets_));
}

}  // namespace ringway::tmp
