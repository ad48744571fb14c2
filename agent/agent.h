#pragma once
// The agent of a gateway: what it does with what managers say.
//
//   offered ──▶ refused before? ──▶ on trial (disk) ──▶ right? ──▶ applied ──kContentTrial──▶ good (disk)
//                    └─ refused          └─ the process ends: refused at the next start
//                                                        └─ refused  └─ refused
//
// Whatever happens to managers, the gateway goes on with what it has.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/content_taker.h"
#include "agent/last_good.h"
#include "agent/manager_connection.h"
#include "agent/table_taker.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "tmp_protocol/certificate_renewal.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::agent {

/// The gateway, as its agent uses it. Errors are for who looks after the gateway: they say all that is wrong.
class ManagedGateway {
 public:
  virtual ~ManagedGateway() = default;
  /// Puts to use what was judged; on an error nothing changes.
  using Change = std::function<Status()>;
  /// Whether `content` goes together with the local file; nothing changes before the change is called, at once.
  [[nodiscard]] virtual Result<Change> judge(const Content& content) = 0;
  /// What is in use is that of `revision` as well.
  virtual void set_revision(std::uint64_t revision) = 0;
  /// What has happened; the agent adds the state. Asked for each second, also while nobody hears it.
  [[nodiscard]] virtual Report report() = 0;
  /// A whole text of a steering table, to a redirector. An error where it is not understood: it is told anew.
  [[nodiscard]] virtual Status take_table(TableText kind, const std::string& text) = 0;
  /// Ends one live link to `peer`; where it is still wanted it is made again.
  virtual void close_link(const std::string& peer) = 0;
  virtual void set_trust(const tmp::PeerTrust& trust) = 0;
  /// For the gateway's own key: PKCS #10, PEM.
  [[nodiscard]] virtual Result<std::string> certificate_request() = 0;
  /// Uses it from now on, and keeps it; an error where it is not for this gateway's name, role and key.
  [[nodiscard]] virtual Result<tmp::CertificateSpan> take_certificate(const std::string& pem) = 0;
};

struct AgentSettings {
  std::string release;
  std::vector<SocketAddress> managers;                // at least one
  std::chrono::seconds grace = tmp::kUnlimitedGrace;  // of known peers' expired certificates, while none is reached
  tmp::CertificateSpan certificate;
};

/// What the agent needs of the world; all outlives it.
struct AgentParts {
  Loop loop;
  Log& log;
  Metrics& metrics;
  LastGood& disk;
  ManagedGateway& gateway;
  ManagerConnection::Dial dial;
};

/// What `revoked` says, as endpoints judge by it. What is no identity is passed over.
tmp::Revocations revocations_of(const Welcome& revoked);

class Agent final : private ConnectionUser {
 public:
  /// `in_use`: what the gateway began with.
  Agent(AgentParts parts, AgentSettings settings, Content in_use);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() override = default;

  void start();
  /// The gateway is about to end, and not because of what it was told.
  void stop();
  /// What was refused for the local file's sake may be offered again.
  void on_local_change();

  [[nodiscard]] const Content& in_use() const { return in_use_; }
  /// What peers, and managers, are judged by.
  [[nodiscard]] const tmp::PeerTrust& trust() const { return trust_; }
  [[nodiscard]] bool connected() const { return away_since_ == kNever; }
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  struct Figures {
    explicit Figures(Metrics& metrics);
    Gauge& connected;
    Gauge& revision;
    Gauge& draining;
    Gauge& expires;
    Gauge& expired_taken;
    Counter& refused;
    Counter& disk_faults;
  };

  void on_connected(const SocketAddress& manager) override;
  void on_message(Message message) override;
  void on_lost(const SocketAddress& manager, const std::string& reason) override;

  void take_welcome(const Welcome& welcome);
  void take_part(ContentPart part);
  void take_table(TablePart part);
  void take_content(Content content);
  void try_content(Content content);
  void renumber(const ContentMark& mark);
  void refuse(const ContentMark& mark, const std::string& reason);
  void tell(const ContentMark& mark, Stage stage, const std::string& reason = {});
  void take_order(const Order& order);
  void take_issued(const Issued& issued);

  void tick();
  void report();
  void renew();
  void ask_for_certificate();
  void judge_expired();
  void update_trust();
  void on_lived();
  /// A disk that takes nothing stops nothing.
  void note(const Status& stored);

  AgentParts parts_;
  AgentSettings settings_;
  Figures figures_;
  Content in_use_;
  ContentTaker taker_;
  TableTaker table_taker_;
  bool asks_for_all_ = false;  // what came did not fit
  bool draining_ = false;
  bool renewing_ = false;
  Time connected_at_ = kNever;
  Time away_since_;  // kNever: a manager is there
  tmp::PeerTrust trust_;
  tmp::CertificateRenewal renewal_;
  Timer tick_;
  Timer trial_;  // armed while the content in use is on trial
  ManagerConnection connection_;
};

}  // namespace ringway::agent
