#pragma once
// The manager's front door: who asks, whether they may, and which operation answers. One for all connections.

#include <array>
#include <functional>
#include <memory>
#include <unordered_map>

#include "base/log.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "manager/access/authenticator.h"
#include "manager/rest/http_session.h"
#include "manager/rest/remembered_replies.h"
#include "manager/rest/router.h"

namespace ringway::manager {

/// Replies since the beginning, by their status: replies[4] of 400 to 499.
struct ApiCounters {
  std::array<std::uint64_t, 6> replies{};
  std::uint64_t refused = 0;  // of them, for want of a right: 401, 403 and 429
};

class ApiServer final : public HttpHandler {
 public:
  /// What it looks at; all outlive it.
  struct Parts {
    const Router& router;
    Authenticator& authenticator;
    RememberedReplies& remembered;
    /// A token's first use of a day, to be written some time.
    std::function<void(const Record&)> on_used;
  };

  ApiServer(Parts parts, Loop loop, Log& log)
      : router_(parts.router),
        authenticator_(parts.authenticator),
        remembered_(parts.remembered),
        on_used_(std::move(parts.on_used)),
        loop_(loop),
        log_(log) {}

  void accept(std::unique_ptr<ByteStream> stream, HttpClient client);
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  [[nodiscard]] const ApiCounters& counters() const { return counters_; }

  void on_call(const CallPtr& call) override;
  void on_session_end(HttpSession& session) override;

 private:
  /// What stands against answering; nothing where all is well, and `request.principal` is set then.
  std::optional<Reply> refusal(Request& request, const Operation& operation, const PathValues& values);
  std::optional<Reply> authenticate(Request& request);
  Authentication authentication(const Request& request);

  void count(const Reply& reply);
  /// Idempotency-Key: what is answered at once; otherwise `respond` ends what begins now.
  std::optional<Reply> repeated(const Request& request, Respond& respond);

  const Router& router_;
  Authenticator& authenticator_;
  RememberedReplies& remembered_;
  std::function<void(const Record&)> on_used_;
  Loop loop_;
  Log& log_;
  ApiCounters counters_;
  std::unordered_map<HttpSession*, std::unique_ptr<HttpSession>> sessions_;
};

void collect_api_metrics(Metrics& metrics, const ApiServer& api);

}  // namespace ringway::manager
