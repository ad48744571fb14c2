#pragma once
// `ringway keys`: a private authority once, and an identity per gateway.

#include <span>
#include <string>

#include "base/gateway_settings.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::cli {

/// `args` follow the subcommand's name. Returns the process's exit code: 0, 1 on failure, 2 on bad usage.
int run_keys(std::span<const std::string> args);

/// The files as a configuration of that role has them: a gateway's below `link`, others' at the top.
std::string identity_text(const IdentityFiles& files, tmp::Role role);

}  // namespace ringway::cli
