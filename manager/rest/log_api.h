#pragma once
// The logs: what happened, and who did what. Each entry is its JSON object, and in front of it its number, its time and
// the hash that chains it to the entry before.
//
//   GET /v1/events, /v1/audit     the last first: ?limit=, ?cursor=; with ?after=NUMBER those behind it, the first
//   first

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "manager/rest/answer.h"
#include "manager/rest/router.h"

namespace ringway::manager {

/// An entry as the API tells it.
std::string log_entry_json(const LogEntry& entry);

class LogApi {
 public:
  using Entries = Result<std::vector<LogEntry>>;
  /// As Store::log_before(), and `then` once it has answered; false where too much waits for the store.
  using ReadOlder = std::function<bool(const std::string& log, std::uint64_t before, std::size_t most,
                                       std::function<void(const Entries&)> then)>;

  /// The ledger outlives the router's operations.
  LogApi(const Ledger& ledger, ReadOlder read_older) : ledger_(ledger), read_older_(std::move(read_older)) {}

  void add_to(Router& router);

 private:
  /// Which entries: numbers from `first` to `last`, and in which order they are told.
  struct Range {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    bool rising = false;
  };

  void list(const std::string& log, const Request& request, const Respond& respond) const;
  [[nodiscard]] std::variant<Range, Problem> range_of(const std::string& log, const Request& request) const;

  const Ledger& ledger_;
  ReadOlder read_older_;
};

}  // namespace ringway::manager
