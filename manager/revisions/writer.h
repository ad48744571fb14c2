#pragma once
// Everything that is written goes through here, one piece at a time: what it would change is decided when its turn has
// come, on the ledger as it is then, so that two changes never build on the same head.
//
//   submit() ─▶ queue ─▶ prepare(ledger) ─▶ store ─▶ ledger.take() ─▶ then()
//                            └─ a problem, or nothing to write ──────▶ then()

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "manager/rest/problem.h"
#include "manager/revisions/ledger.h"

namespace ringway::manager {

/// What one piece of work wants to be written.
struct Writing {
  std::optional<Revision> revision;  // of a proposal
  std::vector<Record> records;
  std::vector<LogText> entries;
  [[nodiscard]] bool empty() const { return !revision && records.empty() && entries.empty(); }
};

class Writer {
 public:
  /// Writes a batch on the store's thread and calls back; false where too much waits there already.
  using Write = std::function<bool(const Batch&, std::function<void(WriteResult)>)>;
  using Prepare = std::function<std::variant<Writing, Problem>(const Ledger&)>;
  using Then = std::function<void(const std::optional<Problem>&)>;

  /// `on_lost` is called when the ledger no longer knows what the store holds: read it again, then resume().
  Writer(Ledger& ledger, const Clock& clock, Write write, std::function<void()> on_lost);

  /// `then` hears of a problem, or that all is written and in the ledger. Not before submit() returns, unless there
  /// is no room for it.
  void submit(Prepare prepare, Then then);
  /// Nothing is written until resume(): another manager leads, or the store must be read first.
  void pause(std::string why);
  void resume();
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }

 private:
  struct Job {
    Prepare prepare;
    Then then;
  };

  void next();
  void write(Writing writing);
  void on_written(const Batch& batch, const WriteResult& result);
  void finish(const std::optional<Problem>& problem);

  Ledger& ledger_;
  const Clock& clock_;
  Write write_;
  std::function<void()> on_lost_;
  std::deque<Job> jobs_;  // the first is the one at work while `busy_`
  bool busy_ = false;
  bool paused_ = true;
  std::string why_ = "the store is being read";
};

}  // namespace ringway::manager
