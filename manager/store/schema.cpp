#include "manager/store/schema.h"

#include <fmt/format.h>

#include <array>

namespace ringway::manager {

namespace {

// `one` keeps the state to a single row; whoever commits takes that row's lock first. `position` is the batch that
// wrote the row last. Hashes are hexadecimal so that psql and sqlite3 show them.
constexpr const char* kFirst = R"(
CREATE TABLE state (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  schema_major BIGINT NOT NULL,
  schema_minor BIGINT NOT NULL,
  position BIGINT NOT NULL,
  forgotten BIGINT NOT NULL,
  holder TEXT NOT NULL,
  process TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  taken_us BIGINT NOT NULL,
  life_us BIGINT NOT NULL
);
INSERT INTO state VALUES (1, 1, 0, 0, 0, '', '', 0, 0, 0);
CREATE TABLE revisions (
  number BIGINT PRIMARY KEY,
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  author TEXT NOT NULL,
  message TEXT NOT NULL,
  parent TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX revisions_by_position ON revisions (position);
CREATE TABLE changes (
  revision BIGINT NOT NULL REFERENCES revisions (number),
  ordinal BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  content TEXT,
  PRIMARY KEY (revision, ordinal)
);
CREATE TABLE records (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  content TEXT,
  position BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);
CREATE INDEX records_by_position ON records (position);
CREATE INDEX records_no_more ON records (position) WHERE content IS NULL;
CREATE TABLE logs (
  log TEXT PRIMARY KEY,
  number BIGINT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE log_entries (
  log TEXT NOT NULL REFERENCES logs (log),
  number BIGINT NOT NULL,
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  content TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (log, number)
);
CREATE INDEX log_entries_by_position ON log_entries (position);
)";

Result<SchemaVersion> version_of(Database& database) {
  const Result<bool> there = database.has_schema();
  if (!there) return there.error();
  SchemaVersion version;
  if (!*there) return version;
  std::size_t rows = 0;
  const Status read = database.run("SELECT schema_major, schema_minor FROM state", {}, [&](const Row& row) {
    version = {row.count(0), row.count(1)};
    ++rows;
    return Status();
  });
  if (!read) return read.error();
  if (rows != 1) return internal_error("the store has lost its state: restore a backup into another one");
  return version;
}

Error too_new(std::uint64_t major, std::uint64_t known) {
  return internal_error(
      fmt::format("it was written by a newer release (its schema is {}, this release knows up to {}): "
                  "run that release, or restore a backup of this one into another store",
                  major, known));
}

Status step(Database& database, std::span<const Migration> steps) {
  Transaction transaction(database);
  if (Status begun = transaction.begin(Access::overhaul); !begun) return begun;
  // Asked again under the lock: another manager may have done it meanwhile.
  const Result<SchemaVersion> version = version_of(database);
  if (!version) return version.error();
  for (const Migration& migration : steps) {
    if (migration.to <= *version) continue;
    if (Status done = database.script(migration.sql); !done) return done;
    const Parameters to{migration.to.major, migration.to.minor};
    const Status noted = database.run("UPDATE state SET schema_major = ?1, schema_minor = ?2", to, nullptr);
    if (!noted) return noted;
  }
  return transaction.commit();
}

}  // namespace

std::span<const Migration> migrations() {
  static const std::array<Migration, 1> kMigrations{Migration{{1, 0}, kFirst}};
  return kMigrations;
}

Status migrate(Database& database, std::span<const Migration> steps) {
  Result<SchemaVersion> version = SchemaVersion{};
  {
    Transaction transaction(database);
    if (Status begun = transaction.begin(Access::read); !begun) return begun;
    version = version_of(database);
  }
  if (!version) return version.error();
  const SchemaVersion last = steps.back().to;
  if (version->major > last.major) return too_new(version->major, last.major);
  return *version >= last ? Status() : step(database, steps);
}

Status check_schema(std::uint64_t major) {
  const std::uint64_t known = migrations().back().to.major;
  if (major > known) return too_new(major, known);
  return {};
}

}  // namespace ringway::manager
