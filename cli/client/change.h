#pragma once
// Changing what the manager keeps, in two steps: what would change, with the head that it was worked out from, and then
// exactly that or nothing.

#include <optional>
#include <string>
#include <vector>

#include "cli/client/manifest.h"
#include "cli/client/session.h"

namespace ringway::cli::client {

/// What is asked of the manager to change: /v1/apply, or /v1/revisions/NUMBER/rollback.
struct ChangeRequest {
  std::string target;
  std::string body;
  TellFault tell;  // places of faults; may be null
};

/// What a change does, as the manager says.
struct ChangePlan {
  std::string etag;  // of the head that it starts from
  TreeNode reply;
  std::string json;  // `reply` as it came
  [[nodiscard]] const std::vector<TreeNode>& diff() const { return items_of(reply, "diff"); }
  [[nodiscard]] bool empty() const { return diff().empty(); }
};

/// The changes that make what the manager has into what the manifest says, and `removed` (pairs of kind and name) gone.
std::string apply_body(const Manifest& manifest, const std::vector<std::pair<std::string, std::string>>& removed,
                       const std::string& message);

/// Changes nothing. Nothing where it was refused, which is told.
std::optional<ChangePlan> plan_change(Session& session, const ChangeRequest& request);
/// Does what was planned; refused where the head is another by now.
std::optional<ChangePlan> make_change(Session& session, const ChangeRequest& request, const ChangePlan& plan);

/// What is new, what changes by which keys, what goes, and a line that counts them.
std::string plan_text(const ChangePlan& plan, Paint paint);

}  // namespace ringway::cli::client
