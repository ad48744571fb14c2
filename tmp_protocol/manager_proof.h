#pragma once
// How a gateway knows a manager when it has nothing yet but an enrolment token: the manager sends its authority's
// certificate along with its own (in that order, as TLS chains go), and the token says which authority that must be.

#include <string>

#include "base/result.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/openssl_handles.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

struct ProvenManager {
  PeerCertificate manager;
  std::string authority;  // PEM: to be trusted from now on
};

/// `sent` is all that the other end of a TLS handshake sent, its own certificate first; TLS has proven that it has the
/// key of that one. Errors are for the operator who pasted the token.
[[nodiscard]] Result<ProvenManager> prove_manager(const STACK_OF(X509) * sent, const Digest& authority, WallTime now);

}  // namespace ringway::tmp
