#include "manager/revisions/leadership.h"

#include <cassert>
#include <utility>

#include "base/limits.h"

namespace ringway::manager {

namespace {

bool is_empty(const Contents& contents) {
  return contents.revisions.empty() && contents.records.empty() && contents.entries.empty();
}

}  // namespace

Leadership::Leadership(StoreThread& store, Ledger& ledger, Writer& writer, Loop loop, Log& log, std::string holder,
                       std::function<void()> on_news)
    : store_(store),
      ledger_(ledger),
      writer_(writer),
      loop_(loop),
      log_(log),
      holder_(std::move(holder)),
      on_news_(std::move(on_news)),
      timer_(loop.timers, [this] { turn(); }) {}

void Leadership::look() { turn(); }

void Leadership::distrust() {
  stop_leading("the store did not take a change");
  turn();
}

/// One question at a time: what comes meanwhile is asked after it.
void Leadership::turn() {
  if (resigned_) return;
  if (asked_) {
    again_ = true;
    return;
  }
  asked_ = store_.ask([holder = holder_](Store& store) { return store.lease(holder, limits::kLeaseLife); },
                      [this, asked = loop_.now()](const Result<Lease>& lease) {
                        if (lease) lease_asked_ = asked;
                        on_lease(lease);
                      });
  if (!asked_) wait();
}

void Leadership::on_lease(const Result<Lease>& lease) {
  if (resigned_) return;
  if (!lease) {
    say_trouble(lease.error().message);
    if (leads_ && loop_.now() - lease_asked_ > limits::kLeaseLife) stop_leading(trouble_);
    return wait();
  }
  const std::uint64_t epoch = std::exchange(lease_, *lease).epoch;
  if (leads_ && lease_.mine && lease_.epoch == epoch) {
    say_trouble("");
    return wait();
  }
  // A lease that became ours anew tells of a store that was replaced (restore) or was another's meanwhile.
  if (leads_) stop_leading(lease_.mine ? "the store was replaced" : "another manager has the lease: " + lease_.holder);
  read(lease_.mine);
}

void Leadership::read(bool take_over) {
  const bool asked = store_.ask(
      [after = ledger_.position()](Store& store) { return store.read(after, limits::kRememberedLogEntries); },
      [this, take_over](const Result<Contents>& contents) { on_read(contents, take_over); });
  if (!asked) wait();
}

void Leadership::on_read(const Result<Contents>& contents, bool take_over) {
  if (resigned_) return;
  const Status taken = contents ? take(*contents) : contents.error();
  say_trouble(taken ? "" : taken.error().message);
  if (!taken) return wait();
  if (take_over) begin_to_lead();
  if (take_over || !is_empty(*contents)) on_news_();
  wait();
}

/// What came since, or all where the store no longer knows what that is.
Status Leadership::take(const Contents& contents) {
  if (contents.after != ledger_.position()) {
    assert(contents.after == 0);
    ledger_.clear();
  }
  return ledger_.take(contents);
}

/// Logged when it begins and when it is over: what each second brings meanwhile is the same.
void Leadership::say_trouble(std::string trouble) {
  const bool before = !trouble_.empty();
  trouble_ = std::move(trouble);
  if (!before && !trouble_.empty()) log_.error("the store cannot be used", {{"reason", trouble_}});
  if (before && trouble_.empty()) log_.info("the store can be used again");
}

void Leadership::begin_to_lead() {
  leads_ = true;
  log_.info("leading", {{"epoch", std::to_string(lease_.epoch)}});
  writer_.resume();
}

void Leadership::stop_leading(const std::string& why) {
  writer_.pause(why);
  if (!std::exchange(leads_, false)) return;
  log_.warning("no longer leading", {{"reason", why}});
}

void Leadership::wait() {
  asked_ = false;
  if (std::exchange(again_, false)) return turn();
  timer_.arm(loop_.now() + (leads_ ? limits::kLeaseRenewal : limits::kStorePoll));
}

void Leadership::resign(std::function<void()> then) {
  resigned_ = true;
  stop_leading("this manager is stopping");
  timer_.cancel();
  const bool asked =
      store_.ask([holder = holder_](Store& store) { return store.release(holder); }, [then](const Status&) { then(); });
  if (!asked) then();
}

}  // namespace ringway::manager
