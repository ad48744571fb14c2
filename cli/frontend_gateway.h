#pragma once
// A front-end in a process: its room, its listeners, its link socket, its admin server.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "cli/access_log_file.h"
#include "cli/gateway.h"
#include "cli/link_reporter.h"
#include "frontend/frontend.h"
#include "net/admin_server.h"
#include "net/listener.h"
#include "net/tmp_driver.h"

namespace ringway::cli {

class FrontendGateway final : public Gateway {
 public:
  static Result<std::unique_ptr<FrontendGateway>> open(const GatewayParts& parts,
                                                       std::shared_ptr<const frontend::Settings> settings);
  ~FrontendGateway() override;

  Status reload(const std::string& path) override;
  void drain() override;
  [[nodiscard]] bool drained() const override { return frontend_->connections() == 0; }
  [[nodiscard]] Duration drain_limit() const override { return settings_->gateway.drain_limit; }
  void close() override;

  [[nodiscard]] std::string metrics_text();
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  [[nodiscard]] std::vector<tmp::Link*> links() const;

 private:
  /// One listening socket and where its clients go.
  class Entrance;
  using Entrances = std::map<SocketAddress, std::unique_ptr<Entrance>>;

  FrontendGateway(const GatewayParts& parts, std::shared_ptr<const frontend::Settings> settings);
  Status start();
  Result<std::shared_ptr<const tmp::EndpointSettings>> make_endpoint_settings(const frontend::Settings& settings);
  /// Those of `settings`, newly opened where they are not in `present`; null entries stand for present ones.
  Result<Entrances> open_entrances(const frontend::Settings& settings, const Entrances& present);
  void keep_entrances(const frontend::Settings& settings, Entrances opened);
  Status open_drivers(const frontend::Settings& settings, std::shared_ptr<const tmp::EndpointSettings> endpoint);
  void connect_links(const frontend::Settings& settings);
  Status open_admin();
  [[nodiscard]] net::TmpDriver& driver_for(const SocketAddress& remote);

  GatewayParts parts_;
  std::shared_ptr<const frontend::Settings> settings_;
  Log log_;
  Metrics metrics_;
  LinkReporter reporter_;
  std::unique_ptr<AccessLogFile> access_log_;
  std::unique_ptr<frontend::Frontend> frontend_;
  std::unique_ptr<net::TmpDriver> ipv4_driver_;  // each where a back-end has such an address
  std::unique_ptr<net::TmpDriver> ipv6_driver_;
  std::map<std::string, tmp::Link*> links_;
  Entrances entrances_;
  std::unique_ptr<net::AdminServer> admin_;
};

}  // namespace ringway::cli
