#include "tmp_protocol/endpoint_core.h"

#include <algorithm>
#include <utility>

namespace ringway::tmp {

EndpointCore::Slot::Slot(EndpointCore& core, std::uint32_t slot_number)
    : number(slot_number), timer(core.timers_, [this, &core] {
        connection->advance();
        core.wake(*this);
      }) {}

EndpointCore::EndpointCore(std::shared_ptr<const EndpointSettings> settings, Loop loop, LinkHandler& handler)
    : loop_(loop),
      handler_(handler),
      ids_(settings->reset_key),
      reset_tokens_(settings->reset_key),
      cookies_(loop.random) {
  use(std::move(settings));
}

EndpointCore::~EndpointCore() { *alive_ = false; }

void EndpointCore::use(std::shared_ptr<const EndpointSettings> settings) {
  settings_ = std::move(settings);
  mac_ = std::make_shared<const AuthorityMac>(settings_->identity->mac_keys());
}

Link& EndpointCore::add_link(const PeerTarget& target) {
  const auto found = std::find_if(links_.begin(), links_.end(), [&](const auto& link) {
    return link->over() && link->target() == target.address && link->peer() == target.name;
  });
  EndpointLink& link = found != links_.end()
                           ? **found
                           : *links_.emplace_back(std::make_unique<EndpointLink>(*this, target.name, target.address));
  link.begin();
  return link;
}

std::vector<Link*> EndpointCore::links() const {
  std::vector<Link*> links;
  for (const auto& link : links_) links.push_back(link.get());
  return links;
}

void EndpointCore::update(std::shared_ptr<const EndpointSettings> settings) {
  use(std::move(settings));
  for (const auto& slot : slots_) {
    if (slot->connection != nullptr) slot->connection->update(settings_);
  }
}

void EndpointCore::close(const std::string& reason) {
  for (const auto& link : links_) link->close(CloseCode::restart, reason);
  for (const auto& slot : slots_) {
    if (slot->connection != nullptr) slot->connection->close(CloseCode::restart, reason);
  }
}

// --- Connections ---

EndpointCore::Slot& EndpointCore::free_slot() {
  if (free_slots_.empty()) {
    slots_.push_back(std::make_unique<Slot>(*this, static_cast<std::uint32_t>(slots_.size())));
    return *slots_.back();
  }
  const std::uint32_t number = free_slots_.back();
  free_slots_.pop_back();
  return *slots_[number];
}

void EndpointCore::begin(Slot& slot, const ConnectionSetup& setup) {
  ConnectionSetup complete = setup;
  complete.slot = slot.number;
  complete.local = ids_.make({settings_->worker, slot.number}, loop_.random);
  complete.receive_budget = &receive_budget_;
  complete.reset_token = reset_tokens_.token(complete.local);
  slot.connection = std::make_unique<Connection>(complete, settings_, loop_, mac_, static_cast<ConnectionHost&>(*this));
  wake(slot);
}

Connection& EndpointCore::connect(EndpointLink& link, std::uint32_t version) {
  ConnectionSetup setup;
  setup.end = End::client;
  setup.remote = *link.target();
  setup.version = version != 0 ? version : *std::max_element(settings_->versions.begin(), settings_->versions.end());
  setup.first_destination = ConnectionId::random(loop_.random);
  setup.names = {link.peer()};
  Slot& slot = free_slot();
  slot.link = &link;
  begin(slot, setup);
  return *slot.connection;
}

void EndpointCore::wake(Slot& slot) {
  if (!std::exchange(slot.awake, true)) awake_.push_back(&slot);
  if (inside_ || !slot.connection->needs_settle() || std::exchange(settle_posted_, true)) return;
  // Woken by a gateway's call on a stream: handlers hear of it after that call, in the same turn.
  loop_.deferred.post([this, alive = alive_] {
    if (!*alive) return;
    settle_posted_ = false;
    settle_all();
  });
}

void EndpointCore::on_connection_wakes(Connection& connection) { wake(*slots_[connection.slot()]); }

/// Calls the handlers of whatever is awake, until nothing new happens.
void EndpointCore::settle_all() {
  inside_ = true;
  for (bool again = true; again;) {
    again = false;
    // By index: handlers may wake others meanwhile.
    for (std::size_t i = 0; i < awake_.size(); ++i) {
      Connection* const connection = awake_[i]->connection.get();
      if (connection == nullptr || !connection->needs_settle()) continue;
      connection->settle();
      again = true;
    }
  }
  inside_ = false;
}

bool EndpointCore::build(PacketSink& sink) {
  if (send_answers(sink)) return true;
  while (!awake_.empty()) {
    Slot& slot = *awake_.back();
    if (slot.connection != nullptr && slot.connection->build(sink) == Connection::Sent::batch_full) return true;
    awake_.pop_back();
    slot.awake = false;
    if (slot.connection == nullptr) continue;
    if (slot.connection->gone() && slot.link == nullptr) {
      destroy(slot);
    } else {
      slot.timer.arm(slot.connection->next_timeout());
    }
  }
  return false;
}

void EndpointCore::destroy(Slot& slot) {
  if (slot.connection->carrier() != kNoCarrier) dialer_->hang_up(slot.connection->carrier());
  by_first_destination_.erase(slot.connection->first_destination());
  slot.timer.cancel();
  slot.connection.reset();
  free_slots_.push_back(slot.number);
}

/// `tell` says whether a connection was meant.
template <class Tell>
void EndpointCore::tell_each(const Tell& tell) {
  inside_ = true;
  for (const auto& slot : slots_) {
    if (slot->connection != nullptr && tell(*slot->connection)) wake(*slot);
  }
  settle_all();
}

void EndpointCore::on_carrier_up(CarrierId carrier) {
  tell_each([carrier](Connection& connection) {
    if (connection.carrier() != carrier) return false;
    connection.on_carrier_up(carrier);
    return true;
  });
}

void EndpointCore::on_carrier_writable(CarrierId carrier) {
  tell_each([carrier](Connection& connection) {
    if (connection.remote().carrier != carrier) return false;
    connection.on_carrier_writable();
    return true;
  });
}

void EndpointCore::on_carrier_down(CarrierId carrier, const std::string& reason) {
  tell_each([carrier, &reason](Connection& connection) {
    if (connection.carrier() != carrier && connection.remote().carrier != carrier) return false;
    connection.on_carrier_down(carrier, reason);
    return true;
  });
}

void EndpointCore::advance() {
  inside_ = true;
  timers_.run(loop_.now());
  settle_all();
}

Time EndpointCore::next_timeout() const { return awake_.empty() && answers_.empty() ? timers_.next() : loop_.now(); }

// --- What connections tell ---

/// The link that an accepted connection becomes: one of the same peer that is down, or that this one replaces, or a
/// new one. Null where the peer has too many.
EndpointLink* EndpointCore::link_for(Connection& connection) {
  EndpointLink* idle = nullptr;
  std::size_t count = 0;
  for (const auto& owned : links_) {
    EndpointLink* const link = owned.get();
    if (link->target() || link->peer() != connection.peer_name()) continue;
    ++count;
    if (link->connection() == nullptr) {
      idle = link;
    } else if (link->connection()->remote() == connection.remote()) {
      Connection& older = *link->connection();
      older.close(CloseCode::replaced, "the peer made a newer link");
      older.settle();
      return link;
    }
  }
  if (idle != nullptr || count >= limits::kMaxLinksPerPeer) return idle;
  links_.push_back(std::make_unique<EndpointLink>(*this, connection.peer_name(), std::nullopt));
  return links_.back().get();
}

void EndpointCore::on_connection_up(Connection& connection) {
  Slot& slot = *slots_[connection.slot()];
  by_first_destination_.erase(connection.first_destination());
  if (connection.end() == End::server) {
    --accepting_;
    slot.link = link_for(connection);
    if (slot.link == nullptr) return connection.close(CloseCode::protocol, "too many links of one peer");
    slot.link->adopt(connection);
  }
  slot.link->on_up();
}

void EndpointCore::on_connection_down(Connection& connection, const std::string& reason) {
  Slot& slot = *slots_[connection.slot()];
  EndpointLink* const link = std::exchange(slot.link, nullptr);
  by_first_destination_.erase(connection.first_destination());
  if (link != nullptr) return link->on_down(reason);
  if (connection.was_up()) return;
  --accepting_;
  if (connection.refused()) handler_.on_peer_refused(connection.remote().address, reason);
}

void EndpointCore::on_connection_draining(Connection& connection) {
  EndpointLink* const link = slots_[connection.slot()]->link;
  if (link != nullptr) handler_.on_link_draining(*link);
}

void EndpointCore::on_connection_peer_expired(Connection& connection) {
  EndpointLink* const link = slots_[connection.slot()]->link;
  if (link != nullptr) handler_.on_peer_expired(*link, connection.peer().expires);
}

void EndpointCore::on_connection_stream(Connection& connection, std::unique_ptr<LinkStream> stream,
                                        const StreamOpening& opening) {
  EndpointLink* const link = slots_[connection.slot()]->link;
  if (link != nullptr) handler_.on_stream(*link, std::move(stream), opening);
}

void EndpointCore::on_connection_travel(Connection& connection, Travel travel, const std::string& reason) {
  EndpointLink* const link = slots_[connection.slot()]->link;
  if (link != nullptr) handler_.on_link_travel(*link, travel, reason);
}

CarrierId EndpointCore::on_connection_dials(Connection& connection) {
  const EndpointLink* const link = slots_[connection.slot()]->link;
  if (dialer_ == nullptr || link == nullptr) return kNoCarrier;
  return dialer_->dial({link->peer(), *link->target()});
}

void EndpointCore::on_connection_hangs_up(CarrierId carrier) { dialer_->hang_up(carrier); }

}  // namespace ringway::tmp
