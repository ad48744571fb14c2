#include "cli/dns/answerer.h"

#include <chrono>
#include <utility>

namespace ringway::cli {

void Answerer::set_table(dns::steering::SharedTable table) {
  const bool same_atlas =
      table != nullptr && steering_.table() != nullptr && table->shared_atlas() == steering_.table()->shared_atlas();
  if (table != nullptr && !same_atlas) steered_.use(table->atlas());
  steering_.use(std::move(table));
}

dns::Reply Answerer::answer(const dns::Sender& sender, Bytes query, MutableBytes out) {
  const auto at = loop_.clock.wall();
  const auto wall = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
  steering_.set_now(static_cast<dns::steering::WallSeconds>(wall));
  const dns::Reply reply = responder_.respond(sender, {loop_.now(), static_cast<std::uint32_t>(wall)}, query, out);
  if (reply.outcome == dns::Outcome::steered) count_steered(reply.type);
  if (log_.draws()) log_.write({at, sender, query, reply, steering_});
  return reply;
}

void Answerer::count_steered(dns::RecordType type) {
  const dns::steering::TableSteering::Answered& last = steering_.last();
  steered_.count(last.of(type));
  if (!last.asker.by_subnet) resolvers_.count(last.asker.address);
}

}  // namespace ringway::cli
