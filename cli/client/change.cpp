#include "cli/client/change.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/client/yaml.h"

namespace ringway::cli::client {

namespace {

std::optional<ChangePlan> post(Session& session, const ChangeRequest& request, const std::string& query,
                               const std::string& etag) {
  Ask ask{"POST", request.target + query, request.body, {{"if-match", etag}}};
  const std::optional<Answer> answer = session.ask(ask, request.tell);
  if (!answer) return std::nullopt;
  Result<TreeNode> reply = read_json(answer->body);
  if (!reply) {
    session.fail(kFailed, reply.error().message);
    return std::nullopt;
  }
  return ChangePlan{answer->etag, std::move(*reply), answer->body};
}

}  // namespace

std::string apply_body(const Manifest& manifest, const std::vector<std::pair<std::string, std::string>>& removed,
                       const std::string& message) {
  std::string changes;
  const auto add = [&changes](const std::string& kind, const std::string& name, const std::string& content) {
    changes += fmt::format("{}{{\"kind\": {}, \"name\": {}, \"content\": {}}}", changes.empty() ? "" : ",\n",
                           json_quote(kind), json_quote(name), content);
  };
  for (const ManifestItem& item : manifest.items()) add(item.kind, item.name, item.json);
  for (const auto& [kind, name] : removed) add(kind, name, "null");
  const std::string said = message.empty() ? "" : ", \"message\": " + json_quote(message);
  return fmt::format("{{\"changes\": [{}]{}}}", changes, said);
}

std::optional<ChangePlan> plan_change(Session& session, const ChangeRequest& request) {
  // Whatever the head is: the reply's ETag says which it was.
  return post(session, request, "?dry_run=1", "*");
}

std::optional<ChangePlan> make_change(Session& session, const ChangeRequest& request, const ChangePlan& plan) {
  return post(session, request, "", plan.etag);
}

std::string plan_text(const ChangePlan& plan, Paint paint) {
  std::string text;
  std::size_t made = 0;
  std::size_t removed = 0;
  for (const TreeNode& change : plan.diff()) {
    const bool is_new = !has(change, "before");
    const bool goes = !has(change, "after");
    made += is_new ? 1 : 0;
    removed += goes ? 1 : 0;
    const char* mark = is_new ? "+" : goes ? "-" : "~";
    const Colour colour = is_new ? Colour::good : goes ? Colour::bad : Colour::warning;
    text += painted(fmt::format("{} {}/{}", mark, text_of(change, "kind"), text_of(change, "name")), colour, paint);
    text += "\n" + diff_text(diff_lines(member(change, "before"), member(change, "after")), paint);
  }
  return text +
         fmt::format("{} to make, {} to change, {} to remove.\n", made, plan.diff().size() - made - removed, removed);
}

}  // namespace ringway::cli::client
