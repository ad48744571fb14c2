#pragma once
// Which steering table a redirector answers by: the one that its manager tells, or told last; until there is any, the
// one that it makes each second of its own file. Who is ill it sees for itself where no manager tells it, and where its
// file says how (`health_check`).

#include <memory>
#include <optional>
#include <string>

#include "agent/messages.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cli/dns/health_watch.h"
#include "cli/dns/stand_in.h"
#include "cli/dns/table_legacy.h"
#include "cli/dns/table_store.h"
#include "net/worker.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/settings.h"
#include "redirector_dns/steering/plan.h"
#include "redirector_dns/steering/table_feed.h"
#include "redirector_dns/steering/table_maker.h"

namespace ringway::cli {

using SharedPlan = std::shared_ptr<const dns::steering::Plan>;

/// What a file's steering says, with its geography; null where it has none.
Result<SharedPlan> plan_steering(const dns::Settings& settings);
/// What that comes to: it is what the file says, whatever another said before.
Result<dns::steering::SharedAtlas> draw_steering(const SharedPlan& plan);
Result<dns::steering::SharedAtlas> draw_steering(const dns::Settings& settings);

class TableDesk {
 public:
  /// All of these outlive it. The settings say where a manager's last good table is.
  TableDesk(net::Worker& worker, Log& log, Metrics& metrics, const dns::Settings& settings);

  /// Uses what was drawn of the file from now on; null: it steers nothing.
  void use(std::shared_ptr<const dns::Settings> settings, dns::steering::SharedAtlas drawn);

  /// Goes on from what another process steered by until now: who is ill there is ill until this one sees otherwise, and
  /// shares go on from where they are. Between use() and the first turn().
  void inherit(const TableLegacy& left);
  /// For the next process; `in_use` is what turn() said last.
  [[nodiscard]] TableLegacy legacy(const dns::steering::SharedTable& in_use) const;

  /// Of a manager. An error where it is not understood.
  Status take(agent::TableText kind, const std::string& text);
  /// The table of this second; null: nothing is steered. Keeps a manager's on the disk.
  dns::steering::SharedTable turn();
  /// Another process takes its place: looks at nobody any more.
  void leave() { watch_.rest(); }
  /// What it sees of front-ends.
  void collect(Metrics& metrics) const { watch_.collect(metrics); }

  /// Whether the table is a manager's.
  [[nodiscard]] bool told() const { return feed_.in_use() != nullptr; }

 private:
  struct Figures {
    explicit Figures(Metrics& metrics);
    Gauge& number;
    Gauge& age;
    Gauge& doubted;
    Counter& refused;
    Counter& disk_faults;
  };

  void resume();
  [[nodiscard]] std::optional<dns::steering::SteeringTable> read(const std::optional<std::string>& left);
  void keep();
  void tell_doubt(const std::string& before);
  dns::steering::SharedTable told_table();
  dns::steering::SharedTable own_table();

  net::Worker& worker_;
  Log& log_;
  Figures figures_;
  std::shared_ptr<const dns::Settings> settings_;
  dns::steering::SharedAtlas drawn_;  // of the file; null: it steers nothing
  dns::steering::TableMaker table_maker_{limits::kSteeredTtl};
  dns::steering::TableFeed feed_;
  std::optional<TableStore> store_;
  HealthWatch watch_;
  std::optional<StandIn> stand_in_;  // while the manager is away
};

}  // namespace ringway::cli
