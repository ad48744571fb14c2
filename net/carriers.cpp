#include "net/carriers.h"

#include <fmt/format.h>

#include <utility>

#include "net/carrier_tls.h"
#include "net/connector.h"

namespace ringway::net {

namespace {

constexpr Duration kIdleCheckInterval = limits::kCarrierIdleLimit / 4;

}  // namespace

Carriers::Carriers(Worker& worker, std::shared_ptr<const tmp::EndpointSettings> settings, const SocketAddress& local,
                   CarrierUser& user)
    : worker_(worker), settings_(std::move(settings)), local_(local), user_(user), idle_(worker.loop().timers, [this] {
        close_idle();
      }) {}

Carriers::~Carriers() { close(); }

Status Carriers::listen(const SocketAddress& address) {
  ListenSettings listen;
  listen.address = address;
  listen.max_connections = limits::kMaxCarriers;
  listen.handshake_limit = limits::kCarrierHandshakeLimit;
  listen.max_handshakes = limits::kMaxCarrierHandshakes;
  listen.max_handshakes_per_address = limits::kMaxCarrierHandshakesPerAddress;
  listen.make_tls = [this](Worker& worker, Descriptor fd, const SocketAddress& remote) {
    return CarrierTls::accepted(worker, std::move(fd), remote, *settings_->identity,
                                {tmp::Role::frontend, settings_->accepted_peers, settings_->trust});
  };
  auto opened = Listener::open(worker_, listen, *this);
  if (!opened) {
    return internal_error(fmt::format(
        "{} (TCP, for links whose UDP is blocked; `fallback: off` in `link` does without)", opened.error().message));
  }
  listener_ = std::move(*opened);
  return {};
}

void Carriers::lift_limits() {
  std::vector<CarrierId> all;
  for (const auto& [id, carrier] : carriers_) {
    carrier->lift_limit();
    all.push_back(id);
  }
  for (const CarrierId id : all) user_.endpoint().on_carrier_writable(id);
}

void Carriers::close() {
  listener_.reset();
  while (!carriers_.empty()) erase(carriers_.begin()->first);
}

// --- Making them

tmp::CarrierId Carriers::dial(const tmp::PeerTarget& target) {
  if (settings_->fallback == tmp::LinkFallback::off) return tmp::kNoCarrier;
  const bool any = local_.ip == IpAddress() || local_.ip == IpAddress::v4({0, 0, 0, 0});
  Result<Descriptor> fd = begin_connect(target.address, any ? std::nullopt : std::optional(local_.ip));
  auto connection = CarrierTls::dialled(worker_, fd ? std::move(*fd) : Descriptor(), target.address,
                                        *settings_->identity, {tmp::Role::backend, {target.name}, settings_->trust});
  Carrier& carrier = add(target.address);
  connection->set_handler(&carrier.handler());
  if (fd) {
    connection->begin(limits::kConnectLimit);
  } else {
    connection->begin_failed(fd.error().message);
  }
  carrier.take_opening(std::make_unique<TcpStream>(std::move(connection)));
  return carrier.route().carrier;
}

void Carriers::hang_up(tmp::CarrierId carrier) { erase(carrier); }

void Carriers::on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& info) {
  add(info.remote).take_open(std::move(stream));
}

void Carriers::on_handshake_failed(const SocketAddress& remote, const std::string& reason) {
  user_.link_handler().on_peer_refused(remote, reason);
}

Carrier& Carriers::add(const SocketAddress& remote) {
  if (carriers_.empty()) idle_.arm(worker_.now() + kIdleCheckInterval);
  const CarrierId id = ++last_;
  auto carrier = std::make_unique<Carrier>(static_cast<CarrierOwner&>(*this), worker_, tmp::Route(remote, id));
  return *carriers_.emplace(id, std::move(carrier)).first->second;
}

Carrier* Carriers::find(CarrierId id) {
  const auto found = carriers_.find(id);
  return found == carriers_.end() ? nullptr : found->second.get();
}

/// The carrier may be on the call stack.
void Carriers::erase(CarrierId id) {
  const auto found = carriers_.find(id);
  if (found == carriers_.end()) return;
  found->second->close();
  worker_.loop().deferred.destroy(std::move(found->second));
  carriers_.erase(found);
}

void Carriers::lose(CarrierId id, const std::string& reason) {
  erase(id);
  user_.endpoint().on_carrier_down(id, reason);
}

void Carriers::close_idle() {
  std::vector<CarrierId> idle;
  for (const auto& [id, carrier] : carriers_) {
    if (worker_.now() - carrier->heard() >= limits::kCarrierIdleLimit) idle.push_back(id);
  }
  for (const CarrierId id : idle) lose(id, "no datagram for long");
  if (!carriers_.empty()) idle_.arm(worker_.now() + kIdleCheckInterval);
}

// --- What they tell

void Carriers::on_carrier_open(Carrier& carrier) { user_.endpoint().on_carrier_up(carrier.route().carrier); }

void Carriers::on_carrier_datagrams(Carrier& /*carrier*/, std::span<tmp::Datagram> batch) {
  user_.endpoint().receive(batch);
}

void Carriers::on_carrier_room(Carrier& carrier) { user_.endpoint().on_carrier_writable(carrier.route().carrier); }

void Carriers::on_carrier_lost(Carrier& carrier, Fault fault, const std::string& reason) {
  const tmp::Route route = carrier.route();
  if (fault == Fault::nonsense) user_.link_handler().on_carrier_fault(route.address, reason);
  lose(route.carrier, reason);
}

// --- Packets out

MutableBytes Carriers::reserve(const tmp::Route& remote, std::size_t octets) {
  Carrier* const carrier = find(remote.carrier);
  return carrier == nullptr ? worker_.scratch().first(octets) : carrier->reserve(octets);
}

void Carriers::commit(const tmp::Route& remote, std::size_t octets) {
  Carrier* const carrier = find(remote.carrier);
  if (carrier == nullptr) return;
  carrier->commit(octets);
  if (built_.empty() || built_.back() != remote.carrier) built_.push_back(remote.carrier);
}

void Carriers::flush() {
  for (const CarrierId id : std::exchange(built_, {})) {
    if (Carrier* const carrier = find(id)) carrier->flush();
  }
}

}  // namespace ringway::net
