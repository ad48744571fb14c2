#pragma once
// What happens to the fleet, as lines of the log "events": {"kind", "subject", "text", …}.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "manager/fleet/json_text.h"
#include "manager/revisions/writer.h"

namespace ringway::manager {

struct Event {
  std::string kind;     // "move", "rollout", "node", "drain", "link", "leader", "shortage", "takeover"
  std::string subject;  // "frontend:pop-1", "site:shop", "revision:7"
  std::string text;     // a sentence
};
[[nodiscard]] LogText event_line(const Event& event);

class EventBook {
 public:
  /// Both outlive it.
  EventBook(Writer& writer, Log& log) : writer_(writer), log_(log) {}

  void tell(Event event);
  /// Of what lasts: told when it begins and when it is over. All that lasts is said in each round, then end_round().
  void lasts(const Event& event);
  void end_round();
  /// Writes what was told; of one turn at most limits::kMaxEventsPerTurn, and how many there were more.
  void flush();

 private:
  Writer& writer_;
  Log& log_;
  std::vector<LogText> untold_;
  std::size_t left_out_ = 0;
  std::map<std::string, Event> lasting_;  // by kind and subject
  std::map<std::string, Event> round_;
};

}  // namespace ringway::manager
