#include "manager/rest/resource_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "manager/access/audit.h"
#include "manager/rest/differences.h"
#include "manager/rest/judgement.h"
#include "manager/rest/merge_patch.h"

namespace ringway::manager {

namespace {

Reply resource_reply(const Resource& resource) {
  Reply reply = json_reply(resource.json);
  reply.fields.emplace_back("etag", etag_of(resource));
  return reply;
}

/// Faults of other resources name them in front of their pointer.
FieldFaults faults_of(const Refusal& refusal, const std::string& kind, const std::string& name) {
  FieldFaults faults;
  for (const ChangeFault& each : refusal.changes) faults.push_back(each.fault);
  for (const ResourceFault& each : refusal.whole) {
    FieldFault fault = each.fault;
    if (each.kind.empty()) {
      // of nothing that may be named
    } else if (each.kind != kind || each.name != name) {
      fault.message = fmt::format("{}/{}{}: {}", each.kind, each.name, fault.pointer, fault.message);
      fault.pointer.clear();
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

ResourceApi::Edit patch_with(std::string patch) {
  return [patch = std::move(patch)](const Resource* before) -> std::variant<std::optional<std::string>, Problem> {
    FieldFaults faults;
    std::optional<std::string> merged = merge_patch(before->json, patch, faults);
    if (!merged) return invalid(std::move(faults));
    return merged;
  };
}

}  // namespace

std::string etag_of(const Resource& resource) { return fmt::format("\"r{}\"", resource.revision); }

std::vector<LogText> audit_texts(const Request& request, const std::vector<Difference>& differences) {
  std::vector<LogText> texts;
  for (const Difference& each : differences) {
    AuditEntry entry;
    entry.action = !each.before ? "create" : each.after ? "change" : "remove";
    entry.kind = each.kind;
    entry.name = each.name;
    if (each.before) entry.before = content_hash(*each.before);
    if (each.after) entry.after = content_hash(*each.after);
    texts.push_back(audit_text(request, std::move(entry)));
  }
  return texts;
}

void ResourceApi::add_to(Router& router) {
  for (const auto& kind : ledger_.registry().kinds().all()) add_kind(router, *kind);
}

Answer ResourceApi::list(const ResourceKind& kind, const Request& request) const {
  const auto most = page_items(request);
  if (const Problem* problem = std::get_if<Problem>(&most)) return *problem;
  const auto cursor = request.query.find("cursor");
  const ResourceMap& all = ledger_.registry().head().all(kind.plural());
  auto item = cursor == request.query.end() ? all.begin() : all.upper_bound(cursor->second);
  std::string items;
  std::string last;
  for (std::size_t count = 0; item != all.end() && count < std::get<std::size_t>(most); ++item) {
    if (!may_see(request.principal, kind, *item->second)) continue;
    items += (items.empty() ? "" : ",\n") + item->second->json;
    last = item->first;
    ++count;
  }
  while (item != all.end() && !may_see(request.principal, kind, *item->second)) ++item;
  const std::string next = item == all.end() ? "null" : json_quote(last);
  return json_reply(
      fmt::format("{{\"items\": [{}], \"next\": {}, \"revision\": {}}}", items, next, ledger_.registry().number()));
}

Answer ResourceApi::get(const ResourceKind& kind, const Request& request, const std::string& name) const {
  const ResourcePtr resource = ledger_.registry().head().find(kind.plural(), name);
  if (resource == nullptr || !may_see(request.principal, kind, *resource)) return no_such_resource(kind, name);
  Reply reply = resource_reply(*resource);
  if (!lists(request.field("if-none-match"), etag_of(*resource))) return reply;
  reply.status = 304;
  reply.body.clear();
  return reply;
}

std::variant<RequestWriter::Outcome, Problem> ResourceApi::change(const ResourceKind& kind, const Request& request,
                                                                  const std::string& name, const Edit& edit) const {
  const ResourcePtr before = ledger_.registry().head().find(kind.plural(), name);
  const bool makes = request.method == "PUT";
  const bool seen = before != nullptr && may_see(request.principal, kind, *before);
  if (!makes && !seen) return no_such_resource(kind, name);
  auto edited = edit(before.get());
  if (Problem* problem = std::get_if<Problem>(&edited)) return std::move(*problem);
  const Change change{kind.plural(), name, std::get<std::optional<std::string>>(std::move(edited))};
  if (const auto against = objection(request.principal, ledger_.registry(), {change})) {
    if (const Problem* problem = std::get_if<Problem>(&*against)) return *problem;
    return invalid(faults_of(std::get<Refusal>(*against), kind.plural(), name));
  }
  const auto etag = before == nullptr ? std::nullopt : std::optional(etag_of(*before));
  if (std::optional<Problem> problem = precondition(request, etag)) return std::move(*problem);
  return propose(kind, request, change);
}

std::variant<RequestWriter::Outcome, Problem> ResourceApi::propose(const ResourceKind& kind, const Request& request,
                                                                   const Change& change) const {
  const Registry& registry = ledger_.registry();
  const auto message = request.query.find("message");
  const Authorship by{request.principal.name, message == request.query.end() ? "" : message->second, clock_.wall()};
  auto proposed = registry.propose({change}, by);
  if (Refusal* refusal = std::get_if<Refusal>(&proposed)) {
    refusal->whole = visible(request.principal, registry, std::move(refusal->whole));
    return invalid(faults_of(*refusal, kind.plural(), change.name));
  }
  auto& proposal = std::get<Proposal>(proposed);
  const std::vector<Difference> differences = registry.differences(proposal);
  const bool fresh = registry.head().find(kind.plural(), change.name) == nullptr;
  Outcome outcome;
  const ResourcePtr after = proposal.snapshot.find(kind.plural(), change.name);
  outcome.reply = after == nullptr ? nothing_reply() : resource_reply(*after);
  if (fresh) outcome.reply.status = 201;
  if (request.asks("dry_run")) {
    outcome.reply = json_reply(fmt::format(R"({{"dry_run": true, "diff": {}}})", differences_json(differences)));
  } else if (!differences.empty()) {
    outcome.writing.revision = std::move(proposal.revision);
    outcome.writing.entries = audit_texts(request, differences);
  }
  const std::uint64_t number = registry.number() + (differences.empty() ? 0 : 1);
  outcome.reply.fields.emplace_back("ringway-revision", std::to_string(number));
  return outcome;
}

void ResourceApi::submit(const ResourceKind& kind, const Request& request, const std::string& name, const Edit& edit,
                         const Respond& respond) {
  writer_.submit(
      request, [this, &kind, request, name, edit](const Ledger&) { return change(kind, request, name, edit); },
      respond);
}

void ResourceApi::add_kind(Router& router, const ResourceKind& kind) {
  const std::string all = "/v1/" + kind.plural();
  const Need read{Action::read, kind.domain(), Caller::known};
  router.add({"GET",
              all,
              "list-" + kind.plural(),
              "List: " + kind.doc(),
              read,
              {{"limit", "At most so many."}, {"cursor", "`next` of the page before."}},
              nullptr,
              nullptr,
              [this, &kind](const Request& request, const PathValues&, const Respond& respond) {
                give(list(kind, request), request, respond);
              }});
  router.add({"GET",
              all + "/{name}",
              "get-" + kind.singular(),
              "Read one " + kind.singular() + ".",
              read,
              {},
              nullptr,
              &kind.description(),
              [this, &kind](const Request& request, const PathValues& values, const Respond& respond) {
                give(get(kind, request, values[0]), request, respond);
              }});
  add_changes(router, kind);
}

void ResourceApi::add_changes(Router& router, const ResourceKind& kind) {
  const std::string one = "/v1/" + kind.plural() + "/{name}";
  const config::Description* const body = &kind.description();
  const std::vector<QueryParameter> query = {{"dry_run", "Say what would change, and change nothing."},
                                             {"message", "Why, for those who read the revisions."}};
  const Need write{Action::write, kind.domain(), Caller::known};
  router.add({"PUT", one, "put-" + kind.singular(), "Make or replace a " + kind.singular() + ".", write, query, body,
              body, [this, &kind](const Request& request, const PathValues& values, const Respond& respond) {
                submit(
                    kind, request, values[0],
                    [body = request.body](const Resource*) { return std::optional<std::string>(body); }, respond);
              }});
  router.add({"PATCH", one, "patch-" + kind.singular(), "Change some keys of a " + kind.singular() + ".", write, query,
              body, body, [this, &kind](const Request& request, const PathValues& values, const Respond& respond) {
                submit(kind, request, values[0], patch_with(request.body), respond);
              }});
  router.add({"DELETE", one, "delete-" + kind.singular(), "Remove a " + kind.singular() + ".", write, query, nullptr,
              nullptr, [this, &kind](const Request& request, const PathValues& values, const Respond& respond) {
                submit(
                    kind, request, values[0], [](const Resource*) { return std::optional<std::string>(); }, respond);
              }});
}

}  // namespace ringway::manager
