#pragma once
// What ties an agent to its gateway or redirector, its files and the network.

#include <memory>
#include <string>

#include "agent/agent.h"
#include "base/gateway_settings.h"
#include "cli/managed.h"
#include "net/worker.h"
#include "tmp_protocol/identity.h"

namespace ringway::cli {

/// All outlives the agent.
struct GatewayAgentParts {
  net::Worker& worker;
  Managed& gateway;
  Log& log;  // of the process; the gateway's own has the revision as well
  agent::LastGood& disk;
  std::string path;  // of the gateway's file
  ManagerAccess access;
  IdentityFiles files;
};

/// How peers are judged before a manager is reached: what is known of revocations, and the grace.
tmp::PeerTrust first_trust(const agent::LastGood& disk, const ManagerAccess& access);

class GatewayAgent final : private agent::ManagedGateway {
 public:
  /// `in_use`: what the gateway was opened with, beside its file.
  static Result<std::unique_ptr<GatewayAgent>> open(GatewayAgentParts parts, agent::Content in_use);

  /// Reads the file and the identity again; what managers said stays.
  Status reload();
  /// What a manager told that is in use.
  [[nodiscard]] const agent::Content& in_use() const { return agent_->in_use(); }
  /// The process is about to end by itself.
  void stop() { agent_->stop(); }

 private:
  GatewayAgent(GatewayAgentParts parts, std::shared_ptr<const tmp::Identity> identity)
      : parts_(std::move(parts)), identity_(std::move(identity)) {}
  void start(agent::Content in_use);

  [[nodiscard]] Result<Change> judge(const agent::Content& content) override;
  void set_revision(std::uint64_t revision) override;
  [[nodiscard]] agent::Report report() override { return parts_.gateway.report(); }
  [[nodiscard]] Status take_table(agent::TableText kind, const std::string& text) override {
    return parts_.gateway.take_table(kind, text);
  }
  void close_link(const std::string& peer) override { parts_.gateway.close_link(peer); }
  void set_trust(const tmp::PeerTrust& trust) override { parts_.gateway.set_trust(trust); }
  [[nodiscard]] Result<std::string> certificate_request() override;
  [[nodiscard]] Result<tmp::CertificateSpan> take_certificate(const std::string& pem) override;

  GatewayAgentParts parts_;
  std::shared_ptr<const tmp::Identity> identity_;
  std::unique_ptr<agent::Agent> agent_;
};

}  // namespace ringway::cli
