#include "cli/gateway.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/file.h"
#include "base/limits.h"

namespace ringway::cli {

Result<std::shared_ptr<const tmp::Identity>> gateway_identity(const GatewayParts& parts, const std::string& name,
                                                              tmp::Role role, const IdentityFiles& files) {
  Result<std::shared_ptr<const tmp::Identity>> identity =
      parts.identity != nullptr ? Result<std::shared_ptr<const tmp::Identity>>(parts.identity)
                                : tmp::Identity::load(files);
  if (!identity) return identity.error();
  const tmp::PeerIdentity& self = (*identity)->self();
  if (self.name != name || self.role != role) {
    return internal_error(fmt::format(
        "{}: the certificate is of {} '{}', but this is {} '{}'; make one with: ringway keys --authority DIR --name {} "
        "--role {}",
        files.certificate, tmp::role_name(self.role), self.name, tmp::role_name(role), name, name,
        tmp::role_name(role)));
  }
  return identity;
}

Status check_fixed(const std::string& path, const FixedSettings& present, const FixedSettings& next) {
  if (present.gateway.name == next.gateway.name && present.gateway.workers == next.gateway.workers &&
      present.gateway.admin == next.gateway.admin && present.link.address == next.link.address) {
    return {};
  }
  return internal_error(path + ": a changed name, number of workers, link address or admin address takes a restart");
}

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

}  // namespace ringway::cli
