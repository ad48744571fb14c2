#pragma once
// What answers on one worker: the responder, and the steering that it asks.

#include <memory>

#include "base/loop.h"
#include "redirector_dns/responder.h"
#include "redirector_dns/steering/table_steering.h"

namespace ringway::cli {

class Answerer {
 public:
  Answerer(dns::ResponderSettings settings, Loop loop) : loop_(loop), responder_(std::move(settings), steering_) {}

  void set_zones(std::shared_ptr<const dns::ZoneSet> zones) { responder_.set_zones(std::move(zones)); }
  void set_cookies(const std::optional<dns::CookieSecrets>& secrets) { responder_.set_cookies(secrets); }
  void set_table(dns::steering::SharedTable table) { steering_.use(std::move(table)); }

  /// As Responder::respond(), at this turn's time.
  dns::Reply answer(const dns::Sender& sender, Bytes query, MutableBytes out);
  [[nodiscard]] const dns::Responder& responder() const { return responder_; }

 private:
  Loop loop_;
  dns::steering::TableSteering steering_;
  dns::Responder responder_;
};

}  // namespace ringway::cli
