#include "manager/store/sql_writer.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "manager/store/chain.h"

namespace ringway::manager {

namespace {

/// Rows of one table, a hundred in a statement: a server far away is asked seldom.
class Insert {
 public:
  /// `suffix` follows the values.
  Insert(Database& database, std::string_view into, std::string_view suffix = "")
      : database_(database), into_(into), suffix_(suffix) {}

  Status row(Parameters values) {
    std::string places;
    for (Parameter& value : values) {
      parameters_.push_back(std::move(value));
      places += fmt::format("{}?{}", places.empty() ? "" : ", ", parameters_.size());
    }
    values_ += fmt::format("{}({})", values_.empty() ? "" : ", ", places);
    return ++rows_ < kRowsPerStatement ? Status() : finish();
  }

  Status finish() {
    if (rows_ == 0) return {};
    Status done =
        database_.run(fmt::format("INSERT INTO {} VALUES {} {}", into_, values_, suffix_), parameters_, nullptr);
    parameters_.clear();
    values_.clear();
    rows_ = 0;
    return done;
  }

 private:
  static constexpr int kRowsPerStatement = 100;

  Database& database_;
  std::string_view into_;
  std::string_view suffix_;
  Parameters parameters_;
  std::string values_;
  int rows_ = 0;
};

Status write_heads(Database& database, const std::vector<LogEntry>& entries) {
  std::map<std::string_view, const LogEntry*> last;
  for (const LogEntry& entry : entries) last[entry.log] = &entry;
  Insert insert(database, "logs (log, number, hash)",
                "ON CONFLICT (log) DO UPDATE SET number = excluded.number, hash = excluded.hash");
  for (const auto& [log, entry] : last) {
    if (Status done = insert.row({entry->log, entry->number, to_text(entry->hash)}); !done) return done;
  }
  return insert.finish();
}

}  // namespace

Status write_revision(Database& database, const Revision& revision, std::uint64_t position) {
  Insert row(database, "revisions (number, position, time_us, author, message, parent, hash)");
  Status done = row.row({revision.number, position, to_microseconds(revision.time), revision.author, revision.message,
                         to_text(revision.parent), to_text(revision.hash)});
  if (done.ok()) done = row.finish();
  Insert changes(database, "changes (revision, ordinal, kind, name, content)");
  std::uint64_t ordinal = 0;
  for (const Change& change : revision.changes) {
    if (!done) return done;
    done = changes.row({revision.number, ordinal++, change.kind, change.name, change.content});
  }
  return done.ok() ? changes.finish() : done;
}

Status write_records(Database& database, const std::vector<Record>& records, std::uint64_t position) {
  // PostgreSQL updates no row twice in a statement.
  std::map<std::pair<std::string_view, std::string_view>, const Record*> last;
  for (const Record& record : records) last[{record.kind, record.name}] = &record;
  Insert insert(database, "records (kind, name, content, position)",
                "ON CONFLICT (kind, name) DO UPDATE SET content = excluded.content, position = excluded.position");
  for (const auto& [key, record] : last) {
    if (Status done = insert.row({record->kind, record->name, record->content, position}); !done) return done;
  }
  return insert.finish();
}

Status write_entries(Database& database, const std::vector<LogEntry>& entries, std::uint64_t position) {
  if (Status heads = write_heads(database, entries); !heads) return heads;
  Insert insert(database, "log_entries (log, number, position, time_us, content, hash)");
  for (const LogEntry& entry : entries) {
    const Status done = insert.row(
        {entry.log, entry.number, position, to_microseconds(entry.time), entry.content, to_text(entry.hash)});
    if (!done) return done;
  }
  return insert.finish();
}

Status forget(Database& database, std::uint64_t position) {
  const Parameters upto{position};
  Status done = database.run("DELETE FROM records WHERE content IS NULL AND position <= ?1", upto, nullptr);
  if (!done) return done;
  return database.run("UPDATE state SET forgotten = ?1 WHERE forgotten < ?1", upto, nullptr);
}

Status delete_all(Database& database) {
  for (const char* table : {"changes", "revisions", "log_entries", "logs", "records"}) {
    if (Status done = database.run(fmt::format("DELETE FROM {}", table), {}, nullptr); !done) return done;
  }
  return {};
}

}  // namespace ringway::manager
