#include "naive_blender.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ringway::tmp::testing {

namespace {

const std::vector<std::size_t> kOrder = {0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4};

template <class List, class Value>
void take_out(List& list, const Value& value) {
  const auto found = std::find(list.begin(), list.end(), value);
  if (found != list.end()) list.erase(found);
}

template <class List>
void front_to_back(List& list) {
  list.push_back(list.front());
  list.pop_front();
}

}  // namespace

// ---- Counted anew

std::uint64_t NaiveBlender::nSockets(std::size_t ring) const {
  return static_cast<std::uint64_t>(
      std::count_if(buffers_.begin(), buffers_.end(), [ring](const auto& each) { return each.second.ring == ring; }));
}

std::uint64_t NaiveBlender::nReady(std::size_t ring) const {
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> of_connection;
  for (const auto& [id, buffer] : buffers_) {
    if (buffer.ring == ring && buffer.waiting.octets > 0) ++of_connection[{buffer.site, buffer.connection}];
  }
  std::uint64_t ready = 0;
  for (const auto& [connection, count] : of_connection) {
    ready += std::min<std::uint64_t>(count, settings_.ready_per_connection);
  }
  return ready;
}

std::uint64_t NaiveBlender::nBytes(std::size_t ring) const {
  std::uint64_t octets = 0;
  for (const auto& [id, buffer] : buffers_) {
    if (buffer.ring == ring) octets += buffer.waiting.octets;
  }
  return octets;
}

std::size_t NaiveBlender::ready_buffers() const {
  return static_cast<std::size_t>(
      std::count_if(buffers_.begin(), buffers_.end(), [](const auto& each) { return each.second.waiting.octets > 0; }));
}

std::size_t NaiveBlender::ready_sites() const {
  std::set<std::string> sites;
  for (const auto& [id, buffer] : buffers_) {
    if (buffer.waiting.octets > 0) sites.insert(buffer.site);
  }
  return sites.size();
}

std::size_t NaiveBlender::ready_rings() const {
  std::set<std::size_t> rings;
  for (const auto& [id, buffer] : buffers_) {
    if (buffer.waiting.octets > 0) rings.insert(buffer.ring);
  }
  return rings.size();
}

double NaiveBlender::round_octets() const { return static_cast<double>(settings_.round_packets * packet_octets_); }

std::uint32_t NaiveBlender::weight(const std::string& site) const {
  const auto found = weights_.find(site);
  return found == weights_.end() ? 1 : found->second;
}

// ---- Buffers

void NaiveBlender::add(int id, std::uint8_t ring, const std::string& site, std::uint32_t connection) {
  buffers_[id] = {ring, site, connection, {}, 0, 0, 0, 0};
  high_credit_.try_emplace(site, settings_.high_rings_share * round_octets());
}

void NaiveBlender::remove(int id) {
  set_waiting(id, {});
  buffers_.erase(id);
}

void NaiveBlender::move(int id, std::uint8_t ring) {
  if (buffers_[id].ring == ring) return;
  const Waiting waiting = buffers_[id].waiting;
  set_waiting(id, {});
  buffers_[id].ring = ring;
  buffers_[id].round = 0;
  set_waiting(id, waiting);
}

void NaiveBlender::set_waiting(int id, const Waiting& waiting) {
  Buffer& buffer = buffers_[id];
  const Waiting before = buffer.waiting;
  const bool was_over = round_over();  // before this buffer counts
  const bool had_nothing = nReady(buffer.ring) == 0;
  const std::size_t had_rings = ready_rings();
  const std::size_t had_sites = ready_sites();
  buffer.waiting = waiting;
  // "until another ring or site has data"
  if (ready_rings() > had_rings || ready_sites() > had_sites) fills_ = false;
  if (waiting.octets == 0) buffer.turn_octets = 0;
  Ring& ring = rings_[buffer.ring];
  if (before.lost == 0 && waiting.lost > 0) ring.lost.push_back(id);
  if (before.lost > 0 && waiting.lost == 0) take_out(ring.lost, id);
  const bool gains = waiting.octets > before.octets;
  if (gains && was_over) in_round_ = false;
  if (gains && in_round_) enter_round(buffer, before.octets);
  if (before.octets == 0 && waiting.octets > 0) {
    if (had_nothing) late_.insert(buffer.ring);
    become_ready(id);
  }
  if (before.octets > 0 && waiting.octets == 0) become_idle(id);
  if (gains && in_round_) open_share(buffer);
}

void NaiveBlender::become_ready(int id) {
  Buffer& buffer = buffers_[id];
  Ring& ring = rings_[buffer.ring];
  SiteTurn& site = ring.sites[buffer.site];
  site.site = buffer.site;
  if (site.connections.empty()) {
    if (site.cycle < ring.cycle) {
      site.cycle = ring.cycle;
      site.credit = std::int64_t{weight(buffer.site)} * settings_.sub_packet_octets;
    }
    (site.cycle == ring.cycle ? ring.now : ring.later).push_back(buffer.site);
    begin_cycle_if_over(ring);
  }
  std::deque<int>& of_connection = site.buffers[buffer.connection];
  if (of_connection.empty()) site.connections.push_back(buffer.connection);
  of_connection.push_back(id);
}

void NaiveBlender::become_idle(int id) {
  Buffer& buffer = buffers_[id];
  Ring& ring = rings_[buffer.ring];
  SiteTurn& site = ring.sites[buffer.site];
  take_out(site.buffers[buffer.connection], id);
  if (site.buffers[buffer.connection].empty()) take_out(site.connections, buffer.connection);
  if (site.connections.empty()) {
    take_out(ring.now, buffer.site);
    take_out(ring.later, buffer.site);
    begin_cycle_if_over(ring);
  }
  if (ready_buffers() == 0) in_round_ = false;
}

void NaiveBlender::begin_cycle_if_over(Ring& ring) {
  if (!ring.now.empty() || ring.later.empty()) return;
  std::swap(ring.now, ring.later);
  ++ring.cycle;
}

// ---- Rounds

bool NaiveBlender::round_over() const {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    if (nReady(i) > 0 && rings_[i].budget > 0) return false;
  }
  return true;
}

/// "nSend = Weight·nReady for each ring; S = nBytes/(Weight·nReady) of the ring with the most data waiting, and at most
/// what makes the round about 16 packets in all; nSendNorm = nReady·S·Weight is the ring's budget, rounded up, clamped
/// to nBytes and at least one sub-packet where nReady > 0."
void NaiveBlender::start_round() {
  std::size_t most = 0;
  double all = 0;
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    all += static_cast<double>(settings_.weights[i] * nReady(i));
    if (nBytes(i) > nBytes(most)) most = i;
  }
  S_ = static_cast<double>(nBytes(most)) / static_cast<double>(settings_.weights[most] * nReady(most));
  S_ = std::min(S_, round_octets() / all);
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    const double norm = std::ceil(static_cast<double>(settings_.weights[i] * nReady(i)) * S_);
    const std::uint64_t least = settings_.sub_packet_octets;
    rings_[i].budget = std::min(std::max(static_cast<std::uint64_t>(norm), least), nBytes(i));
  }
  fills_ = ready_rings() == 1 && ready_sites() == 1 && ready_buffers() >= 8;
  in_round_ = true;
  ++round_;
}

std::uint64_t NaiveBlender::share_of(const Buffer& buffer) const {
  const double norm = std::ceil(static_cast<double>(settings_.weights[buffer.ring]) * S_);
  return std::max<std::uint64_t>(static_cast<std::uint64_t>(norm), settings_.sub_packet_octets);
}

void NaiveBlender::enter_round(Buffer& buffer, std::uint64_t had) {
  if (buffer.round == round_) return;
  buffer.round = round_;
  buffer.sent = 0;
  buffer.opened = std::min(share_of(buffer), had);
}

/// "A buffer that becomes ready inside a round opens its ring's budget at once (its own share, nSend for one buffer
/// times S)"; no more of it than there is to send, not twice in a round, and the round stays at about its packets.
void NaiveBlender::open_share(Buffer& buffer) {
  if (rings_[buffer.ring].sites[buffer.site].buffers[buffer.connection].size() > settings_.ready_per_connection) return;
  const std::uint64_t wanted = std::min(share_of(buffer), buffer.sent + buffer.waiting.octets);
  if (wanted <= buffer.opened) return;
  const std::uint64_t more = wanted - buffer.opened;
  buffer.opened = wanted;
  double budgets = 0;
  for (std::size_t i = 0; i < rings_.size(); ++i) budgets += static_cast<double>(std::min(rings_[i].budget, nBytes(i)));
  const auto free = static_cast<std::uint64_t>(std::max(0.0, round_octets() - budgets));
  std::uint64_t& budget = rings_[buffer.ring].budget;
  budget = std::max<std::uint64_t>(budget + std::min(more, free), settings_.sub_packet_octets);
  budget = std::min(budget, nBytes(buffer.ring));
}

// ---- The order

bool NaiveBlender::held_back(const std::string& site) const { return ready_sites() > 1 && high_credit_.at(site) <= 0; }

bool NaiveBlender::sends_something(std::size_t ring, bool hold_back) const {
  if (!hold_back || ring > 1 || !rings_[ring].lost.empty()) return true;
  const auto free = [this](const std::string& site) { return !held_back(site); };
  return std::any_of(rings_[ring].now.begin(), rings_[ring].now.end(), free) ||
         std::any_of(rings_[ring].later.begin(), rings_[ring].later.end(), free);
}

std::vector<std::size_t> NaiveBlender::with_budget(const std::vector<std::size_t>& rings) const {
  std::vector<std::size_t> result;
  for (const std::size_t ring : rings) {
    if (in_round_ && rings_[ring].budget > 0) result.push_back(ring);
  }
  return result;
}

NaiveBlender::Choice NaiveBlender::choose(NewOctets new_octets) {
  std::vector<std::size_t> with_data, free;
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    if (new_octets == NewOctets::blocked ? rings_[i].lost.empty() : nReady(i) == 0) continue;
    with_data.push_back(i);
    if (sends_something(i, true)) free.push_back(i);
  }
  const std::vector<std::size_t>& wanted = free.empty() ? with_data : free;
  std::vector<std::size_t> rings = with_budget(wanted);
  if (rings.empty() && !wanted.empty()) {
    start_round();
    rings = with_budget(wanted);
  }
  return {rings, !free.empty()};
}

int NaiveBlender::turn_of(std::size_t index, bool hold_back) {
  Ring& ring = rings_[index];
  for (const std::deque<std::string>* sites : {&ring.now, &ring.later}) {
    for (const std::string& name : *sites) {
      if (hold_back && index < 2 && held_back(name)) continue;
      SiteTurn& site = ring.sites[name];
      return site.buffers[site.connections.front()].front();
    }
  }
  return -1;
}

/// "One sub-packet of ring 0; one of each of rings 0-1; then 0-2; 0-3; 0-4; then from the start, skipping rings with no
/// data or no budget left. The place in that order lasts"; but a ring that had nothing comes before lower ones at once,
/// and is left out at its next place.
std::size_t NaiveBlender::ring_in_order(const std::vector<std::size_t>& rings) {
  granted_next_place_ = place_;
  granted_ahead_ = ahead_;
  if (settings_.order == RingOrder::weighted) return rings.front();
  std::size_t place = place_;
  for (;; place = (place + 1) % kOrder.size()) {
    if (granted_ahead_.erase(kOrder[place]) > 0) continue;
    if (std::find(rings.begin(), rings.end(), kOrder[place]) != rings.end()) break;
  }
  for (const std::size_t ring : rings) {
    if (ring >= kOrder[place] || !late_.contains(ring) || ahead_.contains(ring)) continue;
    granted_ahead_ = ahead_;
    granted_ahead_.insert(ring);
    return ring;
  }
  granted_next_place_ = (place + 1) % kOrder.size();
  return kOrder[place];
}

NaiveBlender::Grant NaiveBlender::next(std::size_t room, NewOctets new_octets) {
  const Choice choice = choose(new_octets);
  if (choice.rings.empty()) return {};
  const std::size_t ring = ring_in_order(choice.rings);
  granted_lost_ = !rings_[ring].lost.empty();
  granted_ = granted_lost_ ? rings_[ring].lost.front() : turn_of(ring, choice.hold_back);
  std::size_t sub_packet = room;
  if (ready_buffers() > 1 && !fills_) {
    std::size_t pieces = 1;
    while (room > pieces * settings_.sub_packet_octets) ++pieces;
    sub_packet = room / pieces + (room % pieces == 0 ? 0 : 1);
  }
  const Waiting& waiting = buffers_[granted_].waiting;
  return {granted_, std::min({sub_packet, static_cast<std::size_t>(granted_lost_ ? waiting.lost : waiting.octets),
                              static_cast<std::size_t>(rings_[ring].budget)})};
}

void NaiveBlender::wrote(std::size_t octets, const Waiting& left) {
  if (octets > 0) {
    charge(buffers_[granted_], octets);
    place_ = granted_next_place_;
    ahead_ = granted_ahead_;
    late_.erase(buffers_[granted_].ring);
    Buffer& buffer = buffers_[granted_];
    if (granted_lost_) {
      front_to_back(rings_[buffer.ring].lost);
    } else if (left.octets > 0 && goes_on(buffer, octets)) {
      rings_[buffer.ring].sites[buffer.site].credit -= static_cast<std::int64_t>(octets);
    } else {
      pass_turn(granted_, octets);
    }
  }
  set_waiting(granted_, left);
}

/// "A turn in it is worth a packet"; what it took above that comes off the next.
bool NaiveBlender::goes_on(Buffer& buffer, std::size_t octets) const {
  if (!fills_) return false;
  buffer.turn_octets += octets;
  if (buffer.turn_octets < packet_octets_) return true;
  buffer.turn_octets -= packet_octets_;
  return false;
}

void NaiveBlender::pass_turn(int id, std::size_t octets) {
  Buffer& buffer = buffers_[id];
  Ring& ring = rings_[buffer.ring];
  SiteTurn& site = ring.sites[buffer.site];
  front_to_back(site.buffers[buffer.connection]);
  front_to_back(site.connections);
  take_out(ring.now, buffer.site);
  take_out(ring.later, buffer.site);
  site.credit -= static_cast<std::int64_t>(octets);
  if (site.credit <= 0) {
    site.credit += std::int64_t{weight(buffer.site)} * settings_.sub_packet_octets;
    if (site.credit < 1) site.credit = 1;
    site.cycle = ring.cycle + 1;
  }
  (site.cycle == ring.cycle ? ring.now : ring.later).push_back(buffer.site);
  begin_cycle_if_over(ring);
}

void NaiveBlender::charge(Buffer& buffer, std::size_t octets) {
  rings_[buffer.ring].budget -= octets;
  enter_round(buffer, buffer.waiting.octets);
  buffer.sent += octets;
  if (buffer.ring < 2 && ready_sites() > 1) {
    double& credit = high_credit_[buffer.site];
    credit = std::max(credit - static_cast<double>(octets), -static_cast<double>(packet_octets_));
  }
  for (auto& [site, credit] : high_credit_) {
    credit = std::min(credit + settings_.high_rings_share * static_cast<double>(octets),
                      settings_.high_rings_share * round_octets());
  }
}

}  // namespace ringway::tmp::testing
