#include "tests/sim/identities.h"

#include <map>

#include "base/random.h"
#include "tests/sim/network.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::sim {

namespace {

std::shared_ptr<const tmp::Identity> made_identity(std::uint64_t authority_seed, const std::string& name,
                                                   tmp::Role role) {
  // Signatures are of one length or another by chance: from a seed, a run replays octet for octet.
  SeededRandom random(authority_seed);
  const tmp::OpensslRandom seeded(random);
  const tmp::WallTime now = VirtualClock().wall();
  const tmp::Authority authority = tmp::make_authority(now).value();
  const tmp::IdentityPem pem = tmp::make_identity(authority, {role, name}, now).value();
  return tmp::Identity::from_pem(pem).value();
}

}  // namespace

const tmp::Authority& test_authority() {
  static const tmp::Authority authority = [] {
    SeededRandom random(1);  // as made_identity() begins
    const tmp::OpensslRandom seeded(random);
    return tmp::make_authority(VirtualClock().wall()).value();
  }();
  return authority;
}

std::shared_ptr<const tmp::Identity> test_identity(const std::string& name, tmp::Role role) {
  static std::map<std::pair<std::string, tmp::Role>, std::shared_ptr<const tmp::Identity>> identities;
  auto& identity = identities[{name, role}];
  if (identity == nullptr) identity = made_identity(1, name, role);
  return identity;
}

std::shared_ptr<const tmp::Identity> foreign_identity(const std::string& name, tmp::Role role) {
  return made_identity(2, name, role);
}

}  // namespace ringway::sim
