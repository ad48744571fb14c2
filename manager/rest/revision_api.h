#pragma once
// Revisions as a whole: several changes at once, what was, what differs, and the way back.
//
//   POST /v1/apply                          changes that become one revision; If-Match: the head's ETag
//   GET  /v1/revisions                      the last first
//   GET  /v1/revisions/{number}             with its changes
//   GET  /v1/revisions/{number}/diff        from ?against= (the one before it) to it
//   POST /v1/revisions/{number}/rollback    a new revision with what was in it; If-Match as for apply

#include "base/time.h"
#include "manager/rest/answer.h"
#include "manager/rest/request_writer.h"
#include "manager/rest/router.h"

namespace ringway::manager {

/// What changes of the head come to for one principal: the writing, and the reply with the diff. `request`
/// says who asks, and ?dry_run.
std::variant<RequestWriter::Outcome, Problem> commit_changes(const Registry& registry, const Request& request,
                                                             const std::vector<Change>& changes,
                                                             const std::string& message, WallTime now);
/// `"revision-17"`: of the head.
std::string head_etag(const Registry& registry);

class RevisionApi {
 public:
  /// All outlive the router's operations.
  RevisionApi(const Ledger& ledger, RequestWriter& writer, const Clock& clock);
  void add_to(Router& router);

 private:
  /// What a request makes of the head.
  using Make = std::function<std::vector<Change>(const Registry&)>;

  [[nodiscard]] Answer list(const Request& request) const;
  [[nodiscard]] Answer get(const Request& request, const std::string& number) const;
  [[nodiscard]] Answer diff(const Request& request, const std::string& number) const;
  [[nodiscard]] std::string summary_json(const Request& request, const Revision& revision) const;
  void apply(const Request& request, const Respond& respond);
  void roll_back(const Request& request, const std::string& number, const Respond& respond);
  void commit(const Request& request, const std::string& message, const Make& make, const Respond& respond);
  [[nodiscard]] const Revision* find(const std::string& number) const;

  const Ledger& ledger_;
  RequestWriter& writer_;
  const Clock& clock_;
};

}  // namespace ringway::manager
