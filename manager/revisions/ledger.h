#pragma once
// What the manager holds of its store, in memory: revisions, records, and the ends of the logs.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manager/revisions/registry.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// By kind, then by name: the JSON of each.
using RecordMap = std::map<std::string, std::string, std::less<>>;

/// A line for a log, not yet numbered.
struct LogText {
  std::string log;
  std::string content;  // JSON
};

/// Where a log goes on.
struct LogEnd {
  std::uint64_t number = 0;  // of the last entry
  Hash hash{};
};

/// The entry that follows; `end` is moved behind it.
LogEntry next_entry(LogEnd& end, const LogText& text, WallTime time);

/// The last entries of one log.
class LogTail {
 public:
  /// An error where it does not follow on the last.
  Status take(const LogEntry& entry);
  /// The last first come last; at most limits::kRememberedLogEntries.
  [[nodiscard]] const std::deque<LogEntry>& entries() const { return entries_; }
  [[nodiscard]] const LogEnd& end() const { return end_; }

 private:
  LogEnd end_;
  std::deque<LogEntry> entries_;
};

inline constexpr const char* kEventLog = "events";

class Ledger {
 public:
  explicit Ledger(ResourceKinds kinds) : registry_(std::move(kinds)) {}

  /// What was read from the store, or what was written to it.
  Status take(const Contents& contents);
  /// As at the start: the store is to be read whole.
  void clear();

  [[nodiscard]] const Registry& registry() const { return registry_; }
  [[nodiscard]] const RecordMap& records(std::string_view kind) const;
  /// Null where there is none.
  [[nodiscard]] const std::string* record(std::string_view kind, std::string_view name) const;
  [[nodiscard]] const LogTail& log(std::string_view name) const;
  /// In the store, up to which all is here.
  [[nodiscard]] std::uint64_t position() const { return position_; }

 private:
  Registry registry_;
  std::map<std::string, RecordMap, std::less<>> records_;
  std::map<std::string, LogTail, std::less<>> logs_;
  std::uint64_t position_ = 0;
};

}  // namespace ringway::manager
