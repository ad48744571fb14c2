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
  if (turn_ != loop_.now()) look_at_the_clock();
  const auto wall_s = std::chrono::duration_cast<std::chrono::seconds>(wall_.time_since_epoch()).count();
  const dns::Reply reply = responder_.respond(sender, {turn_, static_cast<std::uint32_t>(wall_s)}, query, out);
  if (reply.outcome == dns::Outcome::steered) count_steered(reply.type);
  if (log_.draws()) log_.write({wall_, sender, query, reply, steering_});
  return reply;
}

/// Once for all queries of a turn.
void Answerer::look_at_the_clock() {
  turn_ = loop_.now();
  wall_ = loop_.clock.wall();
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(wall_.time_since_epoch());
  steering_.set_now(static_cast<dns::steering::WallSeconds>(since.count()));
}

void Answerer::count_steered(dns::RecordType type) {
  const dns::steering::TableSteering::Answered& last = steering_.last();
  steered_.count(last.of(type));
  if (!last.asker.by_subnet) resolvers_.count(last.asker.address);
}

}  // namespace ringway::cli
