#include "cli/gateway.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <utility>

#include "base/file.h"
#include "base/limits.h"

namespace ringway::cli {

namespace {

/// The identity of the parts, or the files'. The certificate must name `self`.
Result<std::shared_ptr<const tmp::Identity>> gateway_identity(const GatewayParts& parts, const tmp::PeerIdentity& self,
                                                              const IdentityFiles& files) {
  Result<std::shared_ptr<const tmp::Identity>> identity =
      parts.identity != nullptr ? Result<std::shared_ptr<const tmp::Identity>>(parts.identity)
                                : tmp::Identity::load(files);
  if (!identity) return identity.error();
  const Status is_self = check_self(**identity, self, files);
  if (!is_self) return is_self.error();
  return identity;
}

/// From the key's file, so that it is the same after a restart and known to nobody else.
std::array<std::uint8_t, 32> reset_key(const GatewayParts& parts, const IdentityFiles& files) {
  std::array<std::uint8_t, 32> key{};
  const Result<std::string> secret = read_file(files.key, limits::kMaxPemOctets);
  if (parts.identity != nullptr || !secret) {
    parts.worker.loop().random.fill(key);
    return key;
  }
  const std::string labelled = "ringway stateless reset" + *secret;
  unsigned int size = 0;
  EVP_Digest(labelled.data(), labelled.size(), key.data(), &size, EVP_sha256(), nullptr);
  return key;
}

}  // namespace

Status check_self(const tmp::Identity& identity, const tmp::PeerIdentity& self, const IdentityFiles& files) {
  const tmp::PeerIdentity& named = identity.self();
  if (named == self) return {};
  return internal_error(fmt::format(
      "{}: the certificate is of {} '{}', but this is {} '{}'; make one with: ringway keys --authority DIR --name {} "
      "--role {}",
      files.certificate, tmp::role_name(named.role), named.name, tmp::role_name(self.role), self.name, self.name,
      tmp::role_name(self.role)));
}

Status check_fixed(const std::string& path, const FixedSettings& present, const FixedSettings& next) {
  if (present.gateway.name == next.gateway.name && present.gateway.workers == next.gateway.workers &&
      present.gateway.admin == next.gateway.admin && present.link.address == next.link.address &&
      present.link.fallback == next.link.fallback && present.gateway.manager == next.gateway.manager) {
    return {};
  }
  return internal_error(
      path +
      ": a changed name, number of workers, link address, link fallback, admin address or manager takes a restart");
}

Result<std::shared_ptr<const tmp::EndpointSettings>> make_endpoint_settings(const GatewayParts& parts,
                                                                            const tmp::PeerIdentity& self,
                                                                            const IdentityFiles& files,
                                                                            tmp::EndpointSettings settings) {
  auto identity = gateway_identity(parts, self, files);
  if (!identity) return identity.error();
  settings.identity = *identity;
  settings.trust = parts.trust;
  settings.reset_key = reset_key(parts, files);
  settings.worker = parts.worker.index();
  return std::make_shared<const tmp::EndpointSettings>(std::move(settings));
}

std::shared_ptr<const tmp::EndpointSettings> with_trust(const tmp::EndpointSettings& settings,
                                                        const tmp::PeerTrust& trust) {
  auto changed = std::make_shared<tmp::EndpointSettings>(settings);
  changed->trust = trust;
  return changed;
}

Result<std::unique_ptr<net::AdminServer>> open_admin_server(net::Worker& worker, const SocketAddress& address,
                                                            std::function<std::string()> metrics,
                                                            std::function<std::string()> unready) {
  auto admin = net::AdminServer::open(worker, address);
  if (!admin) return admin.error();
  (*admin)->handle("/metrics", [metrics = std::move(metrics)](std::string_view /*query*/) {
    return net::AdminAnswer{200, "text/plain; version=0.0.4; charset=utf-8", metrics()};
  });
  (*admin)->handle("/healthz", [](std::string_view /*query*/) { return net::AdminAnswer{.body = "ok\n"}; });
  (*admin)->handle("/readyz", [unready = std::move(unready)](std::string_view /*query*/) {
    const std::string why = unready();
    return why.empty() ? net::AdminAnswer{.body = "ready\n"} : net::AdminAnswer{.status = 503, .body = why + "\n"};
  });
  return admin;
}

}  // namespace ringway::cli
