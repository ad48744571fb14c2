#pragma once
// Who it is that asks: from what a request shows to a principal. Holds what it needs in memory; the caller tells it of
// every record that was written, and writes what it asks for.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "manager/access/api_token.h"
#include "manager/access/failure_limiter.h"
#include "manager/access/permissions.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

/// Exactly one of principal, refusal and wait.
struct Authentication {
  std::optional<Principal> principal;
  std::string refusal;              // 401
  std::optional<Duration> wait;     // 429 with Retry-After
  std::optional<Record> last_used;  // to be written some time: a token's first use of a day
};

class Authenticator {
 public:
  /// Takes records of the kinds it knows; others are none of its business. An error where one cannot be read.
  Status take(const Record& record);
  /// Of the tokens or users that are known here and no more in `records`: what take() must hear to forget them.
  [[nodiscard]] std::vector<Record> removals(std::string_view kind,
                                             const std::map<std::string, std::string, std::less<>>& records) const;
  void set_revocations(std::shared_ptr<const tmp::Revocations> revoked) { trust_.revoked = std::move(revoked); }

  /// `authorization` is the field's value, "Bearer rw_…" (RFC 6750 §2.1).
  [[nodiscard]] Authentication by_token(std::string_view authorization, const IpAddress& from, WallTime wall, Time now);
  /// TLS has proven that the peer has the certificate's key, and its authority; each request of a lasting connection is
  /// judged again.
  [[nodiscard]] Authentication by_certificate(const tmp::PeerCertificate& certificate, const IpAddress& from,
                                              WallTime wall, Time now);
  /// Whether a request of this principal would be taken still: for what lasts.
  [[nodiscard]] bool still_knows(const Principal& principal, WallTime wall) const;
  /// Something else that a stranger got wrong, an enrolment token for instance.
  void on_failure(const IpAddress& from, Time now) { failures_.on_failure(from, now); }
  [[nodiscard]] std::optional<Duration> wait(const IpAddress& from, Time now) const {
    return failures_.wait(from, now);
  }

  [[nodiscard]] const std::map<std::string, ApiToken>& tokens() const { return tokens_; }
  [[nodiscard]] const std::map<std::string, User>& users() const { return users_; }

 private:
  Authentication refuse(const IpAddress& from, Time now, std::string why);
  [[nodiscard]] std::string fault_of(const tmp::PeerCertificate& certificate, WallTime wall) const;

  std::map<std::string, ApiToken> tokens_;  // by id
  std::map<std::string, User> users_;       // by name
  tmp::PeerTrust trust_;
  FailureLimiter failures_;
};

}  // namespace ringway::manager
