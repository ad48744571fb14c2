#pragma once
// What a room is given in place of threads and clocks. One loop is one worker; all it calls is on one thread.

#include "base/random.h"
#include "base/time.h"
#include "base/timer_queue.h"

namespace ringway {

struct Loop {
  const Clock& clock;
  TimerQueue& timers;
  DeferredQueue& deferred;
  Random& random;

  [[nodiscard]] Time now() const { return clock.now(); }
};

}  // namespace ringway
