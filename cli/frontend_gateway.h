#pragma once
// A front-end in a process: its workers, each with clients of its own, and on the first one its link sockets and its
// admin server.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "cli/backend_links.h"
#include "cli/frontend_share.h"
#include "cli/gateway.h"
#include "cli/link_fan.h"
#include "cli/link_reporter.h"
#include "cli/report_maker.h"
#include "cli/share_count.h"
#include "cli/worker_team.h"
#include "net/admin_server.h"
#include "net/tmp_driver.h"

namespace ringway::cli {

class FrontendGateway final : public Gateway {
 public:
  static Result<std::unique_ptr<FrontendGateway>> open(const GatewayParts& parts,
                                                       std::shared_ptr<const frontend::Settings> settings);
  ~FrontendGateway() override;

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

  [[nodiscard]] std::string metrics_text();
  /// What the first worker counts of its clients.
  [[nodiscard]] Metrics& client_metrics() { return shares_.front()->metrics(); }

 private:
  FrontendGateway(const GatewayParts& parts, std::shared_ptr<const frontend::Settings> settings);
  Status start();
  Status open_shares();
  /// What was checked and is about to be taken: as soon as its links are up (make before break), or at `until`.
  struct Coming {
    std::shared_ptr<const frontend::Settings> settings;
    EntrancePlans plans;
    Time until{};
    bool ready = false;
  };

  Status apply(std::shared_ptr<const frontend::Settings> next);
  void look_at_coming();
  void take_coming();
  /// Every worker opens what `plans` have and none listens on yet; on an error, none does.
  Status prepare(const EntrancePlans& plans);
  void take(std::shared_ptr<const frontend::Settings> settings, EntrancePlans plans);
  /// Those of `plans` that are this worker's: all, or none where it does not serve.
  [[nodiscard]] const EntrancePlans& plans_of(std::size_t worker, const EntrancePlans& plans) const;
  Status open_drivers(const frontend::Settings& settings, std::shared_ptr<const tmp::EndpointSettings> endpoint);
  Status open_admin();
  /// Why it cannot serve; empty where it can.
  [[nodiscard]] std::string unready() const;
  [[nodiscard]] std::vector<net::TmpDriver*> drivers() const;
  void use(std::shared_ptr<const tmp::EndpointSettings> endpoint);
  void use(const BackendLinks::ByName& links);
  [[nodiscard]] net::TmpDriver& driver_for(const SocketAddress& remote);
  [[nodiscard]] Result<std::shared_ptr<const tmp::EndpointSettings>> make_endpoint_settings(
      const frontend::Settings& settings);

  GatewayParts parts_;
  std::shared_ptr<const frontend::Settings> settings_;
  Log log_;
  Metrics metrics_;  // of links and of the process; clients are counted in the shares
  LinkReporter reporter_;
  std::unique_ptr<WorkerTeam> team_;
  std::vector<std::unique_ptr<FrontendShare>> shares_;  // one a worker
  EntrancePlans plans_;                                 // what those that serve listen on
  std::vector<SecurePort> secure_;                      // of them
  std::unique_ptr<net::TmpDriver> ipv4_driver_;         // each where a back-end has such an address
  std::unique_ptr<net::TmpDriver> ipv6_driver_;
  std::shared_ptr<const tmp::EndpointSettings> endpoint_;
  std::unique_ptr<CountBoard> board_;
  ReportMaker report_maker_;
  std::unique_ptr<LinkFan> fan_;
  BackendLinks links_;
  std::optional<Coming> coming_;
  Timer coming_timer_;
  std::unique_ptr<net::AdminServer> admin_;
};

}  // namespace ringway::cli
