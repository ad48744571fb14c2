#include "cli/dns/answerer.h"

#include <chrono>

namespace ringway::cli {

dns::Reply Answerer::answer(const dns::Sender& sender, Bytes query, MutableBytes out) {
  const auto wall = std::chrono::duration_cast<std::chrono::seconds>(loop_.clock.wall().time_since_epoch()).count();
  steering_.set_now(static_cast<dns::steering::WallSeconds>(wall));
  return responder_.respond(sender, {loop_.now(), static_cast<std::uint32_t>(wall)}, query, out);
}

}  // namespace ringway::cli
