#include "cli/client/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace ringway::cli::client {

namespace {

/// What was just written may show a moment later. Without a rollout for so many looks there is nothing to roll out.
constexpr int kLooksInVain = 4;

enum class Progress : std::uint8_t { goes_on, done, stopped, overtaken };

Progress progress_of(const TreeNode& rollout, std::uint64_t revision) {
  const auto to = static_cast<std::uint64_t>(number_of(rollout, "to"));
  const std::string state = text_of(rollout, "state");
  if (to > revision) return Progress::overtaken;
  if (to < revision) return Progress::goes_on;  // the one before it
  return state == "done" ? Progress::done : state == "stopped" ? Progress::stopped : Progress::goes_on;
}

/// Tells a line where it is another than the last.
class Teller {
 public:
  explicit Teller(Session& session) : session_(session) {}
  void tell(const std::string& line) {
    if (line == last_) return;
    last_ = line;
    session_.console().note(line + "\n");
  }

 private:
  Session& session_;
  std::string last_;
};

/// The present status; nothing where there is none to be had. `missing` says that it is not for us, or that there is
/// none.
std::optional<TreeNode> look(Session& session, bool& missing) {
  Ask ask;
  ask.target = "/v1/status";
  const std::optional<Answer> answer = session.ask_any(ask);
  if (!answer) return std::nullopt;
  missing = answer->status == 403 || answer->status == 404;
  if (missing) {
    session.console().note(answer->status == 403 ? "This token may not see how it goes on.\n"
                                                 : "This manager does not tell how it goes on.\n");
    return std::nullopt;
  }
  if (!answer->good()) {
    session.fail(*answer);
    return std::nullopt;
  }
  Result<TreeNode> status = read_json(answer->body);
  if (status) return std::move(*status);
  session.fail(kFailed, status.error().message);
  return std::nullopt;
}

}  // namespace

std::string rollout_text(const TreeNode& rollout) {
  const std::string state = text_of(rollout, "state");
  std::string text = fmt::format("revision {}: ", number_of(rollout, "to"));
  if (state == "stopped") return text + "stopped: " + text_of(rollout, "reason");
  const std::string have =
      fmt::format("{} of {} gateways have it", number_of(rollout, "applied"), number_of(rollout, "gateways"));
  if (state == "done") return text + "done: " + have;
  text += fmt::format("wave {} of {}, {}", number_of(rollout, "wave"), number_of(rollout, "waves"), have);
  const double left = number_of(rollout, "gate_left_s");
  return left > 0 ? text + fmt::format(", watched for {:.0f} s more", left) : text;
}

ExitCode follow_rollout(Session& session, std::uint64_t revision) {
  Teller teller(session);
  int in_vain = 0;
  for (;; session.console().sleep(kWatchInterval)) {
    bool missing = false;
    const std::optional<TreeNode> status = look(session, missing);
    if (!status) return missing ? kFine : session.exit_code();
    const TreeNode& rollout = member(*status, "rollout");
    if (rollout.kind == TreeNode::Kind::null) {
      if (++in_vain >= kLooksInVain) return kFine;
      continue;
    }
    const Progress progress = progress_of(rollout, revision);
    if (static_cast<std::uint64_t>(number_of(rollout, "to")) >= revision) teller.tell(rollout_text(rollout));
    if (progress == Progress::done) return kFine;
    if (progress == Progress::stopped) return kFailed;
    if (progress == Progress::overtaken) {
      session.console().note(fmt::format("Revision {} was overtaken by a later one.\n", revision));
      return kFine;
    }
  }
}

ExitCode follow_drain(Session& session, const std::string& target) {
  Teller teller(session);
  int in_vain = 0;
  for (;; session.console().sleep(kWatchInterval)) {
    bool missing = false;
    const std::optional<TreeNode> status = look(session, missing);
    if (!status) return missing ? kFine : session.exit_code();
    const std::vector<TreeNode>& drains = items_of(*status, "drains");
    const auto found = std::find_if(drains.begin(), drains.end(),
                                    [&](const TreeNode& drain) { return member(drain, "target").scalar == target; });
    if (found == drains.end()) {
      if (++in_vain >= kLooksInVain) return session.fail(kFailed, target + " is not being drained any more");
      continue;
    }
    if (flag_of(*found, "done")) {
      teller.tell(target + ": drained");
      return kFine;
    }
    teller.tell(fmt::format("{}: {:.6g} {} left", target, number_of(*found, "left"), text_of(*found, "unit")));
  }
}

}  // namespace ringway::cli::client
