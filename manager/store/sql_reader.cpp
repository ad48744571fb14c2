#include "manager/store/sql_reader.h"

#include <algorithm>
#include <tuple>

#include "manager/store/chain.h"
#include "manager/store/schema.h"

namespace ringway::manager {

namespace {

constexpr const char* kStateColumns = "schema_major, position, forgotten, holder, process, epoch, taken_us, life_us";

Result<State> one_state(Database& database, std::string sql, const Parameters& parameters) {
  std::uint64_t major = 0;
  State state;
  std::size_t rows = 0;
  const Status read = database.run(std::move(sql), parameters, [&](const Row& row) {
    ++rows;
    major = row.count(0);
    state = {row.count(1), row.count(2), {row.text(3), row.text(4), row.count(5), row.number(6), row.number(7)}};
    return Status();
  });
  if (!read) return read.error();
  if (rows != 1) return internal_error("the store has lost its state: restore a backup into another one");
  if (Status known = check_schema(major); !known) return known.error();
  return state;
}

Status read_hash(const Row& row, int column, Hash& hash) {
  const std::optional<Hash> parsed = parse_hash(row.text(column));
  if (!parsed) return internal_error("a hash in the store is damaged: restore a backup");
  hash = *parsed;
  return {};
}

/// Columns: number, time_us, author, message, parent, hash.
Status add_revision(const Row& row, std::vector<Revision>& revisions) {
  Revision& revision = revisions.emplace_back();
  revision.number = row.count(0);
  revision.time = from_microseconds(row.number(1));
  revision.author = row.text(2);
  revision.message = row.text(3);
  Status parent = read_hash(row, 4, revision.parent);
  return parent.ok() ? read_hash(row, 5, revision.hash) : parent;
}

std::optional<std::string> optional_text(const Row& row, int column) {
  if (row.null(column)) return std::nullopt;
  return row.text(column);
}

/// Columns: log, number, time_us, content, hash.
Status add_entry(const Row& row, std::vector<LogEntry>& entries) {
  LogEntry& entry = entries.emplace_back();
  entry.log = row.text(0);
  entry.number = row.count(1);
  entry.time = from_microseconds(row.number(2));
  entry.content = row.text(3);
  return read_hash(row, 4, entry.hash);
}

Status read_revisions(Database& database, Contents& contents) {
  const Parameters after{contents.after};
  Status read = database.run(
      "SELECT number, time_us, author, message, parent, hash FROM revisions WHERE position > ?1 ORDER BY number", after,
      [&](const Row& row) { return add_revision(row, contents.revisions); });
  if (!read || contents.revisions.empty()) return read;
  // Their numbers have no gaps, so the changes' revisions have none either.
  const std::uint64_t first = contents.revisions.front().number;
  return database.run(
      "SELECT revision, kind, name, content FROM changes WHERE revision >= ?1 ORDER BY revision, ordinal",
      Parameters{first}, [&](const Row& row) {
        const std::uint64_t index = row.count(0) - first;
        if (index >= contents.revisions.size()) return Status(internal_error("a revision is missing in the store"));
        contents.revisions[index].changes.push_back({row.text(1), row.text(2), optional_text(row, 3)});
        return Status();
      });
}

Status read_records(Database& database, Contents& contents) {
  const std::string all = "SELECT kind, name, content FROM records WHERE position > ?1";
  Status read = database.run(contents.after > 0 ? all : all + " AND content IS NOT NULL", Parameters{contents.after},
                             [&](const Row& row) {
                               contents.records.push_back({row.text(0), row.text(1), optional_text(row, 2)});
                               return Status();
                             });
  // Here, because each database has an order of its own for texts.
  std::ranges::sort(contents.records, {}, [](const Record& record) { return std::tie(record.kind, record.name); });
  return read;
}

Status read_entries(Database& database, Contents& contents, std::size_t most_entries) {
  const std::string columns = "SELECT e.log, e.number, e.time_us, e.content, e.hash FROM log_entries e ";
  const auto add = [&](const Row& row) { return add_entry(row, contents.entries); };
  const std::uint64_t most = std::max<std::uint64_t>(most_entries, 1);
  Status read = contents.after > 0
                    ? database.run(columns + "WHERE e.position > ?1", Parameters{contents.after}, add)
                    : database.run(columns + "JOIN logs l ON l.log = e.log WHERE e.number > l.number - ?1",
                                   Parameters{most}, add);
  std::ranges::sort(contents.entries, {}, [](const LogEntry& entry) { return std::tie(entry.log, entry.number); });
  return read;
}

}  // namespace

Result<State> read_state(Database& database) {
  return one_state(database, std::string("SELECT ") + kStateColumns + " FROM state", {});
}

Result<State> lock_state(Database& database, std::uint64_t step) {
  return one_state(database, std::string("UPDATE state SET position = position + ?1 RETURNING ") + kStateColumns,
                   Parameters{step});
}

Result<Contents> read_contents(Database& database, std::uint64_t after, std::size_t most_entries) {
  const Result<State> state = read_state(database);
  if (!state) return state.error();
  Contents contents;
  const bool known = after >= state->forgotten && after <= state->position;
  contents.after = known ? after : 0;
  contents.position = state->position;
  contents.epoch = state->lease.epoch;
  if (contents.after == contents.position) return contents;
  if (Status read = read_revisions(database, contents); !read) return read.error();
  if (Status read = read_records(database, contents); !read) return read.error();
  if (Status read = read_entries(database, contents, most_entries); !read) return read.error();
  return contents;
}

Result<std::vector<LogEntry>> read_log_before(Database& database, const std::string& log, std::uint64_t before,
                                              std::size_t most) {
  std::vector<LogEntry> entries;
  const std::uint64_t below = before == 0 ? std::numeric_limits<std::uint64_t>::max() : before;
  const Status read = database.run(
      "SELECT log, number, time_us, content, hash FROM log_entries WHERE log = ?1 AND number < ?2 "
      "ORDER BY number DESC LIMIT ?3",
      {log, below, std::uint64_t{most}}, [&](const Row& row) { return add_entry(row, entries); });
  if (!read) return read.error();
  return entries;
}

Result<Head> read_revision_head(Database& database) {
  Head head;
  const Status read =
      database.run("SELECT number, hash FROM revisions ORDER BY number DESC LIMIT 1", {}, [&](const Row& row) {
        head.number = row.count(0);
        return read_hash(row, 1, head.hash);
      });
  if (!read) return read.error();
  return head;
}

Result<std::map<std::string, Head>> read_log_heads(Database& database) {
  std::map<std::string, Head> heads;
  const Status read = database.run("SELECT log, number, hash FROM logs", {}, [&](const Row& row) {
    Head& head = heads[row.text(0)];
    head.number = row.count(1);
    return read_hash(row, 2, head.hash);
  });
  if (!read) return read.error();
  return heads;
}

Result<std::uint64_t> find_batch(Database& database, const Batch& batch) {
  std::uint64_t position = 0;
  const auto found = [&](const Row& row) {
    position = row.count(0);
    return Status();
  };
  Status read;
  if (batch.revision) {
    read = database.run("SELECT position FROM revisions WHERE number = ?1 AND hash = ?2",
                        {batch.revision->number, to_text(batch.revision->hash)}, found);
  } else if (!batch.entries.empty()) {
    const LogEntry& first = batch.entries.front();
    read = database.run("SELECT position FROM log_entries WHERE log = ?1 AND number = ?2 AND hash = ?3",
                        {first.log, first.number, to_text(first.hash)}, found);
  }
  if (!read) return read.error();
  return position;
}

}  // namespace ringway::manager
