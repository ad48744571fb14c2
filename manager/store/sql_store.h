#pragma once
// The store over either database. A commit is one transaction:
//
//   begin → lock the state and move its position → lease's epoch? head of revisions and logs? → rows → tell → commit
//
// Whoever commits holds the lock of the state's only row, so positions become visible in their order, and what is
// checked under it stays true until the end.

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "manager/store/database.h"
#include "manager/store/lease_rule.h"
#include "manager/store/sql_reader.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// In the order in which write() comes by.
inline constexpr std::array kFaultPoints = {"begun",   "judged", "revision",   "records",
                                            "entries", "told",   "committing", "committed"};

/// For tests; production has none of them.
struct StoreOptions {
  FaultPoints* faults = nullptr;
  std::uint64_t kept_positions = limits::kStoreKeptPositions;
  std::function<WallTime()> clock;  // of leases, where the store has none of its own; none: the system's
};

class SqlStore final : public Store {
 public:
  /// Brings the schema up to date first.
  static Result<std::unique_ptr<Store>> open(std::unique_ptr<Database> database, const StoreOptions& options);

  Result<Contents> read(std::uint64_t after, std::size_t most_entries) override;
  WriteResult write(const Batch& batch, std::uint64_t epoch) override;
  Result<Lease> lease(const std::string& holder, std::chrono::milliseconds life) override;
  Status release(const std::string& holder) override;
  Result<std::vector<LogEntry>> log_before(const std::string& log, std::uint64_t before, std::size_t most) override;
  Status replace(const Contents& whole, Existing existing) override;
  bool wait_for_news(std::chrono::milliseconds most, int wake) override;

 private:
  SqlStore(std::unique_ptr<Database> database, const StoreOptions& options);
  Result<WriteResult> judge(const Batch& batch, std::uint64_t epoch);
  WriteResult unless_there(const Batch& batch, WriteResult refusal);
  WriteResult unavailable(const Error& error) const;
  Status store(const Batch& batch, std::uint64_t position);
  Status store_whole(const Contents& whole, const State& state);
  Status store_lease(const LeaseState& lease);
  void reached(const char* point);

  std::unique_ptr<Database> database_;
  StoreOptions options_;
  std::string process_;  // tells this store's leases from those of others of its name
  Past past_ = Past::never_led;
};

}  // namespace ringway::manager
