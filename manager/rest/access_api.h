#pragma once
// Tokens and users: who may ask.
//
//   POST   /v1/tokens            a new one, told once
//   POST   /v1/tokens/exchange   the first start's one-time token for a lasting one
//   GET    /v1/tokens            what is known of each, not their secrets
//   DELETE /v1/tokens/{id}       at once good for nothing
//   GET    /v1/users, GET|PUT|DELETE /v1/users/{name}    people known by a certificate
//   GET    /v1/roles             what each role may

#include "base/loop.h"
#include "manager/access/api_token.h"
#include "manager/rest/answer.h"
#include "manager/rest/request_writer.h"
#include "manager/rest/router.h"

namespace ringway::manager {

class AccessApi {
 public:
  /// All outlive the router's operations.
  AccessApi(const Ledger& ledger, RequestWriter& writer, Loop loop) : ledger_(ledger), writer_(writer), loop_(loop) {}

  void add_to(Router& router);

 private:
  using Result = std::variant<RequestWriter::Outcome, Problem>;
  using Prepare = Result (AccessApi::*)(const Request&, const std::string& name) const;

  [[nodiscard]] Result make(const Request& request, const std::string& none) const;
  [[nodiscard]] Result exchange(const Request& request, const std::string& none) const;
  [[nodiscard]] Result remove(const Request& request, const std::string& id) const;
  [[nodiscard]] Result put_user(const Request& request, const std::string& name) const;
  [[nodiscard]] Result remove_user(const Request& request, const std::string& name) const;
  [[nodiscard]] Answer get_user(const std::string& name) const;
  [[nodiscard]] Result told(const Request& request, MadeApiToken made) const;
  /// Runs `prepare` in its turn, with the path's value where there is one.
  [[nodiscard]] std::function<void(const Request&, const PathValues&, Respond)> writing(Prepare prepare);
  void add_tokens(Router& router);
  void add_users(Router& router);

  const Ledger& ledger_;
  RequestWriter& writer_;
  Loop loop_;
};

}  // namespace ringway::manager
