#pragma once
// Identities for simulations: all of one private authority, made once in a process.

#include <memory>
#include <string>

#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_maker.h"
#include "tmp_protocol/settings.h"

namespace ringway::sim {

/// That of test_identity().
const tmp::Authority& test_authority();
/// The identity of gateway `name`; the same one each time.
std::shared_ptr<const tmp::Identity> test_identity(const std::string& name, tmp::Role role);
/// One that another authority signed.
std::shared_ptr<const tmp::Identity> foreign_identity(const std::string& name, tmp::Role role);

}  // namespace ringway::sim
