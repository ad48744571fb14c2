#pragma once
// Connections to managers: TLS 1.3 that proves both ends, or, for who has no certificate yet, the manager alone by the
// fingerprint of its authority.

#include <memory>
#include <string>

#include "base/byte_stream.h"
#include "net/worker.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/manager_proof.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::net {

/// Begins one to any manager of the identity's authority; `handler` hears on_open() or on_abort(). It ends where what
/// was sent is not acknowledged for limits::kManagerSilence.
std::unique_ptr<ByteStream> dial_manager(Worker& worker, const SocketAddress& address, const tmp::Identity& identity,
                                         const tmp::PeerTrust& trust, ByteStreamHandler& handler);

/// Begins one to the manager whose authority has this fingerprint. `proven` outlives the stream and is set before
/// on_open().
std::unique_ptr<ByteStream> dial_unknown_manager(Worker& worker, const SocketAddress& address,
                                                 const tmp::Digest& authority, tmp::ProvenManager& proven,
                                                 ByteStreamHandler& handler);

}  // namespace ringway::net
