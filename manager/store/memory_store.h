#pragma once
// The store as a list of batches in memory: what tests of other parts use, and the model that the real stores are
// measured against. Slow and plain on purpose. It forgets nothing that is no more.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "manager/store/lease_rule.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// What outlives a MemoryStore. Several stores, of several threads too, may be of one disk, as managers share a
/// database.
class MemoryDisk {
 public:
  enum class Trouble : std::uint8_t {
    none,
    refuses,       // every call fails, nothing is written
    loses_answers  // what is written is written, but nobody learns of it
  };

  /// `clock` measures leases; none: the system's.
  explicit MemoryDisk(std::function<WallTime()> clock = nullptr) : clock_(std::move(clock)) {}

  void set(Trouble trouble);

 private:
  friend class MemoryStore;
  [[nodiscard]] std::int64_t now_us() const;
  [[nodiscard]] std::uint64_t position() const { return batches_.empty() ? 0 : batches_.back().position; }

  std::function<WallTime()> clock_;
  std::mutex mutex_;
  Trouble trouble_ = Trouble::none;
  std::vector<Contents> batches_;  // each with its position
  std::uint64_t forgotten_ = 0;    // what a restore replaced
  LeaseState lease_;
};

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryDisk> disk);

  Result<Contents> read(std::uint64_t after, std::size_t most_entries) override;
  WriteResult write(const Batch& batch, std::uint64_t epoch) override;
  Result<Lease> lease(const std::string& holder, std::chrono::milliseconds life) override;
  Status release(const std::string& holder) override;
  Result<std::vector<LogEntry>> log_before(const std::string& log, std::uint64_t before, std::size_t most) override;
  Status replace(const Contents& whole, Existing existing) override;
  bool wait_for_news(std::chrono::milliseconds most, int wake) override;

 private:
  [[nodiscard]] Contents joined(std::uint64_t after) const;
  [[nodiscard]] std::uint64_t find(const Batch& batch) const;
  [[nodiscard]] WriteResult judge(const Batch& batch, std::uint64_t epoch) const;
  [[nodiscard]] bool fails_before() const { return disk_->trouble_ == MemoryDisk::Trouble::refuses; }
  [[nodiscard]] bool fails_after() const { return disk_->trouble_ == MemoryDisk::Trouble::loses_answers; }

  std::shared_ptr<MemoryDisk> disk_;
  std::string process_;
  Past past_ = Past::never_led;
  std::uint64_t told_ = 0;  // the position up to which this store knows of writes
};

}  // namespace ringway::manager
