#include "manager/store/memory_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <tuple>
#include <utility>

#include "manager/store/chain.h"
#include "manager/store/check.h"
#include "manager/store/database.h"

namespace ringway::manager {

namespace {

Error out_of_order() { return {Side::internal, Retry::safe, "the memory store is told to fail"}; }

WriteResult unavailable() { return {Written::unavailable, 0, out_of_order().message}; }

/// Those of one log, in order.
std::vector<LogEntry> entries_of(const std::vector<LogEntry>& entries, const std::string& log) {
  std::vector<LogEntry> found;
  std::ranges::copy_if(entries, std::back_inserter(found), [&](const LogEntry& entry) { return entry.log == log; });
  return found;
}

void keep_last(std::vector<LogEntry>& entries, std::size_t most) {
  std::map<std::string, std::uint64_t> last;
  for (const LogEntry& entry : entries) last[entry.log] = entry.number;
  const std::uint64_t kept = std::max<std::uint64_t>(most, 1);
  std::erase_if(entries, [&](const LogEntry& entry) { return last[entry.log] - entry.number >= kept; });
}

}  // namespace

void MemoryDisk::set(Trouble trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
}

std::int64_t MemoryDisk::now_us() const {
  return to_microseconds(clock_ ? clock_() : std::chrono::system_clock::now());
}

MemoryStore::MemoryStore(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {
  static std::atomic<std::uint64_t> stores{0};
  process_ = std::to_string(++stores);
}

/// All after `after`, sorted; of records the latest, those included that are no more.
Contents MemoryStore::joined(std::uint64_t after) const {
  Contents all;
  all.after = after;
  all.position = disk_->position();
  all.epoch = disk_->lease_.epoch;
  std::map<std::pair<std::string, std::string>, Record> records;
  for (const Contents& batch : disk_->batches_) {
    if (batch.position <= after) continue;
    all.revisions.insert(all.revisions.end(), batch.revisions.begin(), batch.revisions.end());
    all.entries.insert(all.entries.end(), batch.entries.begin(), batch.entries.end());
    for (const Record& record : batch.records) records[{record.kind, record.name}] = record;
  }
  for (const auto& [key, record] : records) all.records.push_back(record);
  std::ranges::sort(all.entries, {}, [](const LogEntry& entry) { return std::tie(entry.log, entry.number); });
  return all;
}

Result<Contents> MemoryStore::read(std::uint64_t after, std::size_t most_entries) {
  const std::lock_guard lock(disk_->mutex_);
  if (fails_before()) return out_of_order();
  const bool known = after >= disk_->forgotten_ && after <= disk_->position();
  Contents contents = joined(known ? after : 0);
  if (contents.after == 0) {
    std::erase_if(contents.records, [](const Record& record) { return !record.content; });
    keep_last(contents.entries, most_entries);
  }
  return contents;
}

WriteResult MemoryStore::write(const Batch& batch, std::uint64_t epoch) {
  if (const Status fit = check(batch); !fit) return {Written::malformed, 0, fit.error().message};
  const std::lock_guard lock(disk_->mutex_);
  if (fails_before()) return unavailable();
  WriteResult result = judge(batch, epoch);
  if (result.written != Written::done) {
    const std::uint64_t there = find(batch);
    return there == 0 ? result : WriteResult{Written::done, there, ""};
  }
  Contents& written = disk_->batches_.emplace_back();
  written.position = result.position;
  if (batch.revision) written.revisions.push_back(*batch.revision);
  written.records = batch.records;
  written.entries = batch.entries;
  if (told_ + 1 == result.position) told_ = result.position;
  return fails_after() ? unavailable() : result;
}

WriteResult MemoryStore::judge(const Batch& batch, std::uint64_t epoch) const {
  const LeaseState& lease = disk_->lease_;
  if (lease.holder.empty() || lease.epoch != epoch) return {Written::fenced, 0, "'" + lease.holder + "' leads"};
  Contents all = joined(0);
  if (batch.revision) {
    const Revision head = all.revisions.empty() ? Revision() : all.revisions.back();
    const bool next = batch.revision->number == head.number + 1 && batch.revision->parent == head.hash;
    if (!next) return {Written::conflict, 0, "not the next revision"};
  }
  for (const LogEntry& entry : batch.entries) {
    const std::vector<LogEntry> log = entries_of(all.entries, entry.log);
    const LogEntry head = log.empty() ? LogEntry() : log.back();
    const bool next = entry.number == head.number + 1 && entry.hash == hash_of(entry, head.hash);
    if (!next) return {Written::conflict, 0, "not the next entry of its log"};
    all.entries.push_back(entry);
  }
  return {Written::done, all.position + 1, ""};
}

std::uint64_t MemoryStore::find(const Batch& batch) const {
  const auto holds = [&](const Contents& written) {
    if (batch.revision) return std::ranges::count(written.revisions, *batch.revision) > 0;
    return !batch.entries.empty() && std::ranges::count(written.entries, batch.entries.front()) > 0;
  };
  const auto found = std::ranges::find_if(disk_->batches_, holds);
  return found == disk_->batches_.end() ? 0 : found->position;
}

Result<Lease> MemoryStore::lease(const std::string& holder, std::chrono::milliseconds life) {
  const std::lock_guard lock(disk_->mutex_);
  if (fails_before()) return out_of_order();
  const LeaseClaim claim{holder, process_, past_, std::chrono::microseconds(life).count()};
  const std::optional<LeaseState> claimed = claim_lease(disk_->lease_, claim, disk_->now_us());
  if (!claimed) return Lease{disk_->lease_.holder, disk_->lease_.epoch, false};
  disk_->lease_ = *claimed;
  if (fails_after()) return out_of_order();
  past_ = Past::has_led;
  return Lease{claimed->holder, claimed->epoch, true};
}

Status MemoryStore::release(const std::string& holder) {
  const std::lock_guard lock(disk_->mutex_);
  if (fails_before()) return out_of_order();
  if (!is_of(disk_->lease_, {holder, process_, past_, 0})) return {};
  LeaseState free;
  free.epoch = disk_->lease_.epoch;
  disk_->lease_ = free;
  return {};
}

Result<std::vector<LogEntry>> MemoryStore::log_before(const std::string& log, std::uint64_t before, std::size_t most) {
  const std::lock_guard lock(disk_->mutex_);
  if (fails_before()) return out_of_order();
  std::vector<LogEntry> entries = entries_of(joined(0).entries, log);
  std::erase_if(entries, [&](const LogEntry& entry) { return before != 0 && entry.number >= before; });
  std::ranges::reverse(entries);
  if (entries.size() > most) entries.resize(most);
  return entries;
}

Status MemoryStore::replace(const Contents& whole, Existing existing) {
  const std::lock_guard lock(disk_->mutex_);
  if (fails_before()) return out_of_order();
  if (disk_->position() > 0 && existing == Existing::kept) return internal_error("the store holds something already");
  Contents all = whole;
  all.position = std::max(whole.position, disk_->position()) + 1;
  disk_->batches_.clear();
  disk_->batches_.push_back(std::move(all));
  disk_->forgotten_ = disk_->position();
  LeaseState free;
  free.epoch = std::max(whole.epoch, disk_->lease_.epoch) + 1;
  disk_->lease_ = free;
  return {};
}

bool MemoryStore::wait_for_news(std::chrono::milliseconds most, int wake) {
  constexpr std::chrono::milliseconds kStep(1);
  for (std::chrono::milliseconds waited(0);; waited += kStep) {
    {
      const std::lock_guard lock(disk_->mutex_);
      if (std::exchange(told_, disk_->position()) != disk_->position()) return true;
    }
    if (waited >= most || wait_for_wake(kStep, wake)) return false;
  }
}

}  // namespace ringway::manager
