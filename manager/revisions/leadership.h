#pragma once
// Which of several managers writes: the one that holds the store's lease. The others follow what it writes, and take
// the lease when it is free.
//
//              lease is mine, all read
//   following ─────────────────────────▶ leading      renews each kLeaseRenewal
//       ▲  └─ reads each kStorePoll        │
//       └──────────────────────────────────┘ lease lost, or the store silent for longer than the lease lives
//
// A manager that still believes it leads cannot write: its batches carry the epoch of a lease that is another's.

#include <cstdint>
#include <functional>
#include <string>

#include "base/log.h"
#include "base/loop.h"
#include "manager/revisions/ledger.h"
#include "manager/revisions/writer.h"
#include "manager/store/store_thread.h"

namespace ringway::manager {

class Leadership {
 public:
  /// `holder` is how others name this manager. `on_news` is called after the ledger has taken something that was not
  /// written here, and when leadership changes. All outlive it.
  Leadership(StoreThread& store, Ledger& ledger, Writer& writer, Loop loop, Log& log, std::string holder,
             std::function<void()> on_news);

  void start() { turn(); }
  /// The store has, or may have, something new.
  void look();
  /// The writer was refused: what it knew is old.
  void distrust();

  [[nodiscard]] bool leads() const { return leads_; }
  [[nodiscard]] std::uint64_t epoch() const { return lease_.epoch; }
  /// Who leads, as far as is known; empty: nobody.
  [[nodiscard]] const std::string& leader() const { return lease_.holder; }
  /// Why nothing can be read or written; empty where all is well.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  /// For the end: `then` is called once the lease is given up, or could not be. Nothing is asked or taken after it.
  void resign(std::function<void()> then);

 private:
  void turn();
  void on_lease(const Result<Lease>& lease);
  void read(bool take_over);
  void on_read(const Result<Contents>& contents, bool take_over);
  Status take(const Contents& contents);
  void say_trouble(std::string trouble);
  void begin_to_lead();
  void stop_leading(const std::string& why);
  void wait();

  StoreThread& store_;
  Ledger& ledger_;
  Writer& writer_;
  Loop loop_;
  Log& log_;
  std::string holder_;
  std::function<void()> on_news_;
  Lease lease_;
  Time lease_asked_{};  // when the lease that we have was asked for: it lives from then at the least
  bool leads_ = false;
  bool asked_ = false;  // the store has a question of ours
  bool again_ = false;  // and another is to follow
  bool resigned_ = false;
  std::string trouble_;
  Timer timer_;
};

}  // namespace ringway::manager
