#pragma once
// What a gateway was told, on its disk: what it goes on with while no manager can be reached, and what it must not try
// again.
//
//   content        the last good one
//   content.old    the good one before it, for where the last was altered
//   content.trial  the one on trial. A gateway that finds it at its start has ended while trying it
//   refused        what was refused, with the reasons
//   revoked        certificates that are taken no more
//
// Each file appears whole or not at all, holds messages (messages.h) and begins with their length and SHA-256: what is
// cut or altered counts as absent.

#include <optional>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/result.h"

namespace ringway::agent {

struct Content {
  ContentMark mark;
  Sections sections;
};

class LastGood {
 public:
  /// Makes `directory` where it is not there; it must be writable where it has no content yet. What was on trial is
  /// refused from now on.
  static Result<LastGood> open(const std::string& directory);

  /// The good one; nothing where there was none yet.
  [[nodiscard]] const std::optional<Content>& content() const { return content_; }
  /// At most limits::kMaxRefusedContents, the latest last.
  [[nodiscard]] const std::vector<ContentStatus>& refusals() const { return refusals_; }
  /// Of content with this hash; null where it was not refused.
  [[nodiscard]] const ContentStatus* refusal_of(const std::string& hash) const;
  [[nodiscard]] const Welcome& revoked() const { return revoked_; }

  // Errors name the file: what is held here is as it was asked all the same.

  /// About to be tried.
  Status begin_trial(const Content& content);
  /// It was tried and is good.
  Status pass_trial(const Content& content);
  /// It was not in use after all, or is not known to be good.
  Status end_trial();
  Status refuse(ContentStatus refusal);
  /// All but those that a gateway ended while trying: another local file may do with them.
  Status forgive();
  Status revoke(Welcome revoked);

 private:
  explicit LastGood(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] std::string path(const char* name) const { return directory_ + "/" + name; }
  void judge_trial();
  Status store_refusals();

  std::string directory_;
  std::optional<Content> content_;
  std::vector<ContentStatus> refusals_;
  Welcome revoked_;
};

}  // namespace ringway::agent
