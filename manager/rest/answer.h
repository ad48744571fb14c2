#pragma once
// What operations have in common: how they read a body, judge preconditions, page, and answer.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/config_json.h"
#include "base/config_type.h"
#include "manager/access/audit.h"
#include "manager/rest/message.h"
#include "manager/rest/problem.h"
#include "manager/revisions/ledger.h"

namespace ringway::manager {

using Answer = std::variant<Reply, Problem>;

Reply json_reply(std::string body);
Reply problem_reply(const Problem& problem, const Request& request);
void give(const Answer& answer, const Request& request, const Respond& respond);

/// RFC 9110 §13.1.1: whether one of the list is this entity tag, or all are meant.
bool lists(std::string_view field, std::string_view etag);
/// What If-Match and If-None-Match say against a change of what has this entity tag (nothing: it is not there yet).
std::optional<Problem> precondition(const Request& request, const std::optional<std::string>& etag);
/// Of a record: it follows from its content.
std::string content_etag(std::string_view content);

inline constexpr std::size_t kPageItems = 100;
inline constexpr std::size_t kMaxPageItems = 1000;
/// {"items": […], "next": …} of records by name, in pages by ?limit= and ?cursor=. `render` makes an item's JSON;
/// nothing where it is not shown.
using RenderRecord = std::function<std::optional<std::string>(const std::string& name, const std::string& content)>;
Answer record_page(const Request& request, const RecordMap& records, const RenderRecord& render);
/// The JSON object with a member "id" in front.
std::string with_id(std::string_view id, std::string_view object);

/// ?limit=
std::variant<std::size_t, Problem> page_items(const Request& request);

/// A line of the audit log; who asks, from where and by which request is filled in.
LogText audit_text(const Request& request, AuditEntry entry);
/// The same of what has nothing before and after it.
LogText audit_text(const Request& request, std::string_view action, std::string_view kind, std::string_view name);
/// 204.
Reply nothing_reply();

FieldFaults field_faults(const config::Report& report, const std::optional<config::TreeNode>& tree);

/// A request's body; keys that the type does not have are faults.
template <class T>
std::variant<T, Problem> read_body(const config::Type<T>& type, const std::string& body) {
  config::Report report("body", body);
  const std::optional<config::TreeNode> tree = config::parse_json(body, report);
  config::Context context{report, {}, false};
  T value;
  if (tree) type->read(context, *tree, value);
  if (!report.empty()) return invalid(field_faults(report, tree));
  return value;
}

}  // namespace ringway::manager
