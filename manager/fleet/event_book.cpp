#include "manager/fleet/event_book.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"

namespace ringway::manager {

LogText event_line(const Event& event) {
  return {kEventLog,
          JsonObject().text("kind", event.kind).text("subject", event.subject).text("text", event.text).json()};
}

void EventBook::tell(Event event) {
  if (untold_.size() >= limits::kMaxEventsPerTurn) {
    ++left_out_;
    return;
  }
  log_.info(event.text, {{"event", event.kind}, {"subject", event.subject}});
  untold_.push_back(event_line(event));
}

void EventBook::lasts(const Event& event) {
  const std::string key = event.kind + " " + event.subject;
  round_.emplace(key, event);
  if (!lasting_.contains(key)) tell(event);
}

void EventBook::end_round() {
  for (auto& [key, event] : lasting_) {
    if (!round_.contains(key)) tell({event.kind, event.subject, "over: " + event.text});
  }
  lasting_ = std::exchange(round_, {});
}

void EventBook::flush() {
  if (left_out_ > 0) {
    const std::string text = fmt::format("{} more events of the same moment are not told", std::exchange(left_out_, 0));
    untold_.push_back(event_line({"node", "fleet", text}));
  }
  if (untold_.empty() || writer_.paused()) return;
  writer_.submit(
      [lines = std::exchange(untold_, {})](const Ledger&) -> std::variant<Writing, Problem> {
        Writing writing;
        writing.entries = lines;
        return writing;
      },
      [](const std::optional<Problem>&) {});  // the process's log has them
}

}  // namespace ringway::manager
