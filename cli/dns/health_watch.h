#pragma once
// A redirector's own look at all front-ends, again and again: what it goes by where nobody tells it who is ill.
//
// Each is looked at about every so often, at its own moments, so that looks are spread over time; what would be more
// than limits::kMaxChecksUnderWay connections waits for its turn.

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/timer_queue.h"
#include "cli/dns/health_probe.h"
#include "cli/dns/opinion.h"
#include "net/worker.h"
#include "redirector_dns/settings.h"
#include "redirector_dns/steering/table.h"

namespace ringway::cli {

class HealthWatch {
 public:
  /// All of these outlive it.
  HealthWatch(net::Worker& worker, Log& log, Metrics& metrics);
  ~HealthWatch();

  /// Looks at the atlas's front-ends from now on, at none of its back-ends. Of those that stay as they are it knows
  /// what it knew.
  void follow(const dns::steering::SharedAtlas& atlas, const dns::HealthCheckSettings& settings);
  /// Before the first follow(): it thinks of front-ends what another thought whose table this is, until it sees
  /// otherwise.
  void presume(const dns::steering::SteeringTable& table);
  /// Looks at nobody, and forgets all.
  void rest();

  /// By front-end, as in the atlas that it follows.
  [[nodiscard]] std::vector<dns::steering::Votes> votes() const;
  /// Who answers and who does not, of those of whom that is known.
  void collect(Metrics& metrics) const;

 private:
  struct Target;
  struct Figures {
    explicit Figures(Metrics& metrics);
    Counter& answered;
    Counter& failed;
    Counter& not_made;
  };

  [[nodiscard]] std::unique_ptr<Target> target_of(const dns::steering::Frontend& frontend,
                                                  std::unique_ptr<Target>& known);
  [[nodiscard]] Duration pause(const Target& target) const;
  void look_around();
  void look_at(Target& target);
  void take(Target& target, const HealthProbe::Outcome& outcome);
  void count(const Target& target, const HealthProbe::Outcome& outcome);

  net::Worker& worker_;
  Log& log_;
  Figures figures_;
  dns::steering::SharedAtlas atlas_;  // null: it rests
  dns::HealthCheckSettings settings_;
  std::unordered_map<std::string, Opinion> presumed_;  // by front-end
  std::vector<std::unique_ptr<Target>> targets_;
  std::size_t next_ = 0;       // whose turn it is
  std::size_t under_way_ = 0;  // connections
  Timer timer_;
};

}  // namespace ringway::cli
