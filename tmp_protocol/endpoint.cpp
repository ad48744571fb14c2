#include "tmp_protocol/endpoint.h"

#include <utility>

#include "tmp_protocol/endpoint_core.h"

namespace ringway::tmp {

class Endpoint::Impl {
 public:
  Impl(std::shared_ptr<const EndpointSettings> settings, Loop loop, LinkHandler& handler)
      : core(std::move(settings), loop, handler) {}
  EndpointCore core;
};

Endpoint::Endpoint(std::shared_ptr<const EndpointSettings> settings, Loop loop, LinkHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(settings), loop, handler)) {}

Endpoint::~Endpoint() = default;

Link& Endpoint::connect(const PeerTarget& target) { return impl_->core.add_link(target); }
std::vector<Link*> Endpoint::links() const { return impl_->core.links(); }
void Endpoint::use_carriers(CarrierDialer& dialer) { impl_->core.use_carriers(dialer); }
void Endpoint::on_carrier_up(CarrierId carrier) { impl_->core.on_carrier_up(carrier); }
void Endpoint::on_carrier_writable(CarrierId carrier) { impl_->core.on_carrier_writable(carrier); }
void Endpoint::on_carrier_down(CarrierId carrier, const std::string& reason) {
  impl_->core.on_carrier_down(carrier, reason);
}
void Endpoint::receive(std::span<Datagram> batch) { impl_->core.receive(batch); }
void Endpoint::advance() { impl_->core.advance(); }
bool Endpoint::build(PacketSink& sink) { return impl_->core.build(sink); }
Time Endpoint::next_timeout() const { return impl_->core.next_timeout(); }
std::uint64_t Endpoint::stray_datagrams() const { return impl_->core.stray_datagrams(); }
void Endpoint::update(std::shared_ptr<const EndpointSettings> settings) { impl_->core.update(std::move(settings)); }
void Endpoint::close(const std::string& reason) { impl_->core.close(reason); }

}  // namespace ringway::tmp
