#pragma once
// A redirector in a process. Its first worker is told, makes tables, waits for the disk and is watched; the others
// answer: no query waits for any of that.

#include <memory>
#include <string>
#include <vector>

#include "base/line_file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cli/dns/dns_share.h"
#include "cli/dns/table_desk.h"
#include "cli/managed.h"
#include "cli/report_maker.h"
#include "cli/worker_team.h"
#include "net/admin_server.h"

namespace ringway::cli {

class DnsServer final : public Managed {
 public:
  /// `told`: what a manager told last, beside the settings. It answers when begin() is called.
  static Result<std::unique_ptr<DnsServer>> open(net::Worker& first, LineSink& sink,
                                                 std::shared_ptr<const dns::Settings> settings,
                                                 const agent::Sections& told);
  /// Both are of the process before this one.
  Status begin(std::vector<DnsSocket> sockets, const TableLegacy& tables);
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer() override;

  /// Takes everything but what takes a restart: addresses, workers, name, identity, rates.
  [[nodiscard]] Result<Change> judge(const std::string& path, const agent::Sections& told) override;
  void set_revision(std::uint64_t revision) override;
  agent::Report report() override;
  Metrics& metrics() override { return metrics_; }
  Status take_table(agent::TableText kind, const std::string& text) override;

  // Another process takes its place.

  [[nodiscard]] const DnsSockets& sockets() const { return sockets_; }
  [[nodiscard]] TableLegacy tables() const { return tables_.legacy(content_.table); }
  /// Gives up the admin address, and takes it again.
  void pause() { admin_.reset(); }
  Status resume() { return open_admin(); }
  /// Answers no more but what TCP connections ask that are there.
  void leave();
  [[nodiscard]] std::size_t connections();

  [[nodiscard]] Log& log() { return log_; }

 private:
  /// What a change brings.
  struct Next {
    std::shared_ptr<const dns::Settings> settings;
    DnsContent content;
    std::shared_ptr<LineFile> query_log;  // null: none
    SharedPlan plan;                      // of the settings' steering
    dns::steering::SharedAtlas atlas;     // that it comes to
  };

  DnsServer(net::Worker& first, LineSink& sink, std::shared_ptr<const dns::Settings> settings);
  Status prepare(const agent::Sections& told);
  Status open_shares();
  /// On its worker, each; waits for all.
  void each_share(const std::function<void(std::size_t worker, DnsShare& share)>& work);
  Status open_admin();
  [[nodiscard]] net::AdminAnswer explain(std::string_view query);
  [[nodiscard]] dns::ResponderSettings responder_settings();
  /// Reads zones, secrets and the plan of `settings`.
  Result<Next> read(std::shared_ptr<const dns::Settings> settings, const agent::Sections& told);
  void take(Next next);
  void turn();
  void use_table();
  void write_query_log();
  void collect_drops(Metrics& metrics) const;
  [[nodiscard]] std::string metrics_text();

  net::Worker& worker_;
  std::shared_ptr<const dns::Settings> settings_;
  Log log_;
  Metrics metrics_;
  ReportMaker report_maker_;
  TableDesk tables_;
  DnsContent content_;
  std::shared_ptr<LineFile> query_log_;
  SharedPlan plan_;  // of the settings; null: they steer nothing
  std::unique_ptr<WorkerTeam> team_;
  std::vector<std::unique_ptr<DnsShare>> shares_;  // one a worker, but the first
  DnsSockets sockets_;
  Timer turn_;
  std::unique_ptr<net::AdminServer> admin_;
};

}  // namespace ringway::cli
