#include "manager/fleet/fleet_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "manager/access/audit.h"
#include "manager/fleet/fleet_status.h"
#include "manager/record_types.h"
#include "manager/resources/kinds.h"
#include "manager/rest/answer.h"
#include "manager/rest/resource_api.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

constexpr std::size_t kPageNetworks = 1000;

Reply items_reply(const std::string& list) { return json_reply("{\"items\": " + list + "}"); }

std::string distances_json(const std::vector<ClientDistance>& distances) {
  JsonList list;
  for (const ClientDistance& each : distances) {
    list.add(
        JsonObject().text("frontend", each.frontend).real("rtt_ms", each.rtt_ms).count("count", each.count).json());
  }
  return list.json();
}

/// A front-end that takes new clients of a site.
struct Choice {
  std::string name;
  std::uint32_t weight = 0;
  std::optional<double> rtt_ms;  // to the client's network
};

std::vector<Choice> choices_for(const assigner::Seating& seating, const std::vector<ClientDistance>& distances) {
  std::vector<Choice> choices;
  for (const auto& [name, seat] : seating.seats) {
    if (seat.weight == 0) continue;
    Choice choice{name, seat.weight, std::nullopt};
    for (const ClientDistance& distance : distances) {
      if (distance.frontend == name) choice.rtt_ms = distance.rtt_ms;
    }
    choices.push_back(std::move(choice));
  }
  // What is measured comes before what is not, the nearest first; else who should get the most.
  std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
    if (a.rtt_ms.has_value() != b.rtt_ms.has_value()) return a.rtt_ms.has_value();
    return a.rtt_ms ? *a.rtt_ms < *b.rtt_ms : a.weight > b.weight;
  });
  return choices;
}

std::string choice_json(const Choice& choice, const Snapshot& snapshot) {
  std::vector<std::string> addresses;
  const ResourcePtr resource = snapshot.find(kFrontends, choice.name);
  if (resource != nullptr) {
    for (const IpAddress& address : resource->as<FrontendGateway>().addresses) addresses.push_back(address.text());
  }
  return JsonObject()
      .text("name", choice.name)
      .value("addresses", json_texts(addresses))
      .count("weight", choice.weight)
      .value("rtt_ms", choice.rtt_ms ? json_real(*choice.rtt_ms) : "null")
      .json();
}

}  // namespace

// --- Reading

FleetApi::Answer FleetApi::status(const Request& /*request*/, const PathValues& /*values*/) const {
  return json_reply(status_json(fleet_));
}

FleetApi::Answer FleetApi::nodes(const Request& /*request*/, const PathValues& /*values*/) const {
  return items_reply(gateways_json(fleet_));
}

FleetApi::Answer FleetApi::node(const Request& /*request*/, const PathValues& values) const {
  const std::optional<tmp::PeerIdentity> identity = tmp::parse_identity(values[0]);
  std::string found = identity ? gateway_json(fleet_, *identity) : "";
  if (found.empty()) return not_found(fmt::format("there is no gateway {}; ids are like frontend:pop-1", values[0]));
  return json_reply(std::move(found));
}

FleetApi::Answer FleetApi::links(const Request& /*request*/, const PathValues& /*values*/) const {
  return items_reply(links_json(fleet_));
}

FleetApi::Answer FleetApi::assignments(const Request& /*request*/, const PathValues& /*values*/) const {
  JsonList list;
  for (const auto& [site, unused] : fleet_.assignment().sites) list.add(site_assignment_json(fleet_, site));
  return items_reply(list.json());
}

FleetApi::Answer FleetApi::assignment(const Request& /*request*/, const PathValues& values) const {
  std::string found = site_assignment_json(fleet_, values[0]);
  if (found.empty()) return not_found(fmt::format("there is no site {}", values[0]));
  return json_reply(std::move(found));
}

FleetApi::Answer FleetApi::frontends_for(const Request& request, const PathValues& /*values*/) const {
  if (!fleet_.lead().leads) return unavailable("only the manager that leads knows: " + fleet_.lead().leader);
  const auto site = request.query.find("site");
  const auto client = request.query.find("client");
  if (site == request.query.end()) return bad_request("say ?site=");
  const auto found = fleet_.assignment().sites.find(site->second);
  if (found == fleet_.assignment().sites.end()) return not_found(fmt::format("there is no site {}", site->second));
  std::vector<ClientDistance> distances;
  if (client != request.query.end()) {
    const auto address = IpAddress::parse(client->second);
    if (!address) return bad_request("`client` is an IP address");
    distances = fleet_.clients().find(*address);
  }
  JsonList list;
  for (const Choice& choice : choices_for(found->second.frontends, distances)) {
    list.add(choice_json(choice, fleet_.ledger().registry().head()));
  }
  return json_reply(JsonObject().text("site", site->second).value("frontends", list.json()).json());
}

FleetApi::Answer FleetApi::clients(const Request& request, const PathValues& /*values*/) const {
  const auto cursor = request.query.find("cursor");
  JsonList list;
  std::string last;
  std::size_t count = 0;
  fleet_.clients().each(
      cursor == request.query.end() ? "" : cursor->second, kPageNetworks,
      [&](const std::string& network, const std::vector<ClientDistance>& distances) {
        list.add(JsonObject().text("network", network).value("frontends", distances_json(distances)).json());
        last = network;
        ++count;
      });
  const std::string next = count == kPageNetworks ? json_quote(last) : "null";
  return json_reply(JsonObject().value("items", list.json()).value("next", next).json());
}

FleetApi::Answer FleetApi::drains(const Request& /*request*/, const PathValues& /*values*/) const {
  return items_reply(drains_json(fleet_));
}

FleetApi::Answer FleetApi::rollouts(const Request& /*request*/, const PathValues& /*values*/) const {
  const std::string last = rollout_json(fleet_);
  return items_reply(last == "null" ? "[]" : "[" + last + "]");
}

// --- Ordering

void FleetApi::write(const Request& request, Writer::Prepare prepare, std::string reply, const Respond& respond) {
  writer_.submit(std::move(prepare),
                 [this, request, reply = std::move(reply), respond](const std::optional<Problem>& problem) {
                   if (problem) return respond(problem_reply(*problem, request));
                   fleet_.look();
                   respond(json_reply(reply));
                 });
}

void FleetApi::close_link(const Request& request, const PathValues& values, const Respond& respond) {
  const std::string& frontend = values[0];
  const std::string& backend = values[1];
  const bool ordered = fleet_.order({tmp::Role::frontend, frontend}, {agent::OrderKind::close_link, backend}) ||
                       fleet_.order({tmp::Role::backend, backend}, {agent::OrderKind::close_link, frontend});
  if (!ordered) {
    const Snapshot& head = fleet_.ledger().registry().head();
    const bool known = head.find(kFrontends, frontend) != nullptr && head.find(kBackends, backend) != nullptr;
    return respond(problem_reply(
        known ? unavailable("neither end is connected to this manager") : not_found("there are no such gateways"),
        request));
  }
  const std::string name = frontend + "/" + backend;
  write(
      request,
      [line = audit_text(request, "close", "links", name),
       event = event_line({"link", name, "it is closed, by " + request.principal.name})](
          const Ledger&) -> std::variant<Writing, Problem> {
        Writing writing;
        writing.entries = {line, event};
        return writing;
      },
      JsonObject().text("frontend", frontend).text("backend", backend).truth("ordered", true).json(), respond);
}

void FleetApi::drain(const Request& request, const PathValues& values, const Respond& respond) {
  const std::string& text = values[0];
  const std::optional<DrainTarget> target = parse_drain_target(text);
  if (!target) {
    return respond(problem_reply(
        bad_request("what can be drained: frontend:NAME, backend:NAME, pop:NAME, origin:SITE:ADDRESS"), request));
  }
  const Drain drain{to_the_second(fleet_.loop().clock.wall()), request.principal.name};
  write(
      request,
      [text, target = *target, drain,
       line = audit_text(request, "drain", "drains", text)](const Ledger& ledger) -> std::variant<Writing, Problem> {
        const auto refusal = refusal_of(target, ledger.registry().head(), drains_of(ledger));
        if (refusal)
          return refusal->kind == DrainRefusal::Kind::unknown ? not_found(refusal->why) : conflict(refusal->why);
        Writing writing;
        if (ledger.record(kDrainKind, text) != nullptr) return writing;  // it is: since when, stays
        writing.records.push_back(write_record(drain_type(), kDrainKind, text, drain));
        writing.entries = {line, event_line({"drain", text, "it is drained, by " + drain.by})};
        return writing;
      },
      JsonObject().text("target", text).truth("draining", true).json(), respond);
}

void FleetApi::undrain(const Request& request, const PathValues& values, const Respond& respond) {
  const std::string& text = values[0];
  write(
      request,
      [text, line = audit_text(request, "undrain", "drains", text),
       event = event_line({"drain", text, "it serves again, by " + request.principal.name})](
          const Ledger& ledger) -> std::variant<Writing, Problem> {
        if (ledger.record(kDrainKind, text) == nullptr) return not_found(fmt::format("{} is not drained", text));
        Writing writing;
        writing.records.push_back({kDrainKind, text, std::nullopt});
        writing.entries = {line, event};
        return writing;
      },
      JsonObject().text("target", text).truth("draining", false).json(), respond);
}

void FleetApi::take_over(const Request& request, const PathValues& /*values*/, const Respond& respond) {
  const std::string record = fleet_.takeover_json();
  write(
      request,
      [record, line = audit_text(request, "take over", kFleetKind, kTakeover),
       event = event_line({"takeover", "fleet",
                           "gateways with another history in use take this one's now, by " + request.principal.name})](
          const Ledger& ledger) -> std::variant<Writing, Problem> {
        Writing writing;
        const std::string* before = ledger.record(kFleetKind, kTakeover);
        if (before != nullptr && *before == record) return writing;
        writing.records.push_back({kFleetKind, kTakeover, record});
        writing.entries = {line, event};
        return writing;
      },
      record, respond);
}

// --- The table

void FleetApi::add_read(Router& router, const char* pattern, const char* id, const char* summary, Need need, Read read,
                        std::vector<QueryParameter> query) {
  router.add({"GET", pattern, id, summary, need, std::move(query), nullptr, nullptr,
              [this, read](const Request& request, const PathValues& values, const Respond& respond) {
                const Answer answer = (this->*read)(request, values);
                const Problem* problem = std::get_if<Problem>(&answer);
                respond(problem != nullptr ? problem_reply(*problem, request) : std::get<Reply>(answer));
              }});
}

void FleetApi::add_changes(Router& router) {
  using Run = void (FleetApi::*)(const Request&, const PathValues&, const Respond&);
  const auto add = [&](const char* method, const char* pattern, const char* id, const char* summary, Run run) {
    router.add({method,
                pattern,
                id,
                summary,
                Need{Action::operate, Domain::overlay},
                {},
                nullptr,
                nullptr,
                [this, run](const Request& request, const PathValues& values, const Respond& respond) {
                  (this->*run)(request, values, respond);
                }});
  };
  add("POST", "/v1/links/{frontend}/{backend}/close", "close-link", "End a live link; it is made again.",
      &FleetApi::close_link);
  add("PUT", "/v1/drains/{target}", "drain", "Give a gateway, a POP or an origin nothing new.", &FleetApi::drain);
  add("DELETE", "/v1/drains/{target}", "undrain", "Let what was drained serve again.", &FleetApi::undrain);
  add("POST", "/v1/takeover", "take-over", "Let gateways with another history in use take this manager's.",
      &FleetApi::take_over);
}

void FleetApi::add_to(Router& router) {
  const Need overlay{Action::read, Domain::overlay};
  add_read(router, "/v1/status", "status", "Everything at a glance.", overlay, &FleetApi::status);
  add_read(router, "/v1/nodes", "list-nodes", "List the gateways as they live.", overlay, &FleetApi::nodes);
  add_read(router, "/v1/nodes/{id}", "get-node", "Read one gateway: frontend:NAME or backend:NAME.", overlay,
           &FleetApi::node);
  add_read(router, "/v1/links", "list-links", "List the links, as front-ends measure them.", overlay, &FleetApi::links);
  add_read(router, "/v1/assignments", "list-assignments", "List who serves which site.", overlay,
           &FleetApi::assignments);
  add_read(router, "/v1/assignments/{site}", "get-assignment", "Read who serves a site.",
           Need{Action::read, Domain::sites}, &FleetApi::assignment);
  add_read(router, "/v1/frontends-for", "frontends-for", "Where to send a client, the best front-end first.", overlay,
           &FleetApi::frontends_for, {{"site", "Its name."}, {"client", "The client's address."}});
  add_read(router, "/v1/clients", "list-clients", "List round-trip times by clients' networks and front-ends.", overlay,
           &FleetApi::clients, {{"cursor", "`next` of the page before."}});
  add_read(router, "/v1/drains", "list-drains", "List what is drained, and what is still in flight there.", overlay,
           &FleetApi::drains);
  add_read(router, "/v1/rollouts", "list-rollouts", "Read how the last revision spreads.", overlay,
           &FleetApi::rollouts);
  add_changes(router);
}

}  // namespace ringway::manager
