#include "manager/rest/log_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "manager/store/chain.h"

namespace ringway::manager {

namespace {

/// A number of the query; nothing where it is not there, a problem where it is none.
std::variant<std::optional<std::uint64_t>, Problem> number_of(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return std::optional<std::uint64_t>();
  const std::optional<std::uint64_t> number = parse_decimal(found->second);
  if (!number) return bad_request(fmt::format("{} is the number of an entry", name));
  return number;
}

Reply page(std::vector<LogEntry> entries, std::uint64_t first, bool rising) {
  std::sort(entries.begin(), entries.end(), [rising](const LogEntry& a, const LogEntry& b) {
    return rising ? a.number < b.number : a.number > b.number;
  });
  std::string items;
  for (const LogEntry& entry : entries) items += (items.empty() ? "" : ",\n") + log_entry_json(entry);
  const std::string next = rising || first <= 1 ? "null" : fmt::format("\"{}\"", first);
  return json_reply(fmt::format(R"({{"items": [{}], "next": {}}})", items, next));
}

}  // namespace

std::string log_entry_json(const LogEntry& entry) {
  const std::string_view members = std::string_view(entry.content).substr(1);
  return fmt::format(R"({{"number": {}, "time": "{}", "hash": "{}"{}{})", entry.number, format_wall_time(entry.time),
                     to_text(entry.hash), members == "}" ? "" : ", ", members);
}

std::variant<LogApi::Range, Problem> LogApi::range_of(const std::string& log, const Request& request) const {
  const auto most = page_items(request);
  const auto after = number_of(request, "after");
  const auto cursor = number_of(request, "cursor");
  if (const Problem* problem = std::get_if<Problem>(&most)) return *problem;
  if (const Problem* problem = std::get_if<Problem>(&after)) return *problem;
  if (const Problem* problem = std::get_if<Problem>(&cursor)) return *problem;
  const std::uint64_t end = ledger_.log(log).end().number;
  const std::uint64_t count = std::get<std::size_t>(most);
  if (const auto& number = std::get<std::optional<std::uint64_t>>(after)) {
    const std::uint64_t before = std::min(*number, end);
    return Range{before + 1, std::min(end, before + count), true};
  }
  const std::uint64_t before = std::get<std::optional<std::uint64_t>>(cursor).value_or(end + 1);
  const std::uint64_t last = before == 0 ? 0 : std::min(end, before - 1);
  return Range{last < count ? 1 : last - count + 1, last, false};
}

/// From memory where all of it is there; else from the store.
void LogApi::list(const std::string& log, const Request& request, const Respond& respond) const {
  const auto wanted = range_of(log, request);
  if (const Problem* problem = std::get_if<Problem>(&wanted)) return respond(problem_reply(*problem, request));
  const Range range = std::get<Range>(wanted);
  const std::deque<LogEntry>& held = ledger_.log(log).entries();
  if (range.last < range.first || (!held.empty() && held.front().number <= range.first)) {
    std::vector<LogEntry> entries;
    std::copy_if(held.begin(), held.end(), std::back_inserter(entries),
                 [&](const LogEntry& entry) { return entry.number >= range.first && entry.number <= range.last; });
    return respond(page(std::move(entries), range.first, range.rising));
  }
  const bool asked = read_older_(log, range.last + 1, static_cast<std::size_t>(range.last - range.first + 1),
                                 [request, respond, range](const Entries& entries) {
                                   respond(entries ? page(*entries, range.first, range.rising)
                                                   : problem_reply(unavailable(entries.error().message), request));
                                 });
  if (!asked) respond(problem_reply(unavailable("the store does not keep up"), request));
}

void LogApi::add_to(Router& router) {
  const std::vector<QueryParameter> query = {{"limit", "At most so many."},
                                             {"cursor", "`next` of the page before."},
                                             {"after", "Those behind the entry of this number, the first first."}};
  const auto add = [&](const std::string& log, const char* summary, Domain domain) {
    router.add({"GET", "/v1/" + log, "list-" + log, summary, Need{Action::read, domain}, query, nullptr, nullptr,
                [this, log](const Request& request, const PathValues&, const Respond& respond) {
                  list(log, request, respond);
                }});
  };
  add(kEventLog, "What happened, the last first.", Domain::overlay);
  add(std::string(kAuditLog), "Who did what, the last first.", Domain::audit);
}

}  // namespace ringway::manager
