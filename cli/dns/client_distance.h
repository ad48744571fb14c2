#pragma once
// How far a client is from each POP, as a redirector's own file and its geography say, for people.

#include <string>
#include <vector>

#include "base/address.h"
#include "redirector_dns/steering/plan.h"
#include "redirector_dns/steering_file.h"

namespace ringway::cli {

/// What a redirector steers by on its own.
struct OwnSteering {
  const dns::SteeringFile& file;
  const dns::steering::Plan& plan;  // of the file, with its geography
};

class DistanceTexts {
 public:
  DistanceTexts(const OwnSteering& own, const IpAddress& client);
  /// "9.0 ms, measured", or by what it is believed.
  [[nodiscard]] std::string of(dns::steering::PopIndex pop) const;

 private:
  std::vector<double> ms_;      // by POP
  std::vector<bool> measured_;  // by POP
  std::string belief_;          // where it is not measured
};

}  // namespace ringway::cli
