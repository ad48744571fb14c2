#pragma once
// Watching until gateways have what they should: a revision's rollout, a drain.

#include <cstdint>
#include <string>

#include "cli/client/session.h"

namespace ringway::cli::client {

inline constexpr std::chrono::milliseconds kWatchInterval{500};

/// Tells how the rollout of `revision` goes until it is done (kFine), was stopped (kFailed), or was overtaken by a
/// later one (kFine). Who may not look (kNotAllowed), or asks a manager that does not say, hears so, and it is kFine.
ExitCode follow_rollout(Session& session, std::uint64_t revision);

/// The same for what a drained target still has: `target` as in `frontend:pop-1`.
ExitCode follow_drain(Session& session, const std::string& target);

/// "wave 2 of 4, 3 of 10 gateways have it, next in 12 s", of the `rollout` in /v1/status.
std::string rollout_text(const TreeNode& rollout);

}  // namespace ringway::cli::client
