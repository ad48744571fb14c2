// ringway apply, diff, rollback.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/client/change.h"
#include "cli/client/commands.h"
#include "cli/client/pages.h"
#include "cli/client/rollout.h"

namespace ringway::cli::client {

namespace {

using Removed = std::vector<std::pair<std::string, std::string>>;

/// What a command line wants to be changed.
struct WantedChange {
  Manifest manifest;
  ChangeRequest request;
  bool empty = false;  // there is nothing to ask about
};

/// Nothing where it is wrong, which is told.
std::optional<Manifest> read_manifest(Session& session, const Arguments& arguments) {
  std::vector<std::string> paths = arguments.get_all("file");
  paths.insert(paths.end(), arguments.operands().begin(), arguments.operands().end());
  if (paths.empty()) {
    session.misused("name the files: -f FILE");
    return std::nullopt;
  }
  Result<Manifest> manifest = Manifest::read(paths);
  if (manifest) return std::move(*manifest);
  session.console().note(manifest.error().message + "\n");
  session.fail(kUsage, "the files are not right; nothing was asked of the manager");
  return std::nullopt;
}

/// What the manager has of the manifest's kinds, and the manifest has not.
std::optional<Removed> surplus(Session& session, const Manifest& manifest) {
  Removed removed;
  for (const std::string& kind : manifest.kinds()) {
    const std::optional<std::vector<TreeNode>> items = get_pages(session, "/v1/" + encoded(kind));
    if (!items) return std::nullopt;
    for (const TreeNode& item : *items) {
      const std::string& name = member(item, "name").scalar;
      if (!manifest.names(kind, name)) removed.emplace_back(kind, name);
    }
  }
  return removed;
}

std::optional<WantedChange> read_change(Session& session, const Arguments& arguments) {
  std::optional<Manifest> manifest = read_manifest(session, arguments);
  if (!manifest) return std::nullopt;
  Removed removed;
  if (arguments.has("prune")) {
    std::optional<Removed> found = surplus(session, *manifest);
    if (!found) return std::nullopt;
    removed = std::move(*found);
  }
  WantedChange wanted;
  wanted.empty = manifest->items().empty() && removed.empty();
  wanted.request.target = "/v1/apply";
  wanted.request.body = apply_body(*manifest, removed, arguments.get("message"));
  wanted.manifest = std::move(*manifest);
  return wanted;
}

void show_plan(Session& session, const ChangePlan& plan) {
  const std::string text = plan.empty() ? "Nothing to change.\n" : plan_text(plan, session.paint());
  // JSON has standard output for itself.
  session.output() == Output::json ? session.console().note(text) : session.console().out(text);
}

/// Whether what was shown is to be done; says why not.
bool agreed(Session& session, const Arguments& arguments) {
  if (arguments.has("yes")) return true;
  if (!session.console().can_ask()) {
    session.misused("nobody is there to be asked: say --yes");
    return false;
  }
  if (session.console().confirm("Do it?")) return true;
  session.fail(kFailed, "nothing was changed");
  return false;
}

/// Shows, asks, does, and follows.
int carry_out(Session& session, const Arguments& arguments, const ChangeRequest& request) {
  const std::optional<ChangePlan> plan = plan_change(session, request);
  if (!plan) return session.exit_code();
  show_plan(session, *plan);
  const bool json = session.output() == Output::json;
  if (plan->empty() || arguments.has("dry-run")) {
    if (json) session.console().out(plan->json);
    return kFine;
  }
  if (!agreed(session, arguments)) return session.exit_code();
  const std::optional<ChangePlan> made = make_change(session, request, *plan);
  if (!made) return session.exit_code();
  if (json) session.console().out(made->json);
  const double revision = number_of(made->reply, "revision");
  session.console().note(fmt::format("Revision {} is written.\n", revision));
  return arguments.has("no-wait") ? kFine : follow_rollout(session, static_cast<std::uint64_t>(revision));
}

/// The revision before the head; 0 where there is none.
std::optional<std::uint64_t> last_but_one(Session& session) {
  const std::optional<TreeNode> revisions = session.get("/v1/revisions");
  if (!revisions) return std::nullopt;
  const std::vector<TreeNode>& items = items_of(*revisions, "items");
  return items.empty() ? 0 : static_cast<std::uint64_t>(number_of(items.front(), "number")) - 1;
}

}  // namespace

int run_apply(Session& session, const Arguments& arguments) {
  std::optional<WantedChange> wanted = read_change(session, arguments);
  if (!wanted) return session.exit_code();
  if (wanted->empty) {
    session.console().note("Nothing to change: the files name nothing.\n");
    return kFine;
  }
  wanted->request.tell = [&wanted](const ProblemFault& fault) { return wanted->manifest.place(fault); };
  return carry_out(session, arguments, wanted->request);
}

int run_diff(Session& session, const Arguments& arguments) {
  std::optional<WantedChange> wanted = read_change(session, arguments);
  if (!wanted) return session.exit_code();
  if (wanted->empty) return kFine;
  wanted->request.tell = [&wanted](const ProblemFault& fault) { return wanted->manifest.place(fault); };
  const std::optional<ChangePlan> plan = plan_change(session, wanted->request);
  if (!plan) return session.exit_code();
  session.console().out(session.output() == Output::json ? plan->json
                        : plan->empty()                  ? ""
                                                         : plan_text(*plan, session.paint()));
  return plan->empty() ? kFine : kDiffers;
}

int run_rollback(Session& session, const Arguments& arguments) {
  const std::vector<std::string>& operands = arguments.operands();
  if (operands.size() > 1) return session.misused("one NUMBER is enough");
  std::optional<std::uint64_t> number;
  if (operands.empty()) {
    number = last_but_one(session);
    if (!number) return session.exit_code();
    if (*number == 0) return session.fail(kNotThere, "there is no revision before the last");
  } else {
    number = parse_decimal(operands[0]);
    if (!number) return session.misused(fmt::format("\"{}\" is no revision's number", printable(operands[0])));
  }
  session.console().note(fmt::format("Back to what was in revision {}:\n", *number));
  return carry_out(session, arguments, {fmt::format("/v1/revisions/{}/rollback", *number), "", nullptr});
}

}  // namespace ringway::cli::client
