#pragma once
// What survives: revisions, records beside them, and hash-chained logs. The manager holds all of it in memory; a store
// is read whole at the start, written in batches, and asked for what other managers wrote.
//
// A batch is written whole or not at all, and once write() has said so it survives a kill -9 and a power cut. Only the
// leader writes: its batches carry the epoch of its lease, and a batch of an older epoch is refused (fencing).
//
// Texts are UTF-8 without U+0000, bounded by limits::kMaxStore…. Every call blocks, at most limits::kStoreSilence
// while a server says nothing; a store has a thread of its own (store_thread.h). Not for several threads at once.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ringway::manager {

using WallTime = std::chrono::system_clock::time_point;
using Hash = std::array<std::uint8_t, 32>;  // SHA-256

/// What one revision says of one resource.
struct Change {
  std::string kind;                    // "sites"
  std::string name;                    // "shop"
  std::optional<std::string> content;  // canonical JSON; nothing: it is no more
  friend bool operator==(const Change&, const Change&) = default;
};

/// Immutable. Numbers begin with 1 and have no gaps; `hash` covers all else, and so by `parent` all before.
struct Revision {
  std::uint64_t number = 0;
  WallTime time;  // to the microsecond
  std::string author;
  std::string message;
  Hash parent{};  // of the revision before; zeros in the first
  Hash hash{};
  std::vector<Change> changes;
  friend bool operator==(const Revision&, const Revision&) = default;
};

/// What is no part of revisions: tokens, nodes, drafts, rollouts. (kind, name) names it; the last write counts.
struct Record {
  std::string kind;
  std::string name;
  std::optional<std::string> content;  // JSON; nothing: it is no more
  friend bool operator==(const Record&, const Record&) = default;
};

/// A line of a log that only grows ("audit", "events"). Numbers begin with 1 in each log.
struct LogEntry {
  std::string log;
  std::uint64_t number = 0;
  WallTime time;        // to the microsecond
  std::string content;  // JSON
  Hash hash{};          // of the entry before it and of this one
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

/// What is written together. Written again, where it is not known whether the first time it went through, it is `done`
/// at once if it did: its revision or its first entry tell it from all others, and records may be written twice.
struct Batch {
  std::optional<Revision> revision;  // the next in number, or the batch conflicts
  std::vector<Record> records;       // of one name the last counts
  std::vector<LogEntry> entries;     // each the next in its log, or the batch conflicts
};

/// The batches after one point, joined, in one consistent view.
struct Contents {
  std::uint64_t after = 0;          // as asked; 0 where the store no longer knows what came since: this is all, then
  std::uint64_t position = 0;       // the point after them
  std::uint64_t epoch = 0;          // of the lease
  std::vector<Revision> revisions;  // by number
  std::vector<Record> records;      // the latest of each, by kind and name; what is no more only where `after` is not 0
  std::vector<LogEntry> entries;    // by log and number
  friend bool operator==(const Contents&, const Contents&) = default;
};

enum class Written : std::uint8_t {
  done,
  conflict,     // somebody else wrote before: read what is new and try again
  fenced,       // another manager leads
  unavailable,  // nothing was written, or it is not known whether: the message says why; disk full, server gone
  malformed,    // no store takes it: too long, no UTF-8, a hash that is wrong; the caller's fault
};

struct WriteResult {
  Written written = Written::done;
  std::uint64_t position = 0;  // after the batch, where done
  std::string message;
};

struct Lease {
  std::string holder;       // a manager's name, and how others reach it
  std::uint64_t epoch = 0;  // greater with each change of holder, and with each restore
  bool mine = false;
};

/// What replace() does with what a store holds.
enum class Existing : std::uint8_t { kept, replaced };

/// Points inside write() where a test may end the process or cut the server off; nothing in production.
class FaultPoints {
 public:
  virtual ~FaultPoints() = default;
  virtual void reached(const char* point) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  /// All after `after` (0: from the start). Log entries only the last `most_entries` (at least 1) of each log where
  /// Contents::after is 0.
  virtual Result<Contents> read(std::uint64_t after, std::size_t most_entries) = 0;
  virtual WriteResult write(const Batch& batch, std::uint64_t epoch) = 0;

  /// Takes the lease where it is free, expired or already `holder`'s, for `life` from now by the store's own clock; a
  /// change of holder raises the epoch, and so does another process of the same holder (lease_rule.h). Says whose it
  /// is then.
  virtual Result<Lease> lease(const std::string& holder, std::chrono::milliseconds life) = 0;
  /// Gives the lease up where it is `holder`'s.
  virtual Status release(const std::string& holder) = 0;

  /// Older entries of one log, the last first, numbers below `before` (0: from the end).
  virtual Result<std::vector<LogEntry>> log_before(const std::string& log, std::uint64_t before, std::size_t most) = 0;

  /// A restore: all of `whole` (chain.h has verified it), and nothing of what was there. The epoch is above both, the
  /// lease is free, and every position read before is forgotten. An error, and nothing done, where the store holds
  /// anything that is to be kept.
  virtual Status replace(const Contents& whole, Existing existing) = 0;

  /// Waits at most so long, or until the descriptor `wake` (-1: none) can be read, for another manager's write to be
  /// told of (NOTIFY); true where one was, or may have been. A hint: who must know reads now and then.
  virtual bool wait_for_news(std::chrono::milliseconds most, int wake) = 0;
};

}  // namespace ringway::manager
