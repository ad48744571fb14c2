#pragma once
// Whether the certificate that the other end of a TLS handshake shows is that of a peer who is wanted: signed by the
// trusted authority, valid, and of the right role and name.

#include <openssl/x509.h>

#include <set>
#include <string>

#include "tmp_protocol/identity.h"
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

/// One of `names`, with `role`.
struct WantedPeer {
  Role role = Role::backend;
  std::set<std::string> names;
};

class PeerJudge {
 public:
  /// OpenSSL's verify callback comes here, for each certificate of the chain; what it returns, OpenSSL hears.
  int judge(X509_STORE_CTX* store, int trusted, const WantedPeer& wanted);

  /// Why the peer is not taken, in words for the log; empty where nothing speaks against it.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  void refuse(std::string reason) { refusal_ = std::move(reason); }
  /// Who it is; without a name where nobody was judged, or was taken.
  [[nodiscard]] const PeerIdentity& peer() const { return peer_; }

 private:
  void distrust(X509_STORE_CTX* store, const std::string& who);

  std::string refusal_;
  PeerIdentity peer_;
};

}  // namespace ringway::tmp
