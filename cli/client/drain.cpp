// ringway drain, undrain, link.

#include <fmt/format.h>

#include <algorithm>

#include "cli/client/commands.h"
#include "cli/client/rollout.h"

namespace ringway::cli::client {

namespace {

/// `frontend:NAME`, `backend:NAME`, `pop:NAME`, `origin:SITE:ORIGIN`.
bool is_target(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return false;
  const std::string what = text.substr(0, colon);
  if (what != "origin") return what == "frontend" || what == "backend" || what == "pop";
  const std::size_t second = text.find(':', colon + 1);
  return second != std::string::npos && second > colon + 1 && second + 1 < text.size();
}

/// The one target; nothing where it is none, which is told.
std::optional<std::string> target_of(Session& session, const Arguments& arguments) {
  if (arguments.operands().size() == 1 && is_target(arguments.operands()[0])) return arguments.operands()[0];
  session.misused("say one target: frontend:NAME, backend:NAME, pop:NAME or origin:SITE:ORIGIN");
  return std::nullopt;
}

std::string path_of(const std::string& target) { return "/v1/drains/" + encoded(target); }

}  // namespace

int run_drain(Session& session, const Arguments& arguments) {
  const std::optional<std::string> target = target_of(session, arguments);
  if (!target) return session.exit_code();
  const std::optional<Answer> answer = session.ask({"PUT", path_of(*target), "{}", {}, ""});
  if (!answer) return session.exit_code();
  if (session.output() == Output::json) session.console().out(answer->body);
  session.console().note(fmt::format("{} takes nothing new. Undo: ringway undrain {}\n", *target, *target));
  return arguments.has("no-wait") ? kFine : follow_drain(session, *target);
}

int run_undrain(Session& session, const Arguments& arguments) {
  const std::optional<std::string> target = target_of(session, arguments);
  if (!target) return session.exit_code();
  if (!session.ask({"DELETE", path_of(*target), "", {}, ""})) return session.exit_code();
  session.console().note(fmt::format("{} takes new work again.\n", *target));
  return kFine;
}

int run_link(Session& session, const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.operands();
  if (words.size() != 3 || words[0] != "close") return session.misused("say close FRONTEND BACKEND");
  const std::string path = fmt::format("/v1/links/{}/{}/close", encoded(words[1]), encoded(words[2]));
  if (!session.ask({"POST", path, "", {}, ""})) return session.exit_code();
  session.console().note(fmt::format("The link from {} to {} is closed.\n", words[1], words[2]));
  return kFine;
}

}  // namespace ringway::cli::client
