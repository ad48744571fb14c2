#pragma once
// A back-end in a process: its workers, each with sites of its own, and on the first one its link socket and its admin
// server.

#include <memory>
#include <vector>

#include "base/metrics.h"
#include "cli/backend_share.h"
#include "cli/gateway.h"
#include "cli/link_fan.h"
#include "cli/link_reporter.h"
#include "cli/report_maker.h"
#include "cli/share_count.h"
#include "cli/site_deal.h"
#include "cli/worker_team.h"
#include "net/admin_server.h"
#include "net/tmp_driver.h"

namespace ringway::cli {

class BackendGateway final : public Gateway {
 public:
  static Result<std::unique_ptr<BackendGateway>> open(const GatewayParts& parts,
                                                      std::shared_ptr<const backend::Settings> settings);
  ~BackendGateway() override;

  [[nodiscard]] Result<Change> judge(const std::string& path, const agent::Sections& told) override;
  void set_revision(std::uint64_t revision) override;
  void set_trust(const tmp::PeerTrust& trust) override;
  Status reload_identity() override;
  void close_link(const std::string& peer) override;
  agent::Report report() override;
  Metrics& metrics() override { return metrics_; }
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
  Status open_shares();
  Status apply(std::shared_ptr<const backend::Settings> next);
  Result<std::shared_ptr<const tmp::EndpointSettings>> make_endpoint_settings(const backend::Settings& settings);
  Status open_admin();
  void use(std::shared_ptr<const tmp::EndpointSettings> endpoint);

  GatewayParts parts_;
  std::shared_ptr<const backend::Settings> settings_;
  Log log_;
  Metrics metrics_;  // of links and of the process; exchanges are counted in the shares
  LinkReporter reporter_;
  SiteDeal deal_;
  std::unique_ptr<WorkerTeam> team_;
  std::vector<std::unique_ptr<BackendShare>> shares_;  // one a worker
  std::unique_ptr<net::TmpDriver> driver_;
  std::shared_ptr<const tmp::EndpointSettings> endpoint_;
  std::unique_ptr<CountBoard> board_;
  ReportMaker report_maker_;
  std::unique_ptr<LinkFan> fan_;
  std::unique_ptr<net::AdminServer> admin_;
  Time drain_began_ = kNever;
};

}  // namespace ringway::cli
