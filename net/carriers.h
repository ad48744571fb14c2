#pragma once
// The carriers of an endpoint: those that its peers make to it, and those that it asks for itself (docs/tmp.md,
// "Carriers"). One worker's.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/carrier.h"
#include "net/listener.h"
#include "tmp_protocol/settings.h"

namespace ringway::net {

/// What comes in by carriers, and who hears of strangers.
class CarrierUser {
 public:
  virtual ~CarrierUser() = default;
  [[nodiscard]] virtual tmp::Endpoint& endpoint() = 0;
  [[nodiscard]] virtual tmp::LinkHandler& link_handler() = 0;
};

class Carriers final : public tmp::CarrierDialer, private CarrierOwner, private AcceptHandler {
 public:
  /// The worker and the user outlive it; nobody is called before something happens. `local`: where connections are
  /// made from.
  Carriers(Worker& worker, std::shared_ptr<const tmp::EndpointSettings> settings, const SocketAddress& local,
           CarrierUser& user);
  Carriers(const Carriers&) = delete;
  Carriers& operator=(const Carriers&) = delete;
  ~Carriers() override;

  /// Takes those that peers make to `address`.
  Status listen(const SocketAddress& address);
  /// Other peers and another identity for carriers to come.
  void update(std::shared_ptr<const tmp::EndpointSettings> settings) { settings_ = std::move(settings); }
  /// Lets last words pass, however much waits before them; the endpoint has little to say any more.
  void lift_limits();
  /// What was committed still leaves; there will be no more.
  void close();

  tmp::CarrierId dial(const tmp::PeerTarget& target) override;
  void hang_up(tmp::CarrierId carrier) override;

  /// As tmp::PacketSink, where `remote` is carried.
  MutableBytes reserve(const tmp::Route& remote, std::size_t octets);
  void commit(const tmp::Route& remote, std::size_t octets);
  void flush();

 private:
  using CarrierId = tmp::CarrierId;

  // CarrierOwner
  void on_carrier_open(Carrier& carrier) override;
  void on_carrier_datagrams(Carrier& carrier, std::span<tmp::Datagram> batch) override;
  void on_carrier_room(Carrier& carrier) override;
  void on_carrier_lost(Carrier& carrier, Fault fault, const std::string& reason) override;
  // AcceptHandler
  void on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& info) override;
  void on_handshake_failed(const SocketAddress& remote, const std::string& reason) override;

  Carrier& add(const SocketAddress& remote);
  [[nodiscard]] Carrier* find(CarrierId id);
  void erase(CarrierId id);
  void lose(CarrierId id, const std::string& reason);
  void close_idle();

  Worker& worker_;
  std::shared_ptr<const tmp::EndpointSettings> settings_;
  SocketAddress local_;
  CarrierUser& user_;
  CarrierId last_ = tmp::kNoCarrier;
  std::map<CarrierId, std::unique_ptr<Carrier>> carriers_;
  std::vector<CarrierId> built_;  // committed to since the last flush()
  std::unique_ptr<Listener> listener_;
  Timer idle_;
};

}  // namespace ringway::net
