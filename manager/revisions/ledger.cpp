#include "manager/revisions/ledger.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"
#include "manager/store/chain.h"

namespace ringway::manager {

LogEntry next_entry(LogEnd& end, const LogText& text, WallTime time) {
  LogEntry entry;
  entry.log = text.log;
  entry.number = end.number + 1;
  entry.time = time;
  entry.content = text.content;
  seal(entry, end.hash);
  end = {entry.number, entry.hash};
  return entry;
}

Status LogTail::take(const LogEntry& entry) {
  // At the start the store is asked for the last entries alone: the first of those has nothing here before it.
  const bool follows = entry.number == end_.number + 1 && hash_of(entry, end_.hash) == entry.hash;
  if (!entries_.empty() && !follows) {
    return internal_error(fmt::format("entry {} of the log {} does not follow on entry {}: the store was altered",
                                      entry.number, entry.log, end_.number));
  }
  end_ = {entry.number, entry.hash};
  entries_.push_back(entry);
  if (entries_.size() > limits::kRememberedLogEntries) entries_.pop_front();
  return {};
}

Status Ledger::take(const Contents& contents) {
  const Status revisions = registry_.take(contents.revisions);
  if (!revisions) return revisions;
  for (const LogEntry& entry : contents.entries) {
    const Status taken = logs_[entry.log].take(entry);
    if (!taken) return taken;
  }
  for (const Record& record : contents.records) {
    RecordMap& records = records_[record.kind];
    if (record.content) {
      records[record.name] = *record.content;
    } else {
      records.erase(record.name);
    }
  }
  position_ = contents.position;
  return {};
}

void Ledger::clear() {
  registry_.clear();
  records_.clear();
  logs_.clear();
  position_ = 0;
}

const RecordMap& Ledger::records(std::string_view kind) const {
  static const RecordMap kNone;
  const auto found = records_.find(kind);
  return found == records_.end() ? kNone : found->second;
}

const std::string* Ledger::record(std::string_view kind, std::string_view name) const {
  const RecordMap& all = records(kind);
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

const LogTail& Ledger::log(std::string_view name) const {
  static const LogTail kNone;
  const auto found = logs_.find(name);
  return found == logs_.end() ? kNone : found->second;
}

}  // namespace ringway::manager
