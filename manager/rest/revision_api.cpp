#include "manager/rest/revision_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_reader.h"
#include "base/text.h"
#include "manager/record_types.h"
#include "manager/rest/differences.h"
#include "manager/rest/judgement.h"
#include "manager/rest/resource_api.h"
#include "manager/rest/written_changes.h"
#include "manager/store/chain.h"

namespace ringway::manager {

namespace {

using config::Object;
using config::Type;

constexpr std::size_t kMaxChanges = 10000;

struct Application {
  std::vector<WrittenChange> changes;
  std::string message;
};

const Type<Application>& application_type() {
  static const Type<Application> kType =
      Object<Application>("changes")
          .required("changes", &Application::changes, written_changes(1, kMaxChanges), "All of them, or none.")
          .optional("message", &Application::message, config::text(kMaxMessageOctets),
                    "Why, for those who read the revisions.");
  return kType;
}

std::optional<Problem> head_precondition(const Request& request, const Registry& registry) {
  const std::string_view match = request.field("if-match");
  if (match.empty()) return precondition_required("say If-Match with the ETag of /v1/revisions, or *");
  return lists(match, head_etag(registry)) ? std::nullopt : std::optional(stale(head_etag(registry)));
}

/// How many of its changes the principal may see.
std::size_t visible_changes(const Principal& principal, const Registry& registry, const Revision& revision) {
  const auto& owners = registry.owners(revision.number);
  std::size_t count = 0;
  for (std::size_t i = 0; i < revision.changes.size(); ++i) {
    const ResourceKind& kind = *registry.kinds().find(revision.changes[i].kind);
    if (judge(principal, Action::read, kind, owners[i]) == Verdict::allowed) ++count;
  }
  return count;
}

Problem no_such_revision(const std::string& number) {
  return not_found(fmt::format("there is no revision {}", number));
}

}  // namespace

std::string head_etag(const Registry& registry) { return fmt::format("\"revision-{}\"", registry.number()); }

std::variant<RequestWriter::Outcome, Problem> commit_changes(const Registry& registry, const Request& request,
                                                             const std::vector<Change>& changes,
                                                             const std::string& message, WallTime now) {
  if (auto against = objection(request.principal, registry, changes)) {
    if (Problem* problem = std::get_if<Problem>(&*against)) return std::move(*problem);
    return refused_changes(request.principal, registry, changes, std::get<Refusal>(std::move(*against)));
  }
  auto proposed = registry.propose(changes, {request.principal.name, message, now});
  if (Refusal* refusal = std::get_if<Refusal>(&proposed)) {
    return refused_changes(request.principal, registry, changes, std::move(*refusal));
  }
  auto& proposal = std::get<Proposal>(proposed);
  const std::vector<Difference> differences = registry.differences(proposal);
  const bool dry = request.asks("dry_run");
  const std::uint64_t number = registry.number() + (dry || differences.empty() ? 0 : 1);
  RequestWriter::Outcome outcome;
  outcome.reply = json_reply(
      fmt::format(R"({{"dry_run": {}, "revision": {}, "diff": {}}})", dry, number, differences_json(differences)));
  outcome.reply.fields.emplace_back("etag", fmt::format("\"revision-{}\"", number));
  if (differences.empty()) return outcome;
  outcome.writing.revision = std::move(proposal.revision);
  outcome.writing.entries = audit_texts(request, differences);
  return outcome;
}

RevisionApi::RevisionApi(const Ledger& ledger, RequestWriter& writer, const Clock& clock)
    : ledger_(ledger), writer_(writer), clock_(clock) {}

const Revision* RevisionApi::find(const std::string& number) const {
  return number == "head" ? ledger_.registry().revision(ledger_.registry().number())
                          : ledger_.registry().revision(parse_decimal(number).value_or(0));
}

std::string RevisionApi::summary_json(const Request& request, const Revision& revision) const {
  return fmt::format(R"({{"number": {}, "time": {}, "author": {}, "message": {}, "hash": "{}", "changes": {}}})",
                     revision.number, wall_time()->json(revision.time), json_quote(revision.author),
                     json_quote(revision.message), to_text(revision.hash),
                     visible_changes(request.principal, ledger_.registry(), revision));
}

Answer RevisionApi::list(const Request& request) const {
  const auto most = page_items(request);
  if (const Problem* problem = std::get_if<Problem>(&most)) return *problem;
  const Registry& registry = ledger_.registry();
  const auto cursor = request.query.find("cursor");
  std::uint64_t number = registry.number();
  if (cursor != request.query.end()) {
    const std::optional<std::uint64_t> before = parse_decimal(cursor->second);
    if (!before || *before == 0) return bad_request("cursor is the `next` of another page");
    number = std::min(number, *before - 1);
  }
  std::string items;
  std::size_t count = 0;
  for (; number > 0 && count < std::get<std::size_t>(most); --number) {
    const Revision& revision = *registry.revision(number);
    if (request.principal.scope && visible_changes(request.principal, registry, revision) == 0) continue;
    items += (items.empty() ? "" : ",\n") + summary_json(request, revision);
    ++count;
  }
  const std::string next = number == 0 ? "null" : fmt::format("\"{}\"", number + 1);
  Reply reply = json_reply(fmt::format(R"({{"items": [{}], "next": {}}})", items, next));
  reply.fields.emplace_back("etag", head_etag(registry));
  return reply;
}

Answer RevisionApi::get(const Request& request, const std::string& number) const {
  const Revision* revision = find(number);
  const Registry& registry = ledger_.registry();
  if (revision == nullptr) return no_such_revision(number);
  const auto seen =
      visible(request.principal, registry.kinds(), registry.differences(revision->number - 1, revision->number));
  if (seen.empty() && request.principal.scope) return no_such_revision(number);
  return json_reply(
      fmt::format(R"({{"revision": {}, "diff": {}}})", summary_json(request, *revision), differences_json(seen)));
}

Answer RevisionApi::diff(const Request& request, const std::string& number) const {
  const Registry& registry = ledger_.registry();
  const Revision* to = find(number);
  const auto against = request.query.find("against");
  std::uint64_t from = to == nullptr ? 0 : to->number - 1;
  if (against != request.query.end()) from = parse_decimal(against->second).value_or(UINT64_MAX);
  if (to == nullptr || from > registry.number()) return not_found("there is no such revision");
  const auto seen = visible(request.principal, registry.kinds(), registry.differences(from, to->number));
  return json_reply(fmt::format(R"({{"from": {}, "to": {}, "diff": {}}})", from, to->number, differences_json(seen)));
}

void RevisionApi::commit(const Request& request, const std::string& message, const Make& make, const Respond& respond) {
  const auto prepare = [request, message, make,
                        this](const Ledger& ledger) -> std::variant<RequestWriter::Outcome, Problem> {
    if (std::optional<Problem> problem = head_precondition(request, ledger.registry())) return std::move(*problem);
    return commit_changes(ledger.registry(), request, make(ledger.registry()), message, clock_.wall());
  };
  writer_.submit(request, prepare, respond);
}

void RevisionApi::apply(const Request& request, const Respond& respond) {
  auto read = read_body(application_type(), request.body);
  if (const Problem* problem = std::get_if<Problem>(&read)) return respond(problem_reply(*problem, request));
  const auto& application = std::get<Application>(read);
  commit(
      request, application.message, [changes = changes_of(application.changes)](const Registry&) { return changes; },
      respond);
}

void RevisionApi::roll_back(const Request& request, const std::string& number, const Respond& respond) {
  const Revision* revision = find(number);
  if (revision == nullptr) return respond(problem_reply(no_such_revision(number), request));
  const std::uint64_t target = revision->number;
  commit(
      request, fmt::format("rollback to revision {}", target),
      [target](const Registry& registry) { return registry.back_to(target); }, respond);
}

void RevisionApi::add_to(Router& router) {
  const Need read{Action::read, Domain::sites, Caller::known};
  const QueryParameter dry_run{"dry_run", "Say what would change, and change nothing."};
  router.add({"POST",
              "/v1/apply",
              "apply",
              "Make several changes at once, as one revision.",
              read,
              {dry_run},
              &application_type()->description,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) { apply(request, respond); }});
  router.add({"GET",
              "/v1/revisions",
              "list-revisions",
              "List the revisions, the last first.",
              read,
              {{"limit", "At most so many."}, {"cursor", "`next` of the page before."}},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                give(list(request), request, respond);
              }});
  router.add({"GET",
              "/v1/revisions/{number}",
              "get-revision",
              "Read one revision with its changes.",
              read,
              {},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                give(get(request, values[0]), request, respond);
              }});
  router.add({"GET",
              "/v1/revisions/{number}/diff",
              "diff-revisions",
              "What differs between two revisions.",
              read,
              {{"against", "The other; the one before it where this is not said."}},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                give(diff(request, values[0]), request, respond);
              }});
  router.add({"POST",
              "/v1/revisions/{number}/rollback",
              "roll-back",
              "Make a new revision with what was in this one.",
              Need{Action::operate, Domain::overlay},
              {dry_run},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                roll_back(request, values[0], respond);
              }});
}

}  // namespace ringway::manager
