#include "manager/rest/event_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "manager/record_types.h"
#include "manager/rest/answer.h"
#include "manager/rest/log_api.h"

namespace ringway::manager {

namespace {

constexpr Duration kStatusInterval = std::chrono::seconds(1);
/// Revisions that came at once are told one by one up to so many.
constexpr std::uint64_t kMostRevisionsTold = 100;

/// `head` is "event: NAME\n" and an id where there is one; a line break in `data` begins another line of it.
std::string message(std::string_view head, std::string_view data) {
  std::string out(head);
  while (true) {
    const std::size_t end = data.find('\n');
    out += fmt::format("data: {}\n", data.substr(0, end));
    if (end == std::string_view::npos) return out + "\n";
    data.remove_prefix(end + 1);
  }
}

std::string revision_message(const Revision& revision) {
  return message("event: revision\n",
                 fmt::format(R"({{"number": {}, "time": {}, "author": {}, "message": {}, "changes": {}}})",
                             revision.number, wall_time()->json(revision.time), json_quote(revision.author),
                             json_quote(revision.message), revision.changes.size()));
}

}  // namespace

EventStream::EventStream(const Ledger& ledger, const Authenticator& authenticator, Loop loop,
                         std::function<std::string()> status_json)
    : ledger_(ledger),
      authenticator_(authenticator),
      loop_(loop),
      status_json_(std::move(status_json)),
      second_(loop.timers, [this] { on_second(); }) {}

void EventStream::open(const Request& request, const Respond& respond) {
  std::erase_if(followers_, [](const Follower& follower) { return follower.call->gone(); });
  if (followers_.size() >= limits::kMaxApiStreams) {
    return respond(problem_reply(unavailable("too many follow the stream already"), request));
  }
  Reply reply;
  reply.type = "text/event-stream";
  if (request.method == "HEAD") return respond(reply);
  reply.body = message("retry: 1000\nevent: status\n", trim(status_json_()));
  const std::uint64_t newest = ledger_.log(kEventLog).end().number;
  const std::uint64_t last = parse_decimal(request.field("last-event-id")).value_or(newest);
  // An id from a store that was replaced since is greater than all: then only what is new counts.
  Follower follower{nullptr, request.principal, std::min(last, newest), ledger_.registry().number()};
  reply.go_on = [this, follower](const CallPtr& call) {
    followers_.push_back(follower);
    followers_.back().call = call;
    if (!send_news(followers_.back())) followers_.pop_back();
    if (!second_.armed()) second_.arm(loop_.now() + kStatusInterval);
  };
  respond(reply);
}

void EventStream::add_to(Router& router) {
  router.add({"GET",
              "/v1/stream",
              "stream",
              "Server-sent events: the status each second, events and revisions as they come.",
              Need{Action::read, Domain::overlay},
              {},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) { open(request, respond); }});
}

void EventStream::look() {
  std::erase_if(followers_, [this](Follower& follower) { return !send_news(follower); });
}

void EventStream::on_second() {
  const std::string status = followers_.empty() ? "" : message("event: status\n", trim(status_json_()));
  std::erase_if(followers_, [&](Follower& follower) {
    if (authenticator_.still_knows(follower.principal, loop_.clock.wall())) return !follower.call->send(status);
    follower.call->end();
    return true;
  });
  if (!followers_.empty()) second_.arm(loop_.now() + kStatusInterval);
}

bool EventStream::send_news(Follower& follower) {
  const LogTail& log = ledger_.log(kEventLog);
  std::string news;
  if (!log.entries().empty() && follower.event + 1 < log.entries().front().number) {
    news += message("event: gap\n", fmt::format(R"({{"after": {}}})", follower.event));
  }
  for (const LogEntry& entry : log.entries()) {
    if (entry.number <= follower.event) continue;
    news += message(fmt::format("id: {}\nevent: event\n", entry.number), log_entry_json(entry));
  }
  follower.event = log.end().number;
  const Registry& registry = ledger_.registry();
  const std::uint64_t head = registry.number();
  if (head > follower.revision + kMostRevisionsTold) follower.revision = head - 1;
  for (std::uint64_t number = follower.revision + 1; number <= head; ++number) {
    news += revision_message(*registry.revision(number));
  }
  follower.revision = head;
  return news.empty() ? !follower.call->gone() : follower.call->send(news);
}

}  // namespace ringway::manager
