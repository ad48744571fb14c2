#include "net/tmp_driver.h"

#include <vector>

#include "base/limits.h"
#include "net/carriers.h"
#include "net/packet_pump.h"

namespace ringway::net {

namespace {

/// Each packet to where it goes.
class RouteSink final : public tmp::PacketSink {
 public:
  RouteSink(tmp::PacketSink& udp, Carriers& carriers) : udp_(udp), carriers_(carriers) {}

  MutableBytes reserve(const tmp::Route& remote, std::size_t octets) override {
    return remote.carried() ? carriers_.reserve(remote, octets) : udp_.reserve(remote, octets);
  }
  void commit(const tmp::Route& remote, std::size_t octets, tmp::Ecn ecn) override {
    remote.carried() ? carriers_.commit(remote, octets) : udp_.commit(remote, octets, ecn);
  }

 private:
  tmp::PacketSink& udp_;
  Carriers& carriers_;
};

}  // namespace

class TmpDriver::Impl final : public PacketEngine, private CarrierUser {
 public:
  Impl(Worker& worker, std::shared_ptr<const tmp::EndpointSettings> settings, tmp::LinkHandler& handler)
      : handler_(handler), settings_(std::move(settings)), endpoint_(settings_, worker.loop(), handler) {}

  Status start(Worker& worker, const UdpSettings& udp) {
    carriers_ = std::make_unique<Carriers>(worker, settings_, udp.address, static_cast<CarrierUser&>(*this));
    endpoint_.use_carriers(*carriers_);
    std::vector<std::unique_ptr<PacketPump>> unfit;  // kept until the end, so that the kernel chooses others
    while (true) {
      Result<std::unique_ptr<PacketPump>> pump = PacketPump::open(worker, udp, *this);
      if (!pump) return pump.error();
      pump_ = std::move(*pump);
      const Status listening = listen();
      const bool kernel_chooses = udp.address.port == 0;
      if (listening || !kernel_chooses || unfit.size() == limits::kMaxUnfitPorts) return listening;
      unfit.push_back(std::move(pump_));
    }
  }

  void receive(std::span<tmp::Datagram> batch) override { endpoint_.receive(batch); }
  void advance() override { endpoint_.advance(); }
  bool build(tmp::PacketSink& udp) override {
    RouteSink sink(udp, *carriers_);
    const bool more = endpoint_.build(sink);
    carriers_->flush();
    return more;
  }
  [[nodiscard]] Time next_timeout() const override { return endpoint_.next_timeout(); }

  void update(std::shared_ptr<const tmp::EndpointSettings> settings) {
    endpoint_.update(settings);
    carriers_->update(std::move(settings));
  }
  void close(const std::string& reason) {
    endpoint_.close(reason);
    carriers_->lift_limits();
    pump_->flush();
    carriers_->close();
  }

  [[nodiscard]] tmp::Endpoint& endpoint() override { return endpoint_; }
  [[nodiscard]] tmp::LinkHandler& link_handler() override { return handler_; }
  [[nodiscard]] PacketPump& pump() { return *pump_; }

 private:
  /// By TCP, to the port that UDP has.
  Status listen() {
    const bool listens = settings_->role == tmp::Role::backend && settings_->fallback == tmp::LinkFallback::tls;
    return listens ? carriers_->listen(pump_->socket().address()) : Status();
  }

  tmp::LinkHandler& handler_;
  std::shared_ptr<const tmp::EndpointSettings> settings_;  // that it was opened with
  std::unique_ptr<Carriers> carriers_;                     // outlives the endpoint, which hangs up
  tmp::Endpoint endpoint_;
  std::unique_ptr<PacketPump> pump_;
};

Result<std::unique_ptr<TmpDriver>> TmpDriver::open(Worker& worker, const UdpSettings& udp,
                                                   std::shared_ptr<const tmp::EndpointSettings> settings,
                                                   tmp::LinkHandler& handler) {
  auto impl = std::make_unique<Impl>(worker, std::move(settings), handler);
  const Status started = impl->start(worker, udp);
  if (!started) return started.error();
  return std::unique_ptr<TmpDriver>(new TmpDriver(std::move(impl)));
}

TmpDriver::TmpDriver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TmpDriver::~TmpDriver() = default;

tmp::Endpoint& TmpDriver::endpoint() { return impl_->endpoint(); }
SocketAddress TmpDriver::address() const { return impl_->pump().socket().address(); }
const UdpSocket& TmpDriver::socket() const { return impl_->pump().socket(); }
void TmpDriver::update(std::shared_ptr<const tmp::EndpointSettings> settings) { impl_->update(std::move(settings)); }
void TmpDriver::close(const std::string& reason) { impl_->close(reason); }

}  // namespace ringway::net
