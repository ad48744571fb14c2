#pragma once
// Whether the certificate that the other end of a TLS handshake shows is that of a peer who is wanted: signed by the
// trusted authority, valid or within the grace that expired ones have, not revoked, and of the right role and name.

#include <openssl/x509.h>

#include <set>
#include <string>

#include "tmp_protocol/identity.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

enum class WantedName : std::uint8_t {
  listed,    // one of `names`, with `role`: between gateways
  any,       // `role`: a gateway that calls a manager of its authority
  any_role,  // whoever the authority knows: a manager that is called
};

struct WantedPeer {
  Role role = Role::backend;
  std::set<std::string> names;
  PeerTrust trust = {};
  WantedName name = WantedName::listed;
};

class PeerJudge {
 public:
  /// OpenSSL's verify callback comes here, for each certificate of the chain; what it returns, OpenSSL hears.
  int judge(X509_STORE_CTX* store, int trusted, const WantedPeer& wanted, WallTime now);

  /// Why the peer is not taken, in words for the log; empty where nothing speaks against it.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  void refuse(std::string reason) { refusal_ = std::move(reason); }
  /// Who it is; without a name where nobody was judged, or was taken.
  [[nodiscard]] const PeerIdentity& peer() const { return peer_.identity; }
  [[nodiscard]] const PeerCertificate& certificate() const { return peer_; }

 private:
  void distrust(X509_STORE_CTX* store, const std::string& who);
  void judge_own(X509_STORE_CTX* store, const PeerCertificate& certificate, const WantedPeer& wanted);
  void refuse(X509_STORE_CTX* store, int error, std::string reason);

  std::string refusal_;
  PeerCertificate peer_;
};

}  // namespace ringway::tmp
