#pragma once
// One look at a front-end: TCP connections to all its addresses at once. It answers where one of them comes about,
// which is dropped at once and without a trace (RST): nothing waits for its end on either side.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/timer_queue.h"
#include "cli/dns/opinion.h"
#include "net/worker.h"

namespace ringway::cli {

class HealthProbe {
 public:
  struct Outcome {
    Look look = Look::not_made;
    std::string reason;  // "connect to 192.0.2.1:443: Connection refused"; empty: it answered
  };
  using Done = std::function<void(Outcome outcome)>;

  /// `addresses`: at least one.
  HealthProbe(net::Worker& worker, const std::vector<SocketAddress>& addresses, Done done);
  HealthProbe(const HealthProbe&) = delete;
  HealthProbe& operator=(const HealthProbe&) = delete;
  ~HealthProbe();

  /// Calls `done` once, within `limit` and maybe before it returns; the probe is destroyed later than that. Destroyed
  /// before, it does not call.
  void begin(Duration limit);

 private:
  class Attempt;

  void end_attempt(const SocketAddress& address, int error, Look look);
  void give_up();
  void finish(Look look, std::string reason);

  net::Worker& worker_;
  Done done_;
  std::vector<std::unique_ptr<Attempt>> attempts_;
  std::size_t pending_;
  std::string failure_;   // of an address that does not answer
  std::string own_lack_;  // for which an address was not asked
  Timer limit_;
};

}  // namespace ringway::cli
