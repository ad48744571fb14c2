#pragma once
// All gateways, as they live: their agents' connections, what they are told, and what they say. On the manager that
// leads; one that does not hangs up on agents, so that they try the next address.
//
//   agents ──reports──▶ measurements ──▶ assigner ──▶ routes ─┐
//   revisions ──▶ rollout: who has which ─────────────────────┴─▶ contents ──what changes──▶ agents
//
// A turn a second, and one soon after anything has happened. Sans-IO: it takes streams, and the loop's time.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/loop.h"
#include "manager/assigner/assigner.h"
#include "manager/fleet/agent_session.h"
#include "manager/fleet/certificate_desk.h"
#include "manager/fleet/client_table.h"
#include "manager/fleet/content_book.h"
#include "manager/fleet/drains.h"
#include "manager/fleet/event_book.h"
#include "manager/fleet/node.h"
#include "manager/fleet/rollout_driver.h"

namespace ringway::manager {

/// Who writes, as this manager knows it.
struct Lead {
  bool leads = false;  // this one
  std::uint64_t epoch = 0;
  std::string leader;
};

struct FleetParts {
  Loop loop;
  Log& log;
  const Ledger& ledger;
  Writer& writer;
  std::function<Lead()> lead;
  std::shared_ptr<const tmp::Authority> authority;  // null: no certificates here
  RolloutPace pace = {};
  std::string name = {};  // of this manager
};

/// An operator's word that this manager's history counts, whatever gateways have in use: a record of kind "fleet".
inline constexpr const char* kFleetKind = "fleet";
inline constexpr const char* kTakeover = "takeover";

class Fleet final : private AgentHandler {
 public:
  /// What the parts refer to outlives it.
  explicit Fleet(FleetParts parts);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet() override;

  void accept(std::unique_ptr<ByteStream> stream, AgentPeer peer);
  /// There are other revisions or records, or another leader, than before: a turn comes soon.
  void look();

  // What it knows, for the API.

  [[nodiscard]] const Nodes& nodes() const { return nodes_; }
  [[nodiscard]] const Node* find(const tmp::PeerIdentity& identity) const;
  [[nodiscard]] const assigner::Assignment& assignment() const { return assignment_; }
  /// The last revision that the assignment follows.
  [[nodiscard]] std::uint64_t planned_head() const { return planned_head_; }
  [[nodiscard]] const std::vector<assigner::Shortage>& shortages() const { return shortages_; }
  [[nodiscard]] const RolloutDriver& rollouts() const { return rollouts_; }
  [[nodiscard]] const ClientTable& clients() const { return clients_; }
  [[nodiscard]] const Drains& drains() const { return drains_; }
  [[nodiscard]] const Ledger& ledger() const { return parts_.ledger; }
  [[nodiscard]] Lead lead() const { return parts_.lead(); }
  [[nodiscard]] const std::string& name() const { return parts_.name; }
  [[nodiscard]] const Loop& loop() const { return parts_.loop; }
  /// Of the contents that it gives out now.
  [[nodiscard]] std::uint64_t epoch() const { return takeover_ + epoch_; }
  /// The lease's under which it assigns and tells; 0: it does not.
  [[nodiscard]] std::uint64_t leading() const { return epoch_; }
  /// Since when it does.
  [[nodiscard]] Time led_since() const { return measurements_.since; }
  /// Grows whenever who serves what has changed.
  [[nodiscard]] std::uint64_t turn_of_routes() const { return contents_.turn(); }
  /// What another manager kept of clients.
  ClientTable& clients() { return clients_; }
  /// Never null.
  [[nodiscard]] std::shared_ptr<const tmp::Revocations> revocations() const { return revoked_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

  /// False where the gateway is not connected.
  bool order(const tmp::PeerIdentity& gateway, const agent::Order& order);
  /// What the record of a takeover must say so that every gateway that is connected takes this manager's contents.
  [[nodiscard]] std::string takeover_json() const;
  EventBook& events() { return events_; }

 private:
  // AgentHandler
  void on_message(AgentSession& session, agent::Message message) override;
  void on_session_end(AgentSession& session, const std::string& reason) override;
  void on_hello(AgentSession& session, const agent::Hello& hello);
  void on_status(Node& node, const agent::ContentStatus& status);
  void on_report(const tmp::PeerIdentity& identity, Node& node, agent::Report report);
  void on_request(AgentSession& session, const agent::CertificateRequest& request);
  Node* node_of(const AgentSession& session);
  bool leads();

  void turn();
  void begin_leading(const Lead& lead);
  void stop_leading();
  void read_records();
  void tell_revocations(tmp::Revocations revoked);

  void plan();
  [[nodiscard]] std::vector<const Snapshot*> planned_snapshots();
  void tell_round(const assigner::Round& round);
  void keep_assignment();
  [[nodiscard]] GatewayConditions conditions() const;

  void deliver();
  void deliver_to(tmp::Role role, const std::set<std::string>& but_not);
  [[nodiscard]] std::set<std::string> early_frontends() const;
  [[nodiscard]] std::size_t unsent() const;
  void deliver(const tmp::PeerIdentity& identity, Node& node);
  [[nodiscard]] bool would_cut(const Node& node, const Content& content) const;
  void send(Node& node, const Content& content);
  [[nodiscard]] bool is_foreign(const agent::ContentMark& mark) const;
  void forget();

  FleetParts parts_;
  EventBook events_;
  CertificateDesk desk_;
  ContentBook contents_;
  RolloutDriver rollouts_;
  ClientTable clients_;
  Nodes nodes_;
  std::map<std::uint64_t, std::unique_ptr<AgentSession>> sessions_;
  std::uint64_t next_session_ = 1;

  std::uint64_t epoch_ = 0;     // of the lease; 0: another manager leads
  std::uint64_t takeover_ = 0;  // contents of epochs up to this one are overwritten, whatever they are
  std::uint64_t position_ = 0;  // of the ledger, up to which its records are known here
  Drains drains_;
  std::shared_ptr<const tmp::Revocations> revoked_ = std::make_shared<const tmp::Revocations>();
  Snapshot good_;  // as of revision `good_number_`
  std::uint64_t good_number_ = 0;
  std::uint64_t planned_head_ = 0;
  Time planned_at_{};
  Time housekept_at_{};
  bool plan_is_due_ = false;
  assigner::Measurements measurements_;
  assigner::Assignment assignment_;
  assigner::Assignment kept_;  // as it is written
  Time kept_at_{};
  bool keeping_ = false;
  std::vector<assigner::Shortage> shortages_;
  Timer turn_;
};

}  // namespace ringway::manager
