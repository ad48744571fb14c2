#pragma once
// Where agents ask for certificates: their first one for an enrolment token's secret, and renewals. What is granted is
// written before it is answered, and the next request sees it (manager/enrolment/enrolment.h).

#include <functional>
#include <memory>
#include <string>

#include "agent/messages.h"
#include "base/loop.h"
#include "manager/access/failure_limiter.h"
#include "manager/enrolment/enrolment.h"
#include "manager/fleet/agent_session.h"
#include "manager/revisions/writer.h"

namespace ringway::manager {

/// Certificates that are taken no more, as the ledger's records say.
[[nodiscard]] tmp::Revocations revocations_of(const Ledger& ledger);
[[nodiscard]] agent::Welcome welcome_of(const tmp::Revocations& revocations);

class CertificateDesk {
 public:
  using Then = std::function<void(const agent::Issued&)>;

  /// All outlive it. `authority` may be null: nobody gets anything then.
  CertificateDesk(std::shared_ptr<const tmp::Authority> authority, Writer& writer, Loop loop)
      : authority_(std::move(authority)), writer_(writer), loop_(loop) {}

  /// `then` is called once, now or later. Strangers who fail too often are not looked at for a while.
  void ask(const AgentPeer& peer, const agent::CertificateRequest& request, Then then);
  /// Once an hour: records that nobody needs any more go.
  void sweep();

 private:
  using Decide = std::function<IssueAnswer(const Ledger&)>;
  void enrol(const AgentPeer& peer, const agent::CertificateRequest& request, Then then);
  void renew(const AgentPeer& peer, const agent::CertificateRequest& request, Then then);
  void write(const AgentPeer& peer, const std::string& action, Decide decide, Then then);

  std::shared_ptr<const tmp::Authority> authority_;
  Writer& writer_;
  Loop loop_;
  FailureLimiter failures_;
  Time swept_{};
};

}  // namespace ringway::manager
