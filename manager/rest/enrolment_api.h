#pragma once
// How gateways get in and out: tokens for their enrolment, the certificates that were given, and revocations.
//
//   POST   /v1/enrolments         a one-time token for a role and a name, told once
//   GET    /v1/enrolments         what is known of each, not their secrets
//   DELETE /v1/enrolments/{id}
//   GET    /v1/certificates
//   POST   /v1/revocations        an identity, with every certificate and token it has
//   GET    /v1/revocations

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "manager/enrolment/enrolment.h"
#include "manager/rest/answer.h"
#include "manager/rest/request_writer.h"
#include "manager/rest/router.h"

namespace ringway::manager {

/// What a token says of this manager.
struct EnrolmentPlace {
  std::function<std::optional<tmp::Digest>()> authority;  // its certificate's fingerprint; nothing: there is none
  std::vector<std::string> managers;                      // where agents find it: tmp::is_manager_address()
};

class EnrolmentApi {
 public:
  /// All outlive the router's operations.
  EnrolmentApi(const Ledger& ledger, RequestWriter& writer, Loop loop, EnrolmentPlace place)
      : ledger_(ledger), writer_(writer), loop_(loop), place_(std::move(place)) {}

  void add_to(Router& router);

 private:
  using Result = std::variant<RequestWriter::Outcome, Problem>;

  [[nodiscard]] Result make(const Request& request) const;
  [[nodiscard]] Result remove(const Request& request, const std::string& id) const;
  [[nodiscard]] Result revoke(const Request& request) const;
  void add_reading(Router& router);

  const Ledger& ledger_;
  RequestWriter& writer_;
  Loop loop_;
  EnrolmentPlace place_;
};

}  // namespace ringway::manager
