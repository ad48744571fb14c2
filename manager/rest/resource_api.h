#pragma once
// Reading and changing resources: the same five operations for every kind.
//
//   GET    /v1/KIND                a page of them: ?limit=, ?cursor=
//   GET    /v1/KIND/NAME           one, with its ETag
//   PUT    /v1/KIND/NAME           make it (If-None-Match: *) or replace it (If-Match: ETAG)
//   PATCH  /v1/KIND/NAME           change some of its keys (RFC 7396), If-Match: ETAG
//   DELETE /v1/KIND/NAME           If-Match: ETAG
//
// Each change is a revision of its own; ?dry_run says what it would be and writes nothing.

#include "base/time.h"
#include "manager/resources/resource_kind.h"
#include "manager/rest/answer.h"
#include "manager/rest/request_writer.h"
#include "manager/rest/router.h"

namespace ringway::manager {

class ResourceApi {
 public:
  /// All outlive the router's operations.
  ResourceApi(const Ledger& ledger, RequestWriter& writer, const Clock& clock)
      : ledger_(ledger), writer_(writer), clock_(clock) {}

  void add_to(Router& router);

  /// What a request makes of the resource as it is (null: there is none): its JSON, nothing to remove it, or a problem.
  using Edit = std::function<std::variant<std::optional<std::string>, Problem>(const Resource* before)>;

 private:
  using Outcome = RequestWriter::Outcome;

  void add_kind(Router& router, const ResourceKind& kind);
  void add_changes(Router& router, const ResourceKind& kind);
  [[nodiscard]] Answer list(const ResourceKind& kind, const Request& request) const;
  [[nodiscard]] Answer get(const ResourceKind& kind, const Request& request, const std::string& name) const;
  [[nodiscard]] std::variant<Outcome, Problem> change(const ResourceKind& kind, const Request& request,
                                                      const std::string& name, const Edit& edit) const;
  [[nodiscard]] std::variant<Outcome, Problem> propose(const ResourceKind& kind, const Request& request,
                                                       const Change& change) const;
  void submit(const ResourceKind& kind, const Request& request, const std::string& name, const Edit& edit,
              const Respond& respond);

  const Ledger& ledger_;
  RequestWriter& writer_;
  const Clock& clock_;
};

/// `"r17"`: the revision that last changed it.
std::string etag_of(const Resource& resource);
/// What the audit log says of changes that `request` makes.
std::vector<LogText> audit_texts(const Request& request, const std::vector<Difference>& differences);

}  // namespace ringway::manager
