#include "manager/store/sql_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "manager/store/chain.h"
#include "manager/store/check.h"
#include "manager/store/schema.h"
#include "manager/store/sql_writer.h"

namespace ringway::manager {

namespace {

std::string drawn_by_lot() {
  std::array<std::uint8_t, 16> octets{};
  SystemRandom().fill(octets);
  return to_hex(octets);
}

bool follows(const Revision& revision, const Head& head) {
  return revision.number == head.number + 1 && revision.parent == head.hash;
}

/// Whether each is the next of its log; moves `heads` on.
bool follow(const std::vector<LogEntry>& entries, std::map<std::string, Head>& heads) {
  for (const LogEntry& entry : entries) {
    Head& head = heads[entry.log];
    if (entry.number != head.number + 1 || entry.hash != hash_of(entry, head.hash)) return false;
    head = {entry.number, entry.hash};
  }
  return true;
}

WriteResult fenced(const LeaseState& lease) {
  if (lease.holder.empty()) return {Written::fenced, 0, "nobody holds the lease"};
  return {Written::fenced, 0, fmt::format("'{}' leads, with epoch {}", lease.holder, lease.epoch)};
}

}  // namespace

Result<std::unique_ptr<Store>> SqlStore::open(std::unique_ptr<Database> database, const StoreOptions& options) {
  if (Status done = migrate(*database, migrations()); !done) return done.error();
  return std::unique_ptr<Store>(new SqlStore(std::move(database), options));
}

SqlStore::SqlStore(std::unique_ptr<Database> database, const StoreOptions& options)
    : database_(std::move(database)), options_(options), process_(drawn_by_lot()) {}

Result<Contents> SqlStore::read(std::uint64_t after, std::size_t most_entries) {
  Transaction transaction(*database_);
  if (Status begun = transaction.begin(Access::read); !begun) return begun.error();
  return read_contents(*database_, after, most_entries);
}

Result<std::vector<LogEntry>> SqlStore::log_before(const std::string& log, std::uint64_t before, std::size_t most) {
  Transaction transaction(*database_);
  if (Status begun = transaction.begin(Access::read); !begun) return begun.error();
  return read_log_before(*database_, log, before, most);
}

WriteResult SqlStore::write(const Batch& batch, std::uint64_t epoch) {
  if (const Status fit = check(batch); !fit) return {Written::malformed, 0, fit.error().message};
  Transaction transaction(*database_);
  if (const Status begun = transaction.begin(Access::write); !begun) return unavailable(begun.error());
  reached("begun");
  const Result<WriteResult> verdict = judge(batch, epoch);
  if (!verdict) return unavailable(verdict.error());
  if (verdict->written != Written::done) return unless_there(batch, *verdict);
  reached("judged");
  if (const Status stored = store(batch, verdict->position); !stored) return unavailable(stored.error());
  reached("committing");
  if (const Status committed = transaction.commit(); !committed) return unavailable(committed.error());
  reached("committed");
  return *verdict;
}

/// `done` where it may be stored under the position that is said.
Result<WriteResult> SqlStore::judge(const Batch& batch, std::uint64_t epoch) {
  const Result<State> state = lock_state(*database_, 1);
  if (!state) return state.error();
  if (state->lease.epoch != epoch || state->lease.holder.empty()) return fenced(state->lease);
  if (batch.revision) {
    const Result<Head> head = read_revision_head(*database_);
    if (!head) return head.error();
    if (!follows(*batch.revision, *head)) {
      return WriteResult{Written::conflict, 0, fmt::format("the last revision is {}", head->number)};
    }
  }
  if (!batch.entries.empty()) {
    Result<std::map<std::string, Head>> heads = read_log_heads(*database_);
    if (!heads) return heads.error();
    if (!follow(batch.entries, *heads)) return WriteResult{Written::conflict, 0, "a log has gone on meanwhile"};
  }
  return WriteResult{Written::done, state->position, ""};
}

/// What is refused may be what went through before, when its answer was lost.
WriteResult SqlStore::unless_there(const Batch& batch, WriteResult refusal) {
  const Result<std::uint64_t> position = find_batch(*database_, batch);
  if (!position) return unavailable(position.error());
  return *position == 0 ? std::move(refusal) : WriteResult{Written::done, *position, ""};
}

WriteResult SqlStore::unavailable(const Error& error) const {
  const char* doubt = database_->may_be_written() ? "; it is not known whether this was written" : "";
  return {Written::unavailable, 0, error.message + doubt};
}

Status SqlStore::store(const Batch& batch, std::uint64_t position) {
  Status done;
  if (batch.revision) done = write_revision(*database_, *batch.revision, position);
  if (!done) return done;
  reached("revision");
  if (done = write_records(*database_, batch.records, position); !done) return done;
  reached("records");
  if (done = write_entries(*database_, batch.entries, position); !done) return done;
  reached("entries");
  // Now and then is enough, and keeps a burst of deletions from waiting for it at each.
  const std::uint64_t kept = options_.kept_positions;
  if (position > kept && position % (kept / 64 + 1) == 0) done = forget(*database_, position - kept);
  if (done.ok()) done = database_->tell(position);
  reached("told");
  return done;
}

Result<Lease> SqlStore::lease(const std::string& holder, std::chrono::milliseconds life) {
  Transaction transaction(*database_);
  if (Status begun = transaction.begin(Access::write); !begun) return begun.error();
  const Result<State> state = lock_state(*database_, 0);
  if (!state) return state.error();
  const Result<std::int64_t> now_us = database_->now_us();
  if (!now_us) return now_us.error();
  const LeaseClaim claim{holder, process_, past_, std::chrono::microseconds(life).count()};
  const std::optional<LeaseState> claimed = claim_lease(state->lease, claim, *now_us);
  if (!claimed) return Lease{state->lease.holder, state->lease.epoch, false};
  if (Status stored = store_lease(*claimed); !stored) return stored.error();
  if (Status committed = transaction.commit(); !committed) return committed.error();
  past_ = Past::has_led;
  return Lease{claimed->holder, claimed->epoch, true};
}

Status SqlStore::release(const std::string& holder) {
  Transaction transaction(*database_);
  if (Status begun = transaction.begin(Access::write); !begun) return begun;
  const Result<State> state = lock_state(*database_, 0);
  if (!state) return state.error();
  if (!is_of(state->lease, {holder, process_, past_, 0})) return {};
  LeaseState free;
  free.epoch = state->lease.epoch;
  if (Status stored = store_lease(free); !stored) return stored;
  return transaction.commit();
}

Status SqlStore::store_lease(const LeaseState& lease) {
  return database_->run("UPDATE state SET holder = ?1, process = ?2, epoch = ?3, taken_us = ?4, life_us = ?5",
                        {lease.holder, lease.process, lease.epoch, lease.taken_us, lease.life_us}, nullptr);
}

Status SqlStore::replace(const Contents& whole, Existing existing) {
  Transaction transaction(*database_);
  if (Status begun = transaction.begin(Access::overhaul); !begun) return begun;
  const Result<State> state = lock_state(*database_, 0);
  if (!state) return state.error();
  if (state->position > 0 && existing == Existing::kept) {
    return internal_error("the store holds something already, which a restore would delete");
  }
  if (Status stored = store_whole(whole, *state); !stored) return stored;
  return transaction.commit();
}

Status SqlStore::store_whole(const Contents& whole, const State& state) {
  const std::uint64_t position = std::max(state.position, whole.position) + 1;
  if (Status done = delete_all(*database_); !done) return done;
  for (const Revision& revision : whole.revisions) {
    if (Status done = write_revision(*database_, revision, position); !done) return done;
  }
  if (Status done = write_records(*database_, whole.records, position); !done) return done;
  if (Status done = write_entries(*database_, whole.entries, position); !done) return done;
  LeaseState lease;
  lease.epoch = std::max(state.lease.epoch, whole.epoch) + 1;
  if (Status done = store_lease(lease); !done) return done;
  const Status moved = database_->run("UPDATE state SET position = ?1, forgotten = ?1", Parameters{position}, nullptr);
  return moved.ok() ? database_->tell(position) : moved;
}

bool SqlStore::wait_for_news(std::chrono::milliseconds most, int wake) { return database_->wait_for_news(most, wake); }

void SqlStore::reached(const char* point) {
  if (options_.faults != nullptr) options_.faults->reached(point);
}

}  // namespace ringway::manager
