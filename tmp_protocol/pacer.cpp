#include "tmp_protocol/pacer.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

void Pacer::on_sent(std::size_t octets, Time now) {
  if (rate_ <= 0) {
    next_ = now;
    paused_ = false;
    return;
  }
  const bool late = paused_ && !idle_;
  idle_ = false;
  next_ = std::max(next_, late ? now - limits::kPacerLateCredit : now);
  next_ += from_seconds(static_cast<double>(octets) / rate_);
  // While it catches up it stays paused, open since next_ is past, and so keeps the rest of its credit.
  paused_ = next_ > now + train_ || (late && next_ <= now);
}

}  // namespace ringway::tmp
