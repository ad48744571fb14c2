#pragma once
// What the tests of the wire share: the published vectors, and gateways with identities of two authorities.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "tests/tmp_protocol/write_again.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::tmp {

using Octets = std::vector<std::uint8_t>;

/// docs/tmp_vectors.txt: what stands for each name. Throws where a line is not `name = hex`.
const std::map<std::string, Octets>& wire_vectors();
/// The vector of that name, which exists.
const Octets& wire_vector(const std::string& name);
Octets from_hex(std::string_view hex);
Octets octets_of(std::string_view text);

/// One authority for the whole run.
const Authority& test_authority();
/// Another one, for strangers.
const Authority& other_authority();
/// The time of all tests that judge certificates.
WallTime test_time();
IdentityPem test_pem(Role role, const std::string& name, const Authority& authority = test_authority());
std::shared_ptr<const Identity> test_identity(Role role, const std::string& name,
                                              const Authority& authority = test_authority());

}  // namespace ringway::tmp
