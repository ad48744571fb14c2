#pragma once
// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same POST with the same key, sent again since its
// answer was lost, gets that answer, and nothing is done twice. Answers are records ("replies"), written in one batch
// with what they are about, so a manager that dies between has done both or neither.
//
// Problems are not remembered: where one was answered nothing was done.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "manager/rest/message.h"
#include "manager/revisions/ledger.h"

namespace ringway::manager {

inline constexpr const char* kReplyKind = "replies";

/// What the same request with the same key gets.
enum class Repeat : std::uint8_t {
  answered_again,
  told_once,  // that it was done: the answer held a secret, which is not kept
};

class RememberedReplies {
 public:
  /// Both outlive it.
  RememberedReplies(const Ledger& ledger, const Clock& clock) : ledger_(ledger), clock_(clock) {}

  /// What answers a POST in place of doing it: its answer of before, 409 where it is being done, 422 where the key was
  /// another request's, 400 where it is no key. Otherwise it counts as being done until end().
  std::optional<Reply> begin(const Request& request);
  void end(const Request& request);

  /// Adds what remembers the reply, and forgets those that are too old or too many.
  void add_to(std::vector<Record>& records, const Request& request, const Reply& reply, Repeat repeat) const;

 private:
  void forget_some(std::vector<Record>& records) const;

  const Ledger& ledger_;
  const Clock& clock_;
  std::set<std::string> being_done_;  // names of records to be
};

}  // namespace ringway::manager
