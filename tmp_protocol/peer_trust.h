#pragma once
// Who a peer is, what its certificate says of it, and which certificates are taken beside what signature and dates say.

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace ringway::tmp {

using WallTime = std::chrono::system_clock::time_point;

/// What a certificate of the authority is for. Each is taken for what it says and for nothing else: none of them can
/// pose as another.
enum class Role : std::uint8_t {
  frontend = 0,
  backend = 1,
  manager = 2,
  user = 3,  // a person, or a person's program, at the manager
  redirector = 4,
};

struct PeerIdentity {
  Role role = Role::frontend;
  std::string name;
  friend auto operator<=>(const PeerIdentity&, const PeerIdentity&) = default;
};

/// A certificate that was verified.
struct PeerCertificate {
  PeerIdentity identity;
  std::string serial;  // lower-case hexadecimal, two digits an octet
  WallTime expires;
  friend bool operator==(const PeerCertificate&, const PeerCertificate&) = default;
};

/// Certificates that are taken no more, whatever their dates say.
struct Revocations {
  std::set<std::string> serials;      // as PeerCertificate::serial
  std::set<PeerIdentity> identities;  // with all their certificates
};

/// Whether a certificate that is expired is taken where all else is right: its authority, its role, its name, and that
/// it is not revoked. `accept_known` is for as long as no manager can be reached: nobody could have renewed it.
enum class ExpiredPeers : std::uint8_t { refuse, accept_known };

inline constexpr std::chrono::seconds kUnlimitedGrace = std::chrono::seconds::max();

struct PeerTrust {
  ExpiredPeers expired = ExpiredPeers::refuse;
  std::chrono::seconds grace = kUnlimitedGrace;  // after its end, where expired ones are taken
  std::shared_ptr<const Revocations> revoked;    // null: none
};

inline bool is_revoked(const Revocations& revoked, const PeerCertificate& certificate) {
  return revoked.serials.contains(certificate.serial) || revoked.identities.contains(certificate.identity);
}

inline bool is_revoked(const PeerTrust& trust, const PeerCertificate& certificate) {
  return trust.revoked != nullptr && is_revoked(*trust.revoked, certificate);
}

}  // namespace ringway::tmp
