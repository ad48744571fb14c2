#pragma once
// A redirector in a process: its workers, its zones, and the steering table that is made each second.

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "cli/dns/dns_share.h"
#include "cli/worker_team.h"
#include "net/admin_server.h"
#include "redirector_dns/steering/atlas_maker.h"
#include "redirector_dns/steering/table_maker.h"

namespace ringway::cli {

class DnsServer {
 public:
  static Result<std::unique_ptr<DnsServer>> open(net::Worker& first, LineSink& sink,
                                                 std::shared_ptr<const dns::Settings> settings);
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer();

  /// Everything of `next` but what takes a restart: addresses, workers, name, rates. On an error nothing changes.
  Status reload(std::shared_ptr<const dns::Settings> next);
  [[nodiscard]] Log& log() { return log_; }

 private:
  DnsServer(net::Worker& first, LineSink& sink, std::shared_ptr<const dns::Settings> settings);
  Status start();
  Status open_admin();
  Result<dns::ResponderSettings> responder_settings();
  /// Reads zones, secrets and the plan of `settings`.
  Result<DnsContent> read(const dns::Settings& settings);
  void turn();
  [[nodiscard]] std::string metrics_text();

  net::Worker& worker_;
  std::shared_ptr<const dns::Settings> settings_;
  Log log_;
  std::unique_ptr<WorkerTeam> team_;
  std::vector<std::unique_ptr<DnsShare>> shares_;  // one a worker
  dns::steering::AtlasMaker atlas_maker_;
  dns::steering::SharedAtlas atlas_;  // null: nothing is steered
  dns::steering::TableMaker table_maker_{limits::kSteeredTtl};
  DnsContent content_;
  Timer turn_;
  std::unique_ptr<net::AdminServer> admin_;
};

}  // namespace ringway::cli
