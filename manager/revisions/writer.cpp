#include "manager/revisions/writer.h"

#include <cassert>
#include <map>
#include <utility>

#include "base/limits.h"

namespace ringway::manager {

namespace {

Contents contents_of(const Batch& batch, std::uint64_t position) {
  Contents contents;
  contents.position = position;
  if (batch.revision) contents.revisions.push_back(*batch.revision);
  contents.records = batch.records;
  contents.entries = batch.entries;
  return contents;
}

/// Numbers the lines, each in its log.
std::vector<LogEntry> numbered(const Ledger& ledger, const std::vector<LogText>& texts, WallTime now) {
  std::map<std::string, LogEnd> ends;
  std::vector<LogEntry> entries;
  for (const LogText& text : texts) {
    LogEnd& end = ends.try_emplace(text.log, ledger.log(text.log).end()).first->second;
    entries.push_back(next_entry(end, text, now));
  }
  return entries;
}

}  // namespace

Writer::Writer(Ledger& ledger, const Clock& clock, Write write, std::function<void()> on_lost)
    : ledger_(ledger), clock_(clock), write_(std::move(write)), on_lost_(std::move(on_lost)) {}

void Writer::submit(Prepare prepare, Then then) {
  if (jobs_.size() >= limits::kMaxQueuedWrites) return then(unavailable("too many changes wait to be written"));
  jobs_.push_back({std::move(prepare), std::move(then)});
  next();
}

void Writer::pause(std::string why) {
  paused_ = true;
  why_ = std::move(why);
  if (!busy_) next();
}

void Writer::resume() {
  paused_ = false;
  next();
}

/// Begins jobs until one is with the store.
void Writer::next() {
  while (!busy_ && !jobs_.empty()) {
    busy_ = true;
    if (paused_) {
      finish(unavailable(why_));
      continue;
    }
    std::variant<Writing, Problem> prepared = jobs_.front().prepare(ledger_);
    if (const Problem* problem = std::get_if<Problem>(&prepared)) {
      finish(*problem);
    } else {
      write(std::move(std::get<Writing>(prepared)));
    }
  }
}

void Writer::write(Writing writing) {
  if (writing.empty()) return finish(std::nullopt);
  Batch batch;
  batch.revision = std::move(writing.revision);
  batch.records = std::move(writing.records);
  batch.entries = numbered(ledger_, writing.entries, clock_.wall());
  const bool asked = write_(batch, [this, batch](const WriteResult& result) {
    on_written(batch, result);
    next();
  });
  if (!asked) finish(unavailable("the store does not keep up"));
}

void Writer::on_written(const Batch& batch, const WriteResult& result) {
  switch (result.written) {
    case Written::done: {
      const Status taken = ledger_.take(contents_of(batch, result.position));
      assert(taken.ok());
      return finish(std::nullopt);
    }
    case Written::malformed: return finish(bad_request(result.message));
    case Written::conflict:
    case Written::fenced:
    case Written::unavailable: break;
  }
  paused_ = true;
  why_ = result.written == Written::unavailable ? result.message : "another manager leads now";
  finish(unavailable(why_));
  on_lost_();
}

void Writer::finish(const std::optional<Problem>& problem) {
  const Job job = std::move(jobs_.front());
  jobs_.pop_front();
  busy_ = false;
  job.then(problem);
}

}  // namespace ringway::manager
