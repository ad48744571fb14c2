#pragma once
// Drafts: changes that are gathered, looked at, and committed as one revision. Only who made a draft, owners and
// operators see it.
//
//   POST   /v1/drafts                               a new one, on the head as it is; {"message", "changes"}
//   GET    /v1/drafts, /v1/drafts/{id}              with its ETag, which every change of it wants as If-Match
//   DELETE /v1/drafts/{id}
//   GET, PUT, DELETE /v1/drafts/{id}/changes/{kind}/{name}    one change; PUT null: the resource is to go
//   GET    /v1/drafts/{id}/diff                     from the head
//   POST   /v1/drafts/{id}/validate                 whether it could be committed now
//   POST   /v1/drafts/{id}/rebase                   what was changed meanwhile has been looked at
//   POST   /v1/drafts/{id}/commit
//
// A draft remembers its base, the head when it was made. It is committed on a later head where nothing of what it
// changes was changed since; otherwise 409 names what was, and it waits for a rebase.

#include <string>
#include <variant>
#include <vector>

#include "base/loop.h"
#include "manager/rest/answer.h"
#include "manager/rest/request_writer.h"
#include "manager/rest/router.h"
#include "manager/rest/written_changes.h"

namespace ringway::manager {

inline constexpr const char* kDraftKind = "drafts";

struct Draft {
  std::string author;
  WallTime created;
  std::uint64_t base = 0;  // revision
  std::string message;
  std::vector<WrittenChange> changes;  // all of different resources
};

config::Type<Draft> draft_type();

class DraftApi {
 public:
  /// All outlive the router's operations.
  DraftApi(const Ledger& ledger, RequestWriter& writer, Loop loop) : ledger_(ledger), writer_(writer), loop_(loop) {}

  void add_to(Router& router);

 private:
  using Outcome = RequestWriter::Outcome;
  using Result = std::variant<Outcome, Problem>;
  /// What a request makes of a draft; a problem where it cannot.
  using Edit = std::function<std::optional<Problem>(const Request&, Draft&)>;

  [[nodiscard]] std::variant<Draft, Problem> find(const Request& request, const std::string& id) const;
  [[nodiscard]] Answer list(const Request& request) const;
  [[nodiscard]] Answer get(const Request& request, const std::string& id) const;
  [[nodiscard]] Answer get_change(const Request& request, const PathValues& values) const;
  [[nodiscard]] Answer diff(const Request& request, const std::string& id) const;
  [[nodiscard]] Answer validate(const Request& request, const std::string& id) const;
  [[nodiscard]] Result make(const Request& request, const std::string& id) const;
  [[nodiscard]] Result commit(const Request& request, const std::string& id) const;
  [[nodiscard]] Result remove(const Request& request, const std::string& id) const;
  [[nodiscard]] Result edited(const Request& request, const std::string& id, const Edit& edit) const;
  [[nodiscard]] std::optional<Problem> put_change(const Request& request, const PathValues& values, Draft& draft) const;
  void edit(const Request& request, const std::string& id, const Edit& edit, const Respond& respond);
  void add_reading(Router& router);
  void add_changing(Router& router);
  void add_whole(Router& router);

  const Ledger& ledger_;
  RequestWriter& writer_;
  Loop loop_;
};

}  // namespace ringway::manager
