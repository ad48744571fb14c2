#include "cli/dns/opinion.h"

#include "redirector_dns/limits.h"

namespace ringway::cli {

bool Opinion::add(Look look, Time now) {
  if (look == Look::not_made) return false;
  looked_ = now;
  const bool answered = look == Look::answered;
  if (!well_ && answered) well_ = true;
  against_ = well_.value_or(true) == answered ? 0 : against_ + 1;
  if (against_ < (answered ? limits::kPassedChecks : limits::kFailedChecks)) return false;
  well_ = answered;
  against_ = 0;
  return true;
}

dns::steering::Votes Opinion::votes(Time now) const {
  if (!well_ || now - looked_ >= limits::kHealthSilence) return {};
  return *well_ ? dns::steering::Votes{1, 0} : dns::steering::Votes{0, 1};
}

}  // namespace ringway::cli
