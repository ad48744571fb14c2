#include "cli/gateway_agent.h"

#include <fmt/format.h>

#include <utility>

#include "base/file.h"
#include "base/limits.h"
#include "net/manager_dial.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/identity_files.h"

namespace ringway::cli {

namespace {

constexpr unsigned kPublic = 0644;

std::chrono::seconds grace_of(const ManagerAccess& access) {
  return access.grace ? std::chrono::floor<std::chrono::seconds>(*access.grace) : tmp::kUnlimitedGrace;
}

}  // namespace

tmp::PeerTrust first_trust(const agent::LastGood& disk, const ManagerAccess& access) {
  return {tmp::ExpiredPeers::refuse, grace_of(access),
          std::make_shared<const tmp::Revocations>(agent::revocations_of(disk.revoked()))};
}

Result<std::unique_ptr<GatewayAgent>> GatewayAgent::open(GatewayAgentParts parts, agent::Content in_use) {
  auto identity = tmp::Identity::load(parts.files);
  if (!identity) return identity.error();
  std::unique_ptr<GatewayAgent> opened(new GatewayAgent(std::move(parts), std::move(*identity)));
  opened->start(std::move(in_use));
  return opened;
}

void GatewayAgent::start(agent::Content in_use) {
  set_revision(in_use.mark.revision);
  agent::AgentSettings settings;
  settings.release = RINGWAY_VERSION;
  settings.managers = parts_.access.addresses;
  settings.grace = grace_of(parts_.access);
  settings.certificate = {identity_->begins(), identity_->expires()};
  const auto dial = [this](const SocketAddress& address, ByteStreamHandler& handler) {
    tmp::PeerTrust trust = agent_->trust();
    trust.expired = tmp::ExpiredPeers::refuse;  // a manager renews its own certificate
    return net::dial_manager(parts_.worker, address, *identity_, trust, handler);
  };
  const Loop loop = parts_.worker.loop();
  agent_ = std::make_unique<agent::Agent>(
      agent::AgentParts{loop, parts_.log, parts_.gateway.metrics(), parts_.disk, *this, dial}, std::move(settings),
      std::move(in_use));
  agent_->start();
}

Status GatewayAgent::reload() {
  // Before anything changes: an error says that nothing has.
  auto identity = tmp::Identity::load(parts_.files);
  if (!identity) return identity.error();
  const Status status = parts_.gateway.reload(parts_.path, agent_->in_use().sections);
  if (!status) return status;
  identity_ = std::move(*identity);
  agent_->on_local_change();
  return {};
}

Result<agent::ManagedGateway::Change> GatewayAgent::judge(const agent::Content& content) {
  Result<Managed::Change> change = parts_.gateway.judge(parts_.path, content.sections);
  if (!change) return change.error();
  return Change([this, apply = std::move(*change), revision = content.mark.revision] {
    const Status status = apply();
    if (status) set_revision(revision);
    return status;
  });
}

void GatewayAgent::set_revision(std::uint64_t revision) {
  parts_.log.set_mark("revision", std::to_string(revision));
  parts_.gateway.set_revision(revision);
}

Result<std::string> GatewayAgent::certificate_request() {
  const Result<std::string> key = read_file(parts_.files.key, limits::kMaxPemOctets);
  if (!key) return key.error();
  auto request = tmp::make_certificate_request(identity_->self(), *key);
  if (!request) return request.error();
  return std::move(request->request);
}

Result<tmp::CertificateSpan> GatewayAgent::take_certificate(const std::string& pem) {
  const Result<std::string> key = read_file(parts_.files.key, limits::kMaxPemOctets);
  if (!key) return key.error();
  const Result<std::string> authority = read_file(parts_.files.authority, limits::kMaxPemOctets);
  if (!authority) return authority.error();
  auto identity = tmp::Identity::from_pem({pem, *key, *authority},
                                          {"the new certificate", parts_.files.key, parts_.files.authority});
  if (!identity) return identity.error();
  if ((*identity)->self() != identity_->self()) return internal_error("the new certificate is somebody else's");
  const Status written = tmp::replace_file(parts_.files.certificate, pem, kPublic);
  if (!written) return written.error();
  identity_ = std::move(*identity);
  const Status used = parts_.gateway.reload_identity();
  if (!used) return used.error();
  return tmp::CertificateSpan{identity_->begins(), identity_->expires()};
}

}  // namespace ringway::cli
