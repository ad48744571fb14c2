#include "manager/fleet/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_reader.h"
#include "base/limits.h"
#include "base/text.h"
#include "manager/fleet/planner.h"
#include "manager/record_types.h"
#include "manager/resources/kinds.h"
#include "manager/store/chain.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

constexpr std::size_t kMaxReasonOctets = 4096;
/// A thousand gateways that come at once are assigned in some rounds, not in a thousand.
constexpr Duration kPlanPause = std::chrono::milliseconds(100);
/// How long front-ends wait for a back-end to take what it was sent before they are told of it; a drain, which they
/// wait for as well, is to be done within a second.
constexpr Duration kBackendsFirst = std::chrono::milliseconds(500);

struct Takeover {
  std::uint64_t epoch = 0;
};

const config::Type<Takeover>& takeover_type() {
  static const config::Type<Takeover> kType =
      config::Object<Takeover>("takeover")
          .required("epoch", &Takeover::epoch, config::whole_number<std::uint64_t>(0), "Up to which.");
  return kType;
}

std::uint64_t takeover_of(const Ledger& ledger) {
  const std::string* content = ledger.record(kFleetKind, kTakeover);
  if (content == nullptr) return 0;
  const auto read = read_record(takeover_type(), {kFleetKind, kTakeover, *content});
  return read ? read->epoch : 0;
}

/// Records hold printable characters alone.
std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty() && line.size() < kMaxReasonOctets) {
    const std::size_t octets = utf8_octets(text);
    const bool printable = octets > 1 || (octets == 1 && text[0] >= ' ' && text[0] != 0x7f);
    if (printable) {
      line += text.substr(0, octets);
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
    text.remove_prefix(std::max<std::size_t>(1, octets));
  }
  return line.empty() ? "it does not say why" : line;
}

}  // namespace

Fleet::Fleet(FleetParts parts)
    : parts_(std::move(parts)),
      events_(parts_.writer, parts_.log),
      desk_(parts_.authority, parts_.writer, parts_.loop),
      contents_(parts_.ledger.registry()),
      rollouts_(parts_.ledger, parts_.writer, parts_.loop, parts_.pace,
                [this](const tmp::PeerIdentity& gateway, std::uint64_t from, std::uint64_t to) {
                  return contents_.content(gateway, from).mark.hash != contents_.content(gateway, to).mark.hash;
                }),
      clients_(limits::kMaxClientNetworks),
      turn_(parts_.loop.timers, [this] { turn(); }) {
  look();
}

Fleet::~Fleet() = default;

void Fleet::accept(std::unique_ptr<ByteStream> stream, AgentPeer peer) {
  const std::uint64_t id = next_session_++;
  AgentHandler& handler = *this;
  sessions_.emplace(id, std::make_unique<AgentSession>(id, std::move(stream), std::move(peer), parts_.loop, handler));
}

void Fleet::look() { turn_.arm(std::min(turn_.deadline(), parts_.loop.now() + limits::kFleetHaste)); }

const Node* Fleet::find(const tmp::PeerIdentity& identity) const {
  const auto found = nodes_.find(identity);
  return found == nodes_.end() ? nullptr : &found->second;
}

bool Fleet::order(const tmp::PeerIdentity& gateway, const agent::Order& order) {
  const auto found = nodes_.find(gateway);
  if (found == nodes_.end() || found->second.session == nullptr) return false;
  agent::Message message;
  message.order = order;
  found->second.session->send(message);
  return true;
}

std::string Fleet::takeover_json() const {
  Takeover takeover{takeover_};
  for (const auto& [identity, node] : nodes_) {
    if (node.foreign) takeover.epoch = std::max(takeover.epoch, node.in_use.epoch);
  }
  return takeover_type()->json(takeover);
}

// --- The turn

void Fleet::turn() {
  turn_.arm(parts_.loop.now() + limits::kFleetTurn);
  const Lead lead = parts_.lead();
  if (!lead.leads) return stop_leading();
  if (lead.epoch != epoch_) begin_leading(lead);
  read_records();
  const Duration since_plan = parts_.loop.now() - planned_at_;
  if (plan_is_due_ && since_plan < kPlanPause) return turn_.arm(planned_at_ + kPlanPause);  // nothing of half a plan
  if (plan_is_due_ || since_plan >= limits::kFleetTurn) plan();
  rollouts_.turn(conditions());
  deliver();
  if (parts_.loop.now() - housekept_at_ < limits::kFleetTurn) return;
  housekept_at_ = parts_.loop.now();
  keep_assignment();
  forget();
  events_.flush();
}

void Fleet::begin_leading(const Lead& lead) {
  epoch_ = lead.epoch;
  position_ = 0;
  contents_.clear();
  clients_ = ClientTable(limits::kMaxClientNetworks);
  for (auto& [identity, node] : nodes_) forget_reports(node);  // they are of an earlier time in which this manager led
  rollouts_.begin_leading();
  measurements_ = {};
  measurements_.since = parts_.loop.now();
  assignment_ = {};
  const std::string* kept = parts_.ledger.record(kAssignmentKind, kLastRollout);
  if (kept != nullptr) {
    auto read = parse_assignment(*kept, parts_.loop.now(), parts_.loop.clock.wall());
    if (read) assignment_ = std::move(*read);
  }
  assignment_.at = parts_.loop.now();
  kept_ = assignment_;
  keeping_ = false;
  plan_is_due_ = true;
  events_.tell({"leader", "manager:" + lead.leader, fmt::format("{} leads, in epoch {}", lead.leader, lead.epoch)});
}

void Fleet::stop_leading() {
  if (std::exchange(epoch_, 0) == 0) return;
  while (!sessions_.empty()) sessions_.begin()->second->hang_up("another manager leads");
}

void Fleet::read_records() {
  if (position_ == parts_.ledger.position()) return;
  position_ = parts_.ledger.position();
  takeover_ = takeover_of(parts_.ledger);
  const Drains before = std::exchange(drains_, drains_of(parts_.ledger));
  plan_is_due_ = plan_is_due_ || before.frontends != drains_.frontends || before.backends != drains_.backends ||
                 before.pops != drains_.pops || before.origins != drains_.origins;
  tmp::Revocations revoked = revocations_of(parts_.ledger);
  if (revoked.serials != revoked_->serials || revoked.identities != revoked_->identities) {
    tell_revocations(std::move(revoked));
  }
  plan_is_due_ = plan_is_due_ || parts_.ledger.registry().number() != planned_head_;
}

void Fleet::tell_revocations(tmp::Revocations revoked) {
  revoked_ = std::make_shared<const tmp::Revocations>(std::move(revoked));
  agent::Message message;
  message.welcome = welcome_of(*revoked_);
  std::vector<AgentSession*> ended;
  for (const auto& [id, session] : sessions_) {
    if (!session->peer().certificate) continue;
    tmp::is_revoked(*revoked_, *session->peer().certificate) ? ended.push_back(session.get()) : session->send(message);
  }
  for (AgentSession* session : ended) session->hang_up("its certificate is revoked");
}

void Fleet::forget() {
  clients_.forget(parts_.loop.now());
  desk_.sweep();
  contents_.keep(rollouts_.good(), parts_.ledger.registry().number());
  std::erase_if(nodes_, [&](const auto& entry) {
    const Node& node = entry.second;
    return node.session == nullptr && parts_.loop.now() - node.since > limits::kStrangerMemory &&
           parts_.ledger.registry().head().find(kind_of(entry.first.role), entry.first.name) == nullptr;
  });
}

// --- What is to be where

std::vector<const Snapshot*> Fleet::planned_snapshots() {
  const Registry& registry = parts_.ledger.registry();
  const std::uint64_t good = rollouts_.good();
  if (good != 0 && good != registry.number()) {
    if (std::exchange(good_number_, good) != good) good_ = registry.at(good);
    return {&good_, &registry.head()};
  }
  return {&registry.head()};
}

void Fleet::plan() {
  plan_is_due_ = false;
  planned_at_ = parts_.loop.now();
  planned_head_ = parts_.ledger.registry().number();
  const std::vector<const Snapshot*> snapshots = planned_snapshots();
  const assigner::Plan plan = plan_of(snapshots, drains_);
  std::erase_if(measurements_.frontends, [&](const auto& each) { return !plan.frontends.contains(each.first); });
  std::erase_if(measurements_.backends, [&](const auto& each) { return !plan.backends.contains(each.first); });
  assigner::Round round = assigner::assign(plan, measurements_, assignment_, planned_at_);
  tell_round(round);
  assignment_ = std::move(round.next);
  shortages_ = std::move(round.shortages);
  contents_.set(routes_of(assignment_), drains_.origins);
}

void Fleet::tell_round(const assigner::Round& round) {
  for (const assigner::Move& move : round.moves) {
    events_.tell(
        {"move", "site:" + move.site,
         fmt::format("{} {} {}: {}", role_name(move.role), move.gateway, move_kind_name(move.kind), move.why)});
  }
  for (const assigner::Shortage& shortage : round.shortages) {
    events_.lasts({"shortage", fmt::format("site:{}", shortage.site),
                   fmt::format("{}s: {}", role_name(shortage.role), shortage.why)});
  }
  for (const auto& [identity, node] : nodes_) {
    if (!node.foreign) continue;
    events_.lasts({"takeover", tmp::identity_text(identity),
                   fmt::format("it has revision {} of another history in use and is told nothing until somebody takes "
                               "over (POST /v1/takeover)",
                               node.in_use.revision)});
  }
  events_.end_round();
}

void Fleet::keep_assignment() {
  if (keeping_ || parts_.loop.now() - kept_at_ < limits::kAssignmentWritePause || same_seats(kept_, assignment_))
    return;
  keeping_ = true;
  kept_at_ = parts_.loop.now();
  const Record record = {kAssignmentKind, kLastRollout,
                         assignment_json(assignment_, parts_.loop.now(), parts_.loop.clock.wall())};
  parts_.writer.submit(
      [record](const Ledger&) -> std::variant<Writing, Problem> {
        Writing writing;
        writing.records.push_back(record);
        return writing;
      },
      [this, written = assignment_](const std::optional<Problem>& problem) {
        keeping_ = false;
        if (!problem) kept_ = written;
      });
}

// --- What is in use

GatewayConditions Fleet::conditions() const {
  GatewayConditions all;
  const std::uint64_t number = parts_.ledger.registry().number();
  const Snapshot& head = parts_.ledger.registry().head();
  head.each<FrontendGateway>(kFrontends, [&](const FrontendGateway& each) {
    all[{tmp::Role::frontend, each.name}].place = each.pop;
  });
  head.each<BackendGateway>(kBackends, [&](const BackendGateway& each) {
    all[{tmp::Role::backend, each.name}].place = each.centre;
  });
  for (const auto& [name, resource] : head.all(kRedirectors)) all[{tmp::Role::redirector, name}];
  for (auto& [identity, condition] : all) {
    const Node* node = find(identity);
    if (node == nullptr) continue;
    condition.connected = node->session != nullptr && !node->foreign;
    condition.since = node->since;
    condition.revision = node->in_use.revision;
    if (const Refused* refused = refusal_of(*node, number)) condition.refusal = refused->reason;
    for (const auto& [site, rates] : node->rates.sites) {
      condition.requests_per_s += rates.requests;
      condition.errors_per_s += rates.errors;
    }
  }
  return all;
}

/// Contents that are known here are of a revision in this manager's history, and not of a later leader's.
bool Fleet::is_foreign(const agent::ContentMark& mark) const {
  if (mark.revision == 0 || mark.epoch <= takeover_) return false;
  const Revision* known = parts_.ledger.registry().revision(mark.revision);
  return mark.epoch > epoch() || known == nullptr || to_text(known->hash) != mark.chain;
}

/// Back-ends first: one that does not know a front-end yet refuses its link.
void Fleet::deliver() {
  for (auto& [identity, node] : nodes_) {
    node.wanted = rollouts_.revision_for(identity);
    node.foreign = node.session != nullptr && is_foreign(node.in_use);
  }
  deliver_to(tmp::Role::redirector, {});
  deliver_to(tmp::Role::backend, {});
  const std::set<std::string> early = early_frontends();
  deliver_to(tmp::Role::frontend, early);
  if (!early.empty()) turn_.arm(std::min(turn_.deadline(), parts_.loop.now() + kBackendsFirst));
}

void Fleet::deliver_to(tmp::Role role, const std::set<std::string>& but_not) {
  std::size_t waiting = unsent();
  for (auto& [identity, node] : nodes_) {
    if (identity.role != role || node.session == nullptr || but_not.contains(identity.name)) continue;
    if (waiting >= limits::kMaxAgentsUnsentOctets) return;
    const std::size_t before = node.session->unsent();
    deliver(identity, node);
    if (node.session != nullptr) waiting += node.session->unsent() - before;
  }
}

/// Those whose routes lead to a back-end that is just being told, of them perhaps.
std::set<std::string> Fleet::early_frontends() const {
  std::set<std::string> told;
  for (const auto& [identity, node] : nodes_) {
    const bool just_sent = node.on_its_way && parts_.loop.now() - node.sent < kBackendsFirst;
    if (identity.role == tmp::Role::backend && just_sent) told.insert(identity.name);
  }
  std::set<std::string> early;
  if (told.empty()) return early;
  for (const auto& [site, assigned] : assignment_.sites) {
    for (const auto& [frontend, seat] : assigned.frontends.seats) {
      const auto is_told = [&](const std::string& backend) { return told.contains(backend); };
      if (std::any_of(seat.backends.begin(), seat.backends.end(), is_told)) early.insert(frontend);
    }
  }
  return early;
}

std::size_t Fleet::unsent() const {
  std::size_t octets = 0;
  for (const auto& [id, session] : sessions_) octets += session->unsent();
  return octets;
}

void Fleet::deliver(const tmp::PeerIdentity& identity, Node& node) {
  if (node.foreign || node.wanted == 0) return;
  if (node.on_its_way && parts_.loop.now() - node.sent < limits::kContentAnswerLimit) return;
  const Content& content = contents_.content(identity, node.wanted);
  const agent::ContentMark& mark = content.mark;
  if (mark.revision == node.in_use.revision && mark.chain == node.in_use.chain && mark.hash == node.in_use.hash) {
    node.sections = content.sections;
  } else if (Refused* refused = find_refused(node, mark.hash)) {  // it is not sent again
    refused->mark.revision = mark.revision;
    node.stage = ContentStage::refused;
  } else if (!would_cut(node, content)) {
    send(node, content);
  }
}

/// Whether a gateway would lose a site that it serves because this manager has only begun to lead: the others that have
/// the site are not here yet, and who had it was last written down some seconds ago, or in an older backup.
bool Fleet::would_cut(const Node& node, const Content& content) const {
  if (node.in_use.revision == 0 || parts_.loop.now() - measurements_.since >= limits::kUnheardGrace) return false;
  if (node.heard < node.since) return true;  // what it serves it has not said yet
  const Snapshot& head = parts_.ledger.registry().head();
  return std::any_of(node.report.sites.begin(), node.report.sites.end(), [&](const agent::SiteReport& site) {
    return !content.sections->contains("sites/" + site.name) && head.find(kSites, site.name) != nullptr;
  });
}

void Fleet::send(Node& node, const Content& content) {
  const bool again = node.on_its_way.has_value();  // and not answered: nothing is taken for granted
  const bool known = !again && node.sections != nullptr;
  agent::ContentMark mark = content.mark;
  mark.epoch = epoch();
  node.on_its_way = mark;
  node.sent_sections = content.sections;
  node.sent = parts_.loop.now();
  node.stage = ContentStage::none;
  const agent::SectionChanges changes =
      agent::difference(known ? *node.sections : agent::Sections(), *content.sections);
  for (const agent::Message& message : agent::content_messages(mark, known ? node.in_use.hash : "", changes)) {
    if (node.session != nullptr) node.session->send(message);
  }
}

// --- What agents say

/// Also where it has only just begun to, and no turn has come since.
bool Fleet::leads() {
  if (epoch_ == 0 && parts_.lead().leads) turn();
  return epoch_ != 0;
}

Node* Fleet::node_of(const AgentSession& session) {
  if (session.standing() != Standing::member) return nullptr;
  const auto found = nodes_.find(session.identity());
  return found == nodes_.end() || found->second.session != &session ? nullptr : &found->second;
}

void Fleet::on_message(AgentSession& session, agent::Message message) {
  if (message.request) return on_request(session, *message.request);
  if (!leads()) return session.finish("another manager leads");
  if (message.hello) return on_hello(session, *message.hello);
  Node* node = node_of(session);
  if (node == nullptr) return;
  if (message.status) on_status(*node, *message.status);
  if (message.report) on_report(session.identity(), *node, std::move(*message.report));
}

void Fleet::on_hello(AgentSession& session, const agent::Hello& hello) {
  const tmp::PeerIdentity& identity = session.identity();
  if (!has_agent(identity.role)) return session.finish("it is neither a gateway nor a redirector");
  if (tmp::is_revoked(*revoked_, *session.peer().certificate)) return session.hang_up("its certificate is revoked");
  Node& node = nodes_[identity];
  if (node.session != nullptr && node.session != &session) node.session->hang_up("it has come by another connection");
  node.session = &session;
  node.since = parts_.loop.now();
  node.release = hello.release;
  node.in_use = hello.in_use;
  node.refused.clear();  // it says again what it still refuses
  node.sections = contents_.find(hello.in_use.hash);
  node.on_its_way.reset();
  node.stage = hello.in_use.hash.empty() ? ContentStage::none : ContentStage::applied;
  agent::Message welcome;
  welcome.welcome = welcome_of(*revoked_);
  session.send(welcome);
  events_.tell(
      {"node", tmp::identity_text(identity), fmt::format("it is connected, from {}", session.peer().remote.text())});
  look();
}

void Fleet::on_status(Node& node, const agent::ContentStatus& status) {
  const bool awaited = node.on_its_way && node.on_its_way->hash == status.mark.hash;
  switch (status.stage) {
    case agent::Stage::validated:
      if (awaited) node.stage = ContentStage::validated;
      return;
    case agent::Stage::applied:
      node.in_use = status.mark;
      node.sections = awaited ? node.sent_sections : contents_.find(status.mark.hash);
      std::erase_if(node.refused, [&](const Refused& each) { return each.mark.hash == status.mark.hash; });
      node.stage = ContentStage::applied;
      break;
    case agent::Stage::refused:
      refuse(node, {status.mark, one_line(status.reason)});
      if (awaited) node.stage = ContentStage::refused;
      break;
  }
  if (awaited) node.on_its_way.reset();
  look();
}

void Fleet::on_report(const tmp::PeerIdentity& identity, Node& node, agent::Report report) {
  const Time now = parts_.loop.now();
  if (identity.role == tmp::Role::frontend) clients_.hear(identity.name, report.clients, now);
  report.clients.clear();
  node.rates.hear(report, now);
  node.heard = now;
  node.report = std::move(report);
  if (identity.role == tmp::Role::redirector) return;
  auto& measured = identity.role == tmp::Role::frontend ? measurements_.frontends : measurements_.backends;
  if (!measured.contains(identity.name)) {  // the assigner could not count on it before
    plan_is_due_ = true;
    look();
  }
  assigner::hear(measured, identity.name, figures_of(node), now);
}

void Fleet::on_request(AgentSession& session, const agent::CertificateRequest& request) {
  const auto answer = [this, id = session.id()](const agent::Issued& issued) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    AgentSession& asking = *found->second;
    agent::Message message;
    message.issued = issued;
    asking.send(message);
    if (asking.standing() != Standing::member) asking.finish("it has been answered");
    look();
  };
  if (!leads()) return answer({"", "another manager leads: " + parts_.lead().leader});
  desk_.ask(session.peer(), request, answer);
}

void Fleet::on_session_end(AgentSession& session, const std::string& reason) {
  if (Node* node = node_of(session)) {
    node->session = nullptr;
    node->since = parts_.loop.now();
    node->on_its_way.reset();
    if (epoch_ != 0) events_.tell({"node", session.name(), "it is away: " + reason});
    look();
  } else {
    parts_.log.limited("agent", LogLevel::info, "a connection has ended",
                       {{"agent", session.name()}, {"reason", reason}});
  }
  const auto found = sessions_.find(session.id());
  parts_.loop.deferred.destroy(std::move(found->second));
  sessions_.erase(found);
}

}  // namespace ringway::manager
