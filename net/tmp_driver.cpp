#include "net/tmp_driver.h"

#include "net/packet_pump.h"

namespace ringway::net {

class TmpDriver::Impl final : public PacketEngine {
 public:
  Impl(Worker& worker, std::shared_ptr<const tmp::EndpointSettings> settings, tmp::LinkHandler& handler)
      : endpoint_(std::move(settings), worker.loop(), handler) {}

  Status start(Worker& worker, const UdpSettings& udp) {
    Result<std::unique_ptr<PacketPump>> pump = PacketPump::open(worker, udp, *this);
    if (!pump) return pump.error();
    pump_ = std::move(*pump);
    return {};
  }

  void receive(std::span<tmp::Datagram> batch) override { endpoint_.receive(batch); }
  void advance() override { endpoint_.advance(); }
  bool build(tmp::PacketSink& sink) override { return endpoint_.build(sink); }
  [[nodiscard]] Time next_timeout() const override { return endpoint_.next_timeout(); }

  [[nodiscard]] tmp::Endpoint& endpoint() { return endpoint_; }
  [[nodiscard]] PacketPump& pump() { return *pump_; }

 private:
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
void TmpDriver::flush() { impl_->pump().flush(); }

}  // namespace ringway::net
