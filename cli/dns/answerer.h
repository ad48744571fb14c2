#pragma once
// What answers on one worker: the responder, the steering that it asks, and what is counted of both.

#include <chrono>
#include <memory>

#include "base/loop.h"
#include "cli/dns/busy_resolvers.h"
#include "cli/dns/query_log.h"
#include "cli/dns/steered_counts.h"
#include "redirector_dns/responder.h"
#include "redirector_dns/steering/table_steering.h"

namespace ringway::cli {

class Answerer {
 public:
  Answerer(dns::ResponderSettings settings, Loop loop)
      : loop_(loop), responder_(std::move(settings), steering_), log_(loop.random) {}

  void set_zones(std::shared_ptr<const dns::ZoneSet> zones) { responder_.set_zones(std::move(zones)); }
  void set_cookies(const std::optional<dns::CookieSecrets>& secrets) { responder_.set_cookies(secrets); }
  void set_table(dns::steering::SharedTable table);

  /// As Responder::respond(), at this turn's time.
  dns::Reply answer(const dns::Sender& sender, Bytes query, MutableBytes out);

  [[nodiscard]] const dns::Responder& responder() const { return responder_; }
  [[nodiscard]] const SteeredCounts& steered() const { return steered_; }
  /// Of those whose queries were steered by their own address.
  [[nodiscard]] BusyResolvers& resolvers() { return resolvers_; }
  [[nodiscard]] QueryLog& log() { return log_; }
  [[nodiscard]] const QueryLog& log() const { return log_; }

 private:
  void look_at_the_clock();
  void count_steered(dns::RecordType type);

  Loop loop_;
  Time turn_ = kNever;  // whose time `wall_` is
  std::chrono::system_clock::time_point wall_;
  dns::steering::TableSteering steering_;
  dns::Responder responder_;
  SteeredCounts steered_;
  BusyResolvers resolvers_;
  QueryLog log_;
};

}  // namespace ringway::cli
