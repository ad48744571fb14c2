#pragma once
// A front-end, one back-end and an origin on virtual time, for scenarios that look at what one link does: the link's
// path is the only thing that differs between them.

#include <memory>
#include <string>

#include "backend/backend.h"
#include "base/metrics.h"
#include "frontend/frontend.h"
#include "tests/sim/network.h"
#include "tests/sim/virtual_tcp.h"
#include "tests/sim/web.h"

namespace ringway::sim {

/// The settings' `sites:` of both gateways, and what else stands under `link:`; the back-end is host-1 at
/// kOverlayBackend, its origin at kOverlayOrigin.
struct OverlaySites {
  std::string frontend;
  std::string backend;
  std::string link;
};

inline constexpr const char* kOverlayBackend = "198.51.100.1:7400";
inline constexpr const char* kOverlayOrigin = "203.0.113.1:80";

class Overlay {
 public:
  Overlay(std::uint64_t seed, const OverlaySites& sites, const OriginManners& manners);

  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] WebLedger& ledger() { return ledger_; }
  [[nodiscard]] Node& client_node() { return client_node_; }
  /// Both directions between the gateways.
  void set_path(const PathConditions& path) {
    network_.set_path(pop_node_.address().ip, host_node_.address().ip, path);
  }
  /// Lets the link come up; false where it did not within 30 s.
  bool start();
  /// A client's connection to the front-end, made already.
  std::unique_ptr<ByteStream> connect();
  /// The back-end's end of the link: the one that sends answers.
  [[nodiscard]] tmp::Link& back_link() { return *host_endpoint_->links().front(); }
  [[nodiscard]] tmp::Link& front_link() { return *pop_endpoint_->links().front(); }

 private:
  void make_backend(const OverlaySites& sites);
  void make_frontend(const OverlaySites& sites);

  Network network_;
  WebLedger ledger_;
  VirtualServers servers_;
  Node client_node_;
  Node origin_node_;
  Node host_node_;
  Node pop_node_;
  WebOrigin origin_;
  VirtualConnector connector_;
  Metrics metrics_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<tmp::Endpoint> host_endpoint_;
  std::unique_ptr<frontend::Frontend> frontend_;
  std::unique_ptr<tmp::Endpoint> pop_endpoint_;
};

}  // namespace ringway::sim
