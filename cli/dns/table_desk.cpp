#include "cli/dns/table_desk.h"

#include <utility>

#include "redirector_dns/geography/geography_file.h"
#include "redirector_dns/steering/atlas_maker.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::cli {

using dns::steering::SharedAtlas;
using dns::steering::SharedTable;
using dns::steering::SteeringTable;

Result<SharedPlan> plan_steering(const dns::Settings& settings) {
  if (!settings.steering) return SharedPlan();
  dns::steering::Plan plan = dns::plan_of(*settings.steering);
  if (!settings.geography.empty()) {
    const auto geography = dns::read_geography(settings.geography);
    if (!geography) return geography.error();
    dns::add_geography(plan.clients, *geography);
  }
  return std::make_shared<const dns::steering::Plan>(std::move(plan));
}

Result<SharedAtlas> draw_steering(const SharedPlan& plan) {
  return plan == nullptr ? SharedAtlas() : dns::steering::AtlasMaker().draw(*plan, Time());
}

Result<SharedAtlas> draw_steering(const dns::Settings& settings) {
  const auto plan = plan_steering(settings);
  return plan ? draw_steering(*plan) : plan.error();
}

TableDesk::Figures::Figures(Metrics& metrics)
    : number(metrics.gauge("ringway_dns_table_number", "The number of the steering table in use; 0: none.")),
      age(metrics.gauge("ringway_dns_table_age_seconds", "How long ago a manager told the levels in use.")),
      doubted(metrics.gauge("ringway_dns_table_doubted",
                            "Whether a manager tells an atlas that takes too much away at a time.")),
      refused(metrics.counter("ringway_dns_table_texts_refused_total",
                              "Texts of steering tables that were not understood.")),
      disk_faults(metrics.counter("ringway_dns_table_unkept_total",
                                  "Times that a manager's table could not be kept on the disk.")) {}

TableDesk::TableDesk(net::Worker& worker, Log& log, Metrics& metrics, const dns::Settings& settings)
    : worker_(worker), log_(log), figures_(metrics), watch_(worker, log, metrics) {
  if (!settings.manager) return;
  store_.emplace(settings.manager->state);
  // One that the process is writing whose place this one takes may be among them: this one keeps tables from now on.
  store_->remove_leftovers();
  resume();
}

void TableDesk::resume() {
  auto kept = store_->read(worker_.loop().clock.wall());
  if (!kept) return;
  log_.info("begins with the table that a manager told last", {{"table", std::to_string(kept->table.number())}});
  feed_.resume(std::move(kept->table), kept->age, worker_.now());
}

void TableDesk::use(std::shared_ptr<const dns::Settings> settings, SharedAtlas drawn) {
  settings_ = std::move(settings);
  drawn_ = std::move(drawn);
}

/// Nothing where there is none, or it cannot be read.
std::optional<SteeringTable> TableDesk::read(const std::optional<std::string>& left) {
  if (!left) return std::nullopt;
  Result<SteeringTable> table = dns::steering::parse_table(*left);
  if (table) return std::move(*table);
  const std::string reason = left->empty() ? "it cannot be read" : table.error().message;
  log_.error("begins without a table that the process before it left", {{"reason", reason}});
  return std::nullopt;
}

void TableDesk::inherit(const TableLegacy& left) {
  const Time now = worker_.now();
  const bool managed = settings_->manager.has_value();
  auto last = managed ? read(left.told) : std::nullopt;
  if (last) feed_.resume(std::move(*last), left.told_age, now);
  // Who has no manager any more goes on from what that told.
  const auto own = read(managed || left.own ? left.own : left.told);
  if (!own) return;
  watch_.presume(*own);
  if (told()) {
    stand_in_.emplace(*own, now);
  } else {
    // Who looks at nobody would not find out who is well again.
    const auto since = settings_->health_check ? std::optional(now) : std::nullopt;
    table_maker_ = dns::steering::TableMaker(limits::kSteeredTtl, *own, since);
  }
}

TableLegacy TableDesk::legacy(const SharedTable& in_use) const {
  TableLegacy left;
  if (told()) {
    left.told = dns::steering::table_text(*feed_.in_use());
    left.told_age = feed_.age(worker_.now());
  }
  if (in_use != nullptr && (!told() || stand_in_)) left.own = dns::steering::table_text(*in_use);
  return left;
}

Status TableDesk::take(agent::TableText kind, const std::string& text) {
  const std::string doubt = feed_.doubt();
  const Status taken =
      kind == agent::TableText::atlas ? feed_.take_atlas(text) : feed_.take_levels(text, worker_.now());
  if (!taken) {
    figures_.refused.add();
    log_.limited("table", LogLevel::error, "a manager's table is not understood", {{"reason", taken.error().message}});
    return taken;
  }
  tell_doubt(doubt);
  return {};
}

void TableDesk::tell_doubt(const std::string& before) {
  const std::string& doubt = feed_.doubt();
  figures_.doubted.set(doubt.empty() ? 0 : 1);
  if (before.empty() && !doubt.empty()) {
    log_.warning("a manager's table is not used until it says so for a while", {{"reason", doubt}});
  } else if (!before.empty() && doubt.empty()) {
    log_.info("a manager's table is used again", {{"doubted", before}});
  }
}

SharedTable TableDesk::turn() {
  SharedTable table = told() ? told_table() : own_table();
  figures_.number.set(table == nullptr ? 0 : static_cast<double>(table->number()));
  figures_.age.set(to_seconds(feed_.age(worker_.now())));
  return table;
}

/// As it was told while that is fresh; then with this redirector's own eyes.
SharedTable TableDesk::told_table() {
  keep();
  SharedTable told = feed_.table(worker_.now());
  if (!settings_->health_check || feed_.age(worker_.now()) <= limits::kLoadHolds) {
    watch_.rest();
    stand_in_.reset();
    return told;
  }
  if (!stand_in_) {
    log_.warning("no manager tells who is ill: looks at front-ends itself");
    stand_in_.emplace(*told, worker_.now());
  }
  watch_.follow(told->shared_atlas(), *settings_->health_check);
  return stand_in_->make(*told, watch_.votes(), worker_.now());
}

SharedTable TableDesk::own_table() {
  if (drawn_ == nullptr || !settings_->health_check) watch_.rest();
  if (drawn_ == nullptr) return nullptr;
  dns::steering::Readings readings = dns::readings_of(*settings_->steering);
  if (settings_->health_check) {
    watch_.follow(drawn_, *settings_->health_check);
    const std::vector<dns::steering::Votes> votes = watch_.votes();
    for (std::size_t i = 0; i < votes.size(); ++i) readings.frontends[i].votes = votes[i];
  }
  return std::make_shared<const SteeringTable>(table_maker_.make(drawn_, std::move(readings), worker_.now()));
}

/// Not what is aged: it would age twice.
void TableDesk::keep() {
  if (feed_.age(worker_.now()) > limits::kLevelsKept) return;
  const Status kept = store_->keep(feed_.in_use(), worker_.now());
  if (kept) return;
  figures_.disk_faults.add();
  log_.limited("table kept", LogLevel::error, "a manager's table cannot be kept", {{"reason", kept.error().message}});
}

}  // namespace ringway::cli
