#pragma once
// A back-end in a process: its room, its link socket, its origins' connections, its admin server.

#include <memory>
#include <vector>

#include "backend/backend.h"
#include "base/metrics.h"
#include "cli/access_log_file.h"
#include "cli/gateway.h"
#include "cli/link_reporter.h"
#include "net/admin_server.h"
#include "net/connector.h"
#include "net/tmp_driver.h"

namespace ringway::cli {

class BackendGateway final : public Gateway {
 public:
  static Result<std::unique_ptr<BackendGateway>> open(const GatewayParts& parts,
                                                      std::shared_ptr<const backend::Settings> settings);
  ~BackendGateway() override;

  Status reload(const std::string& path) override;
  void drain() override;
  [[nodiscard]] bool drained() const override;
  [[nodiscard]] Duration drain_limit() const override { return settings_->gateway.drain_limit; }
  void close() override;

  [[nodiscard]] SocketAddress link_address() const { return driver_->address(); }
  [[nodiscard]] std::string metrics_text();
  [[nodiscard]] std::vector<tmp::Link*> links() const { return driver_->endpoint().links(); }

 private:
  BackendGateway(const GatewayParts& parts, std::shared_ptr<const backend::Settings> settings);
  Status start();
  Result<std::shared_ptr<const tmp::EndpointSettings>> make_endpoint_settings(const backend::Settings& settings);
  Status open_admin();
  void collect_metrics();

  GatewayParts parts_;
  std::shared_ptr<const backend::Settings> settings_;
  Log log_;
  Metrics metrics_;
  LinkReporter reporter_;
  net::TcpConnector connector_;
  std::unique_ptr<AccessLogFile> access_log_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<net::TmpDriver> driver_;
  std::unique_ptr<net::AdminServer> admin_;
  Time drain_began_ = kNever;
};

}  // namespace ringway::cli
