#include "manager/fleet/agent_server.h"

#include <utility>

#include "base/limits.h"

namespace ringway::manager {

namespace {

/// Of a certificate that lives for tmp::kEnrolledLife.
constexpr Duration kRenewal = tmp::kEnrolledLife / 3;
constexpr Duration kRenewalRetry = std::chrono::minutes(10);

Result<std::shared_ptr<const ManagerIdentity>> make_manager(const tmp::Authority& authority, const std::string& name,
                                                            WallTime now) {
  const tmp::CertificateGrant grant = {{tmp::Role::manager, name}, tmp::kEnrolledLife, {}};
  const Result<tmp::IdentityPem> pem = tmp::make_identity(authority, grant, now, "");
  if (!pem) return pem.error();
  auto identity = tmp::Identity::from_pem(*pem);
  if (!identity) return identity.error();
  auto made = std::make_shared<ManagerIdentity>();
  made->identity = std::move(*identity);
  made->authority = std::move(tmp::read_certificates(authority.certificate).front());
  return std::shared_ptr<const ManagerIdentity>(std::move(made));
}

}  // namespace

AgentServer::AgentServer(net::Worker& worker, AgentServerSettings settings,
                         std::shared_ptr<const tmp::Authority> authority, Fleet& fleet, Log& log)
    : worker_(worker),
      settings_(std::move(settings)),
      authority_(std::move(authority)),
      fleet_(fleet),
      log_(log),
      renewal_(worker.loop().timers, [this] {
        const Status renewed = renew();
        if (!renewed) log_.error("the manager's certificate was not renewed", {{"reason", renewed.error().message}});
      }) {}

Result<std::unique_ptr<AgentServer>> AgentServer::open(net::Worker& worker, const AgentServerSettings& settings,
                                                       std::shared_ptr<const tmp::Authority> authority, Fleet& fleet,
                                                       Log& log) {
  std::unique_ptr<AgentServer> server(new AgentServer(worker, settings, std::move(authority), fleet, log));
  const Status renewed = server->renew();
  if (!renewed) return renewed.error();
  const Status listening = server->listen();
  if (!listening) return listening.error();
  return server;
}

Status AgentServer::renew() {
  renewal_.arm(worker_.now() + kRenewalRetry);
  auto made = make_manager(*authority_, settings_.manager, worker_.loop().clock.wall());
  if (!made) return made.error();
  identity_ = std::move(*made);
  renewal_.arm(worker_.now() + kRenewal);
  return {};
}

Status AgentServer::listen() {
  net::ListenSettings listen;
  listen.address = settings_.address;
  listen.max_connections = limits::kMaxAgentConnections;
  listen.max_handshakes = limits::kMaxAgentHandshakes;
  listen.max_handshakes_per_address = limits::kMaxAgentHandshakesPerAddress;
  listen.make_tls = [this](net::Worker& worker, net::Descriptor fd, const SocketAddress& remote) {
    tmp::PeerTrust trust;
    trust.expired = tmp::ExpiredPeers::accept_known;
    trust.revoked = fleet_.revocations();
    return AgentTls::accepted(worker, std::move(fd), remote, identity_, std::move(trust));
  };
  auto listener = net::Listener::open(worker_, listen, *this);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  log_.info("waiting for agents", {{"address", listener_->address().text()}});
  return {};
}

void AgentServer::on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) {
  fleet_.accept(std::move(stream), {info.remote.ip, info.certificate});
}

void AgentServer::on_handshake_failed(const SocketAddress& remote, const std::string& reason) {
  log_.limited("handshake", LogLevel::warning, "an agent was refused",
               {{"address", remote.text()}, {"reason", reason}});
}

}  // namespace ringway::manager
