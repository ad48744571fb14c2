#include "manager/rest/draft_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/config_reader.h"
#include "base/limits.h"
#include "base/text.h"
#include "manager/record_types.h"
#include "manager/rest/differences.h"
#include "manager/rest/judgement.h"
#include "manager/rest/revision_api.h"

namespace ringway::manager {

namespace {

using config::Object;
using config::Type;

constexpr std::size_t kIdOctets = 6;
constexpr std::size_t kMaxAuthorOctets = 128;

/// What a new draft is made of.
struct Start {
  std::vector<WrittenChange> changes;
  std::string message;
};

const Type<Start>& start_type() {
  static const Type<Start> kType =
      Object<Start>("new draft")
          .optional("changes", &Start::changes, written_changes(0, limits::kMaxDraftChanges), "Its first changes.")
          .optional("message", &Start::message, config::text(kMaxMessageOctets),
                    "Why, for those who read the revisions.");
  return kType;
}

const config::Description& any_description() {
  static const Type<std::string> kType = config::any_json();
  return kType->description;
}

bool runs_the_overlay(const Principal& principal, Action action) {
  return authorise(principal, action, {Domain::overlay, {}}) == Verdict::allowed;
}

Problem no_such_draft(const std::string& id) { return not_found(fmt::format("there is no draft {}", id)); }

/// Whoever sees a draft, but is not its author, must be one who runs the overlay to change it.
std::optional<Problem> not_to_change(const Request& request, const Draft& draft) {
  if (draft.author == request.principal.name || runs_the_overlay(request.principal, Action::write)) return std::nullopt;
  return forbidden("the draft is another's");
}

auto find_change(std::vector<WrittenChange>& changes, const std::string& kind, const std::string& name) {
  return std::find_if(changes.begin(), changes.end(),
                      [&](const WrittenChange& each) { return each.kind == kind && each.name == name; });
}

std::optional<Problem> too_much(const Draft& draft) {
  std::size_t octets = 0;
  for (const WrittenChange& each : draft.changes) octets += each.kind.size() + each.name.size() + each.content.size();
  if (draft.changes.size() <= limits::kMaxDraftChanges && octets <= limits::kMaxDraftOctets) return std::nullopt;
  return too_large(fmt::format("a draft has at most {} changes and {} KiB", limits::kMaxDraftChanges,
                               limits::kMaxDraftOctets / 1024));
}

FieldFaults doubled(const std::vector<WrittenChange>& changes) {
  FieldFaults faults;
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (seen.emplace(changes[i].kind, changes[i].name).second) continue;
    faults.push_back({fmt::format("/changes/{}", i),
                      fmt::format("{}/{} is changed twice", changes[i].kind, changes[i].name),
                      "say what comes of both"});
  }
  return faults;
}

/// 409 where something of what the draft changes was changed since its base.
std::optional<Problem> changed_since(const Draft& draft, const Registry& registry) {
  Problem problem = conflict("what the draft changes was changed meanwhile; look at its diff and rebase it");
  for (std::size_t i = 0; i < draft.changes.size(); ++i) {
    const WrittenChange& change = draft.changes[i];
    const std::uint64_t number = registry.last_change(change.kind, change.name);
    if (number <= draft.base) continue;
    problem.faults.push_back({fmt::format("/changes/{}", i),
                              fmt::format("{}/{} was changed by revision {}", change.kind, change.name, number),
                              fmt::format("the draft is of revision {}", draft.base)});
  }
  return problem.faults.empty() ? std::nullopt : std::optional(std::move(problem));
}

Record record_of(const std::string& id, const Draft& draft) {
  return write_record(draft_type(), kDraftKind, id, draft);
}

Reply draft_reply(const Record& record) {
  Reply reply = json_reply(with_id(record.name, *record.content));
  reply.fields.emplace_back("etag", content_etag(*record.content));
  return reply;
}

}  // namespace

Type<Draft> draft_type() {
  // What is required is always written, and readers of the API find it.
  static const Type<Draft> kType =
      Object<Draft>("draft")
          .required("author", &Draft::author, config::text(kMaxAuthorOctets), "Who made it.")
          .required("created", &Draft::created, wall_time(), "When.")
          .required("base", &Draft::base, config::whole_number<std::uint64_t>(0), "The revision that it is of.")
          .optional("message", &Draft::message, config::text(kMaxMessageOctets), "Why.")
          .required("changes", &Draft::changes, written_changes(0, limits::kMaxDraftChanges), "What it changes.");
  return kType;
}

std::variant<Draft, Problem> DraftApi::find(const Request& request, const std::string& id) const {
  const std::string* content = ledger_.record(kDraftKind, id);
  if (content == nullptr) return no_such_draft(id);
  auto draft = read_record(draft_type(), {kDraftKind, id, *content});
  if (!draft) return conflict(draft.error().message);
  const bool seen = draft->author == request.principal.name || runs_the_overlay(request.principal, Action::read);
  if (!seen) return no_such_draft(id);
  return std::move(*draft);
}

Answer DraftApi::list(const Request& request) const {
  return record_page(request, ledger_.records(kDraftKind),
                     [&](const std::string& id, const std::string& content) -> std::optional<std::string> {
                       if (std::holds_alternative<Problem>(find(request, id))) return std::nullopt;
                       return with_id(id, content);
                     });
}

Answer DraftApi::get(const Request& request, const std::string& id) const {
  auto found = find(request, id);
  if (Problem* problem = std::get_if<Problem>(&found)) return std::move(*problem);
  return draft_reply({kDraftKind, id, *ledger_.record(kDraftKind, id)});
}

Answer DraftApi::get_change(const Request& request, const PathValues& values) const {
  auto found = find(request, values[0]);
  if (Problem* problem = std::get_if<Problem>(&found)) return std::move(*problem);
  auto& changes = std::get<Draft>(found).changes;
  const auto change = find_change(changes, values[1], values[2]);
  if (change == changes.end()) return not_found(fmt::format("the draft does not change {}/{}", values[1], values[2]));
  Reply reply = json_reply(change->content.empty() ? "null" : change->content);
  reply.fields.emplace_back("etag", content_etag(*ledger_.record(kDraftKind, values[0])));
  return reply;
}

Answer DraftApi::diff(const Request& request, const std::string& id) const {
  auto found = find(request, id);
  if (Problem* problem = std::get_if<Problem>(&found)) return std::move(*problem);
  const Registry& registry = ledger_.registry();
  std::vector<ChangeFault> faults;
  Proposal proposal;
  proposal.snapshot = applied(registry.kinds(), registry.head(), changes_of(std::get<Draft>(found).changes),
                              registry.number() + 1, faults);
  proposal.revision.changes = difference(registry.kinds(), registry.head(), proposal.snapshot);
  const auto seen = visible(request.principal, registry.kinds(), registry.differences(proposal));
  return json_reply(fmt::format(R"({{"from": {}, "diff": {}}})", registry.number(), differences_json(seen)));
}

Answer DraftApi::validate(const Request& request, const std::string& id) const {
  auto found = find(request, id);
  if (Problem* problem = std::get_if<Problem>(&found)) return std::move(*problem);
  const auto& draft = std::get<Draft>(found);
  if (std::optional<Problem> problem = changed_since(draft, ledger_.registry())) return std::move(*problem);
  auto outcome =
      commit_changes(ledger_.registry(), request, changes_of(draft.changes), draft.message, loop_.clock.wall());
  if (Problem* problem = std::get_if<Problem>(&outcome)) return std::move(*problem);
  return json_reply(fmt::format(R"({{"valid": true, "revision": {}}})", ledger_.registry().number()));
}

DraftApi::Result DraftApi::make(const Request& request, const std::string& id) const {
  auto read = read_body(start_type(), request.body);
  if (Problem* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  auto& start = std::get<Start>(read);
  if (FieldFaults faults = doubled(start.changes); !faults.empty()) return invalid(std::move(faults));
  // A draft's text begins with its author.
  const std::string author = fmt::format(R"({{"author": {},)", json_quote(request.principal.name));
  const RecordMap& all = ledger_.records(kDraftKind);
  const auto own =
      std::count_if(all.begin(), all.end(), [&](const auto& each) { return each.second.starts_with(author); });
  if (all.size() >= limits::kMaxDrafts || static_cast<std::size_t>(own) >= limits::kMaxDraftsOfOne) {
    return conflict(fmt::format("there are {} drafts, {} of them yours: commit or remove some", all.size(), own));
  }
  const Registry& registry = ledger_.registry();
  const std::vector<Change> changes = changes_of(start.changes);
  if (auto against = objection(request.principal, registry, changes)) {
    if (Problem* problem = std::get_if<Problem>(&*against)) return std::move(*problem);
    return refused_changes(request.principal, registry, changes, std::get<Refusal>(std::move(*against)));
  }
  Draft draft{request.principal.name, to_the_second(loop_.clock.wall()), registry.number(), start.message,
              start.changes};
  if (std::optional<Problem> problem = too_much(draft)) return std::move(*problem);
  Outcome outcome;
  outcome.writing.records.push_back(record_of(id, draft));
  outcome.reply = draft_reply(outcome.writing.records.front());
  outcome.reply.status = 201;
  outcome.reply.fields.emplace_back("location", "/v1/drafts/" + id);
  return outcome;
}

DraftApi::Result DraftApi::edited(const Request& request, const std::string& id, const Edit& edit) const {
  auto found = find(request, id);
  if (Problem* problem = std::get_if<Problem>(&found)) return std::move(*problem);
  auto& draft = std::get<Draft>(found);
  if (std::optional<Problem> problem = not_to_change(request, draft)) return std::move(*problem);
  if (std::optional<Problem> problem = precondition(request, content_etag(*ledger_.record(kDraftKind, id)))) {
    return std::move(*problem);
  }
  if (std::optional<Problem> problem = edit(request, draft)) return std::move(*problem);
  if (std::optional<Problem> problem = too_much(draft)) return std::move(*problem);
  Outcome outcome;
  outcome.writing.records.push_back(record_of(id, draft));
  outcome.reply = draft_reply(outcome.writing.records.front());
  return outcome;
}

DraftApi::Result DraftApi::remove(const Request& request, const std::string& id) const {
  auto prepared = edited(request, id, [](const Request&, Draft&) { return std::nullopt; });
  if (Outcome* outcome = std::get_if<Outcome>(&prepared)) {
    outcome->writing.records = {{kDraftKind, id, std::nullopt}};
    outcome->reply = nothing_reply();
  }
  return prepared;
}

DraftApi::Result DraftApi::commit(const Request& request, const std::string& id) const {
  Draft draft;
  auto prepared = edited(request, id, [&](const Request&, Draft& found) {
    draft = found;
    return changed_since(found, ledger_.registry());
  });
  if (std::holds_alternative<Problem>(prepared)) return prepared;
  prepared = commit_changes(ledger_.registry(), request, changes_of(draft.changes), draft.message, loop_.clock.wall());
  if (Outcome* outcome = std::get_if<Outcome>(&prepared)) {
    outcome->writing.records.push_back({kDraftKind, id, std::nullopt});
  }
  return prepared;
}

std::optional<Problem> DraftApi::put_change(const Request& request, const PathValues& values, Draft& draft) const {
  const Registry& registry = ledger_.registry();
  if (registry.kinds().find(values[1]) == nullptr) {
    return not_found(fmt::format("there is no kind \"{}\" of resource", values[1]));
  }
  const bool goes = trim(request.body) == "null";
  const Change change{values[1], values[2], goes ? std::nullopt : std::optional(request.body)};
  const auto against = objection(request.principal, registry, {change});
  const Problem* problem = against ? std::get_if<Problem>(&*against) : nullptr;
  if (problem != nullptr) return *problem;
  std::vector<ChangeFault> of_change;
  const Snapshot after = applied(registry.kinds(), registry.head(), {change}, registry.number() + 1, of_change);
  FieldFaults faults;
  for (ChangeFault& each : of_change) faults.push_back(std::move(each.fault));
  if (!faults.empty()) return invalid(std::move(faults));
  const ResourcePtr resource = after.find(values[1], values[2]);
  const auto found = find_change(draft.changes, values[1], values[2]);
  const WrittenChange written{values[1], values[2], resource == nullptr ? "" : resource->json};
  found == draft.changes.end() ? (void)draft.changes.push_back(written) : (void)(*found = written);
  return std::nullopt;
}

void DraftApi::edit(const Request& request, const std::string& id, const Edit& edit, const Respond& respond) {
  writer_.submit(
      request, [this, request, id, edit](const Ledger&) { return edited(request, id, edit); }, respond);
}

void DraftApi::add_to(Router& router) {
  add_reading(router);
  add_changing(router);
  add_whole(router);
}

void DraftApi::add_reading(Router& router) {
  const Need known{Action::read, Domain::sites, Caller::known};
  const auto reading = [&](const char* pattern, const char* id, const char* summary, std::vector<QueryParameter> query,
                           Answer (*answer)(const DraftApi&, const Request&, const PathValues&)) {
    router.add({"GET", pattern, id, summary, known, std::move(query), nullptr, nullptr,
                [this, answer](const Request& request, const PathValues& values, const Respond& respond) {
                  give(answer(*this, request, values), request, respond);
                }});
  };
  using Values = PathValues;
  reading("/v1/drafts", "list-drafts", "List the drafts that one may see.",
          {{"limit", "At most so many."}, {"cursor", "`next` of the page before."}},
          [](const DraftApi& api, const Request& request, const Values&) { return api.list(request); });
  reading(
      "/v1/drafts/{id}", "get-draft", "Read one draft with its ETag.", {},
      [](const DraftApi& api, const Request& request, const Values& values) { return api.get(request, values[0]); });
  reading(
      "/v1/drafts/{id}/diff", "diff-draft", "What a draft changes of the head.", {},
      [](const DraftApi& api, const Request& request, const Values& values) { return api.diff(request, values[0]); });
  reading("/v1/drafts/{id}/changes/{kind}/{name}", "get-draft-change", "Read one change of a draft.", {},
          [](const DraftApi& api, const Request& request, const Values& values) {
            return api.get_change(request, values);
          });
}

void DraftApi::add_changing(Router& router) {
  const Need known{Action::write, Domain::sites, Caller::known};
  router.add({"PUT",
              "/v1/drafts/{id}/changes/{kind}/{name}",
              "put-draft-change",
              "Put a change into a draft: the resource as it is to be, or null where it is to go.",
              known,
              {},
              &any_description(),
              &draft_type()->description,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                edit(
                    request, values[0],
                    [this, values](const Request& asked, Draft& draft) { return put_change(asked, values, draft); },
                    respond);
              }});
  router.add({"DELETE",
              "/v1/drafts/{id}/changes/{kind}/{name}",
              "delete-draft-change",
              "Take a change out of a draft.",
              known,
              {},
              nullptr,
              &draft_type()->description,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                edit(
                    request, values[0],
                    [values](const Request&, Draft& draft) -> std::optional<Problem> {
                      const auto found = find_change(draft.changes, values[1], values[2]);
                      if (found == draft.changes.end()) return not_found("the draft does not change that");
                      draft.changes.erase(found);
                      return std::nullopt;
                    },
                    respond);
              }});
  router.add({"POST",
              "/v1/drafts/{id}/rebase",
              "rebase-draft",
              "Put a draft on the head: what was changed meanwhile has been looked at.",
              known,
              {},
              nullptr,
              &draft_type()->description,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                edit(
                    request, values[0],
                    [this](const Request&, Draft& draft) -> std::optional<Problem> {
                      draft.base = ledger_.registry().number();
                      return std::nullopt;
                    },
                    respond);
              }});
}

void DraftApi::add_whole(Router& router) {
  const Need known{Action::write, Domain::sites, Caller::known};
  router.add({"POST",
              "/v1/drafts",
              "make-draft",
              "Make a draft on the head as it is.",
              known,
              {},
              &start_type()->description,
              &draft_type()->description,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                std::array<std::uint8_t, kIdOctets> id;
                loop_.random.fill(id);
                writer_.submit(
                    request, [this, request, id = to_hex(id)](const Ledger&) { return make(request, id); }, respond);
              }});
  router.add({"DELETE",
              "/v1/drafts/{id}",
              "delete-draft",
              "Remove a draft.",
              known,
              {},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                writer_.submit(
                    request, [this, request, id = values[0]](const Ledger&) { return remove(request, id); }, respond);
              }});
  router.add({"POST",
              "/v1/drafts/{id}/validate",
              "validate-draft",
              "Say whether a draft could be committed now.",
              known,
              {},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                give(validate(request, values[0]), request, respond);
              }});
  router.add({"POST",
              "/v1/drafts/{id}/commit",
              "commit-draft",
              "Make a revision of a draft, which is no more then.",
              known,
              {{"dry_run", "Say what would change, and change nothing."}},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                writer_.submit(
                    request, [this, request, id = values[0]](const Ledger&) { return commit(request, id); }, respond);
              }});
}

}  // namespace ringway::manager
