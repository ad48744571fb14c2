#include "manager/rest/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace ringway::manager {

namespace {

constexpr std::size_t kEtagDigits = 16;

}  // namespace

Reply json_reply(std::string body) {
  Reply reply;
  reply.body = std::move(body) + "\n";
  return reply;
}

Reply problem_reply(const Problem& problem, const Request& request) {
  Reply reply;
  reply.status = problem.status;
  reply.type = "application/problem+json";
  reply.body = problem_json(problem, request.path, request.id);
  if (problem.retry_after_s > 0) reply.fields.emplace_back("retry-after", std::to_string(problem.retry_after_s));
  return reply;
}

void give(const Answer& answer, const Request& request, const Respond& respond) {
  const Problem* problem = std::get_if<Problem>(&answer);
  respond(problem != nullptr ? problem_reply(*problem, request) : std::get<Reply>(answer));
}

bool lists(std::string_view field, std::string_view etag) {
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(','), field.size());
    const std::string_view one = trim(field.substr(0, end));
    if (one == etag || one == "*") return true;
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return false;
}

std::optional<Problem> precondition(const Request& request, const std::optional<std::string>& etag) {
  const std::string_view match = request.field("if-match");
  const std::string_view none_match = request.field("if-none-match");
  if (!etag) {
    if (!match.empty()) return stale("none: there is no such thing");
    if (none_match != "*") return precondition_required("to make a new one say If-None-Match: *");
    return std::nullopt;
  }
  if (none_match == "*") return stale(*etag + ", for there is one already");
  if (match.empty()) return precondition_required("say If-Match with the ETag of what is changed");
  return lists(match, *etag) ? std::nullopt : std::optional(stale(*etag));
}

std::string content_etag(std::string_view content) {
  return fmt::format("\"h{}\"", to_hex(content_hash(content)).substr(0, kEtagDigits));
}

Answer record_page(const Request& request, const RecordMap& records, const RenderRecord& render) {
  const auto most = page_items(request);
  if (const Problem* problem = std::get_if<Problem>(&most)) return *problem;
  const auto cursor = request.query.find("cursor");
  auto record = cursor == request.query.end() ? records.begin() : records.upper_bound(cursor->second);
  std::string items;
  std::string last;
  std::string next = "null";
  for (std::size_t count = 0; record != records.end(); ++record) {
    const std::optional<std::string> item = render(record->first, record->second);
    if (!item) continue;
    if (count++ == std::get<std::size_t>(most)) {
      next = json_quote(last);
      break;
    }
    items += (items.empty() ? "" : ",\n") + *item;
    last = record->first;
  }
  return json_reply(fmt::format(R"({{"items": [{}], "next": {}}})", items, next));
}

std::string with_id(std::string_view id, std::string_view object) {
  const std::string_view members = object.substr(1);
  return fmt::format(R"({{"id": {}{}{})", json_quote(id), members == "}" ? "" : ", ", members);
}

std::variant<std::size_t, Problem> page_items(const Request& request) {
  const auto found = request.query.find("limit");
  if (found == request.query.end()) return kPageItems;
  const std::optional<std::uint64_t> items = parse_decimal(found->second);
  if (items && *items > 0 && *items <= kMaxPageItems) return static_cast<std::size_t>(*items);
  return bad_request(fmt::format("limit is a number from 1 to {}", kMaxPageItems));
}

LogText audit_text(const Request& request, AuditEntry entry) {
  entry.actor = request.principal.name;
  entry.address = request.remote.text();
  entry.request = request.id;
  return {std::string(kAuditLog), audit_json(std::move(entry))};
}

LogText audit_text(const Request& request, std::string_view action, std::string_view kind, std::string_view name) {
  AuditEntry entry;
  entry.action = action;
  entry.kind = kind;
  entry.name = name;
  return audit_text(request, std::move(entry));
}

Reply nothing_reply() { return {204, "application/json", "", {}, nullptr}; }

FieldFaults field_faults(const config::Report& report, const std::optional<config::TreeNode>& tree) {
  FieldFaults faults;
  for (const config::Finding& finding : report.findings()) {
    faults.push_back({tree ? config::json_pointer(*tree, finding.place) : "", finding.message, finding.hint});
  }
  return faults;
}

}  // namespace ringway::manager
