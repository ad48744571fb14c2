#pragma once
// What happens to a request, and why.
//
//   GET /v1/explain?url=URL&client=IP
//     {"url", "client"|null, "site": {"name", "protocol", "match"},
//      "ring": {"ring", "rules": [{"rule", "ring", "verdict", "when"}]},
//      "steering": {"table", "cell", "scope", "ttl_s", "reason", "pop", "frontends": [{"name", "addresses"}],
//                   "alpn"|null, "rtt_ms"|null, "site_rtt_ms": {"least", "most"}|null, "warnings": [],
//                   "candidates": [{"pop", "rtt_ms"|null, "measured_s_ago"|null, "link_ms"|null, "use"|null, "shed",
//                   "hash", "answering", "verdict"}]}|null,
//      "frontends": [{"name", "pop", "state", "weight", "client_rtt_ms"|null,
//                     "backends": [{"name", "state"|null, "link": {"rtt_ms", "loss_out", "loss_in", "used"}|null,
//                     "why"}]}],
//      "origins": [{"name", "backend"|null, "pending", "capacity", "up", "draining", "why"}]}
//
// `steering` is what a redirector answers the client; null where none is named, or the site is not steered;
// its `alpn` is that of the HTTPS record.
// `rules` ends with the one that decides; `verdict` is "no", "matches", or "depends_on_answer": its ring comes to be
// where the answer has such a content type. The request is a GET without fields of its own. 404 where no site has it.

#include <optional>
#include <string>
#include <variant>

#include "base/address.h"
#include "manager/resources/snapshot.h"
#include "manager/rest/live_view.h"
#include "manager/rest/problem.h"
#include "manager/rest/router.h"
#include "manager/revisions/ledger.h"

namespace ringway::manager {

/// The JSON above. `url` is http://, https:// or tcp://; without a scheme it is http's.
std::variant<std::string, Problem> explain(const Snapshot& snapshot, const LiveView& live, const std::string& url,
                                           const std::optional<IpAddress>& client);

class ExplainApi {
 public:
  /// Both outlive the router's operations.
  ExplainApi(const Ledger& ledger, const LiveView& live) : ledger_(ledger), live_(live) {}
  void add_to(Router& router);

 private:
  [[nodiscard]] std::variant<std::string, Problem> answer(const Request& request) const;

  const Ledger& ledger_;
  const LiveView& live_;
};

}  // namespace ringway::manager
