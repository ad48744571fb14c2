#include "manager/new_token.h"

#include <chrono>
#include <thread>

#include "base/limits.h"
#include "manager/access/api_token.h"
#include "manager/access/audit.h"
#include "manager/revisions/ledger.h"
#include "manager/store/open_store.h"

namespace ringway::manager {

namespace {

constexpr const char* kHolder = "a command for a new token";
constexpr std::chrono::milliseconds kPause{500};

Result<Lease> wait_for_lease(Store& store) {
  for (auto waited = kPause;; waited += kPause) {
    Result<Lease> lease = store.lease(kHolder, limits::kLeaseLife);
    if (!lease || lease->mine) return lease;
    if (waited > limits::kLeaseLife) return client_error("stop the manager \"" + lease->holder + "\" first: it runs");
    std::this_thread::sleep_for(kPause);
  }
}

LogEntry audit_entry(const Contents& contents, const std::string& id, WallTime now) {
  LogEnd end;
  for (const LogEntry& entry : contents.entries) {
    if (entry.log == kAuditLog) end = {entry.number, entry.hash};
  }
  AuditEntry audit;
  audit.actor = "manager";
  audit.action = "create";
  audit.kind = std::string(kApiTokenKind);
  audit.name = id;
  audit.detail = "by --new-token";
  return next_entry(end, {std::string(kAuditLog), audit_json(std::move(audit))}, now);
}

Result<std::string> write_token(Store& store, std::uint64_t epoch, WallTime now, Random& random) {
  const Result<Contents> contents = store.read(0, 1);
  if (!contents) return contents.error();
  const MadeApiToken made = make_one_time_token(now, random);
  Batch batch;
  batch.records = made.writes;
  batch.entries = {audit_entry(*contents, made.writes.front().name, now)};
  const WriteResult result = store.write(batch, epoch);
  if (result.written != Written::done) return internal_error(result.message);
  return made.text;
}

}  // namespace

Result<std::string> make_new_token(const std::string& where, WallTime now, Random& random) {
  const auto store = open_store(where);
  if (!store) return store.error();
  const Result<Lease> lease = wait_for_lease(**store);
  if (!lease) return lease.error();
  Result<std::string> token = write_token(**store, lease->epoch, now, random);
  const Status released = (*store)->release(kHolder);
  if (token && !released) return released.error();
  return token;
}

}  // namespace ringway::manager
