// ringway status, explain.

#include <fmt/format.h>

#include "base/address.h"
#include "cli/client/commands.h"
#include "cli/client/explain_view.h"
#include "cli/client/status_view.h"

namespace ringway::cli::client {

namespace {

using View = std::string (*)(Session&, const TreeNode&);

/// Shows what is at `target`: as JSON as it came, else by `view`.
int show(Session& session, const std::string& target, View view) {
  Ask ask;
  ask.target = target;
  const std::optional<Answer> answer = session.ask(ask);
  if (!answer) return session.exit_code();
  if (session.output() == Output::json) {
    session.console().out(answer->body);
    return kFine;
  }
  const Result<TreeNode> tree = read_json(answer->body);
  if (!tree) return session.fail(kFailed, tree.error().message);
  session.console().out(view(session, *tree));
  return kFine;
}

}  // namespace

int run_status(Session& session, const Arguments& arguments) {
  if (!arguments.operands().empty()) return session.misused("it takes no operand");
  return show(session, "/v1/status", [](Session& shown, const TreeNode& status) {
    return status_text(status, shown.console().size(), shown.paint());
  });
}

int run_explain(Session& session, const Arguments& arguments) {
  if (arguments.operands().size() != 1) return session.misused("say one URL");
  std::string target = "/v1/explain?url=" + encoded(arguments.operands()[0]);
  if (const std::string client = arguments.get("client"); !client.empty()) {
    if (!IpAddress::parse(client))
      return session.misused(fmt::format("--client: \"{}\" is no IP address", printable(client)));
    target += "&client=" + encoded(client);
  }
  return show(session, target,
              [](Session& shown, const TreeNode& explanation) { return explain_text(explanation, shown.paint()); });
}

}  // namespace ringway::cli::client
