#include "tests/sim/overlay.h"

#include <fmt/format.h>

#include "tests/sim/identities.h"

namespace ringway::sim {

using namespace std::chrono_literals;

namespace {

constexpr const char* kFrontendText = R"(
name: pop-1
listen: [ {{ address: "192.0.2.1:80" }} ]
link:
  identity: {{ certificate: c, key: k, authority: a }}
  {}
sites:
{})";

constexpr const char* kBackendText = R"(
name: host-1
link:
  address: "198.51.100.1:7400"
  identity: {{ certificate: c, key: k, authority: a }}
  {}
sites:
{})";

SocketAddress address(const char* text) { return SocketAddress::parse(text).value(); }

}  // namespace

Overlay::Overlay(std::uint64_t seed, const OverlaySites& sites, const OriginManners& manners)
    : network_(seed),
      client_node_(network_, address("203.0.113.99:1")),
      origin_node_(network_, address("203.0.113.1:1")),
      host_node_(network_, address(kOverlayBackend)),
      pop_node_(network_, address("192.0.2.1:7000")),
      origin_(origin_node_, ledger_, manners),
      connector_(host_node_, servers_, 100us) {
  servers_.listen(address(kOverlayOrigin), origin_node_,
                  [this](std::unique_ptr<ByteStream> stream) { origin_.accept(std::move(stream)); });
  make_backend(sites);
  make_frontend(sites);
}

void Overlay::make_backend(const OverlaySites& sites) {
  const auto settings = backend::parse_settings(fmt::format(kBackendText, sites.link, sites.backend), "sim").value();
  auto endpoint = backend::endpoint_settings(*settings);
  endpoint.identity = test_identity("host-1", tmp::Role::backend);
  backend_ = std::make_unique<backend::Backend>(settings, host_node_.loop(), connector_, nullptr);
  host_endpoint_ = std::make_unique<tmp::Endpoint>(std::make_shared<const tmp::EndpointSettings>(std::move(endpoint)),
                                                   host_node_.loop(), *backend_);
  host_node_.attach(host_endpoint_.get());
}

void Overlay::make_frontend(const OverlaySites& sites) {
  const auto settings = frontend::parse_settings(fmt::format(kFrontendText, sites.link, sites.frontend), "sim").value();
  auto endpoint = frontend::endpoint_settings(*settings);
  endpoint.identity = test_identity("pop-1", tmp::Role::frontend);
  frontend_ = std::make_unique<frontend::Frontend>(settings, pop_node_.loop(), metrics_, nullptr);
  pop_endpoint_ = std::make_unique<tmp::Endpoint>(std::make_shared<const tmp::EndpointSettings>(std::move(endpoint)),
                                                  pop_node_.loop(), *frontend_);
  frontend_->set_links({{"host-1", &pop_endpoint_->connect(settings->sites[0].backends[0])}});
}

bool Overlay::start() {
  pop_node_.attach(pop_endpoint_.get());
  return network_.run(30s, [this] { return frontend_->ready(); });
}

std::unique_ptr<ByteStream> Overlay::connect() {
  auto pipe = std::make_shared<Pipe>(make_pipe(client_node_, pop_node_, 50us));
  pop_node_.post([this, pipe] { frontend_->accept_http(std::move(pipe->far), {}); });
  return std::move(pipe->near);
}

}  // namespace ringway::sim
