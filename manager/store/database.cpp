#include "manager/store/database.h"

#include <poll.h>

namespace ringway::manager {

bool wait_for_wake(std::chrono::milliseconds most, int wake) {
  pollfd waited{wake, POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(most.count())) > 0;
}

}  // namespace ringway::manager
