// What every store does, whatever it is made of.

#include <functional>
#include <limits>
#include <set>
#include <thread>

#include "base/limits.h"
#include "base/random.h"
#include "manager/store/chain.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

class StoreContract : public StoreTest {
 protected:
  WriteResult write(const Batch& batch) { return store_->write(batch, epoch_); }
  void expect_done(const Batch& batch) {
    const WriteResult result = write(batch);
    EXPECT_EQ(result.written, Written::done) << result.message;
  }

  std::uint64_t epoch_ = lead(*store_);
};

INSTANTIATE_TEST_SUITE_P(Each, StoreContract, kAllKinds, name_of_kind);

TEST_P(StoreContract, BeginsEmpty) {
  Contents empty;
  empty.epoch = epoch_;
  EXPECT_EQ(read_all(*store_), empty);
}

TEST_P(StoreContract, HoldsWhatWasWritten) {
  Batch batch;
  batch.revision = chains_.revision({{"sites", "shop", "{\"a\":1}"}, {"sites", "old", std::nullopt}});
  batch.records = {{"tokens", "t1", "{}"}, {"drafts", "d", "[1]"}};
  batch.entries = {chains_.entry("audit", "{}"), chains_.entry("events", "{\"x\":2}"), chains_.entry("audit", "3")};
  const WriteResult result = write(batch);
  ASSERT_EQ(result.written, Written::done) << result.message;

  const Contents contents = read_all(*store_);
  EXPECT_EQ(contents.position, result.position);
  EXPECT_EQ(contents.revisions, std::vector{*batch.revision});
  EXPECT_EQ(contents.records, (std::vector{batch.records[1], batch.records[0]}));
  EXPECT_EQ(contents.entries, (std::vector{batch.entries[0], batch.entries[2], batch.entries[1]}));
  EXPECT_TRUE(verify(contents).ok());
  EXPECT_EQ(read_all(*place_->open()), contents);
}

TEST_P(StoreContract, ReadsOnlyWhatIsNew) {
  expect_done(chains_.batch("a"));
  const std::uint64_t before = read_all(*store_).position;
  Batch second = chains_.batch("b");
  second.records.push_back({"drafts", "a", std::nullopt});
  expect_done(second);

  const Result<Contents> news = store_->read(before, 1);
  ASSERT_TRUE(news.ok());
  EXPECT_EQ(news->after, before);
  EXPECT_GT(news->position, before);
  EXPECT_EQ(news->revisions, std::vector{*second.revision});
  EXPECT_EQ(news->entries, second.entries);
  EXPECT_EQ(news->records, (std::vector<Record>{{"drafts", "a", std::nullopt}, {"drafts", "b", "b"}}));

  const Result<Contents> nothing = store_->read(news->position, 1);
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing->position, news->position);
  EXPECT_TRUE(nothing->revisions.empty() && nothing->records.empty() && nothing->entries.empty());
  EXPECT_EQ(read_all(*store_).records, (std::vector<Record>{{"drafts", "b", "b"}})) << "what is no more is not there";
}

TEST_P(StoreContract, APositionItNeverHadGivesEverything) {
  expect_done(chains_.batch("a"));
  const Result<Contents> all = store_->read(12345, 1);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->after, 0u);
  EXPECT_EQ(all->revisions.size(), 1u);
}

TEST_P(StoreContract, PositionsIncrease) {
  std::uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    const WriteResult result = write(chains_.batch(std::to_string(i)));
    ASSERT_EQ(result.written, Written::done);
    EXPECT_GT(result.position, last);
    last = result.position;
  }
  Batch empty;
  EXPECT_EQ(write(empty).position, last + 1);
}

TEST_P(StoreContract, ARevisionOutOfTurnConflictsAndLeavesNothing) {
  expect_done(chains_.batch("a"));
  const Contents before = read_all(*store_);
  Chains others = chains_;
  Batch gap = others.batch("skipped");
  gap = others.batch("b");
  EXPECT_EQ(write(gap).written, Written::conflict);
  Batch again = Chains().batch("other first");
  EXPECT_EQ(write(again).written, Written::conflict);
  Batch other_parent;
  other_parent.revision = chains_.revision({});
  seal(*other_parent.revision, Hash{});
  EXPECT_EQ(write(other_parent).written, Written::conflict);
  EXPECT_EQ(read_all(*store_), before);
}

TEST_P(StoreContract, AnEntryOutOfTurnConflictsAndLeavesNothing) {
  expect_done(chains_.batch("a"));
  const Contents before = read_all(*store_);
  Batch batch;
  batch.records = {{"drafts", "never", "{}"}};
  batch.entries = {chains_.entry("events", "first"), chains_.entry("events", "second")};
  std::swap(batch.entries[0], batch.entries[1]);
  EXPECT_EQ(write(batch).written, Written::conflict);
  std::swap(batch.entries[0], batch.entries[1]);
  batch.entries[1].hash[0] ^= 1;
  EXPECT_EQ(write(batch).written, Written::conflict);
  EXPECT_EQ(read_all(*store_), before);
  batch.entries[1].hash[0] ^= 1;
  EXPECT_EQ(write(batch).written, Written::done);
}

TEST_P(StoreContract, ABatchWrittenAgainIsThereOnce) {
  const Batch first = chains_.batch("a");
  Batch second;
  second.records = {{"drafts", "x", "{}"}};
  second.entries = {chains_.entry("events", "x"), chains_.entry("audit", "y")};
  const WriteResult one = write(first);
  const WriteResult two = write(second);
  const Contents contents = read_all(*store_);
  EXPECT_EQ(write(first).written, Written::done);
  EXPECT_EQ(write(first).position, one.position);
  EXPECT_EQ(write(second).position, two.position);
  EXPECT_EQ(read_all(*store_), contents);
}

TEST_P(StoreContract, TheLastOfOneNameCounts) {
  Batch batch;
  batch.records = {
      {"k", "n", "1"}, {"k", "n", std::nullopt}, {"k", "n", "3"}, {"k", "m", "4"}, {"k", "m", std::nullopt}};
  expect_done(batch);
  EXPECT_EQ(read_all(*store_).records, (std::vector<Record>{{"k", "n", "3"}}));
  const Result<Contents> empty = store_->read(read_all(*store_).position, 1);
  ASSERT_TRUE(empty.ok());
  batch.records = {{"k", "n", std::nullopt}};
  expect_done(batch);
  EXPECT_TRUE(read_all(*store_).records.empty());
}

TEST_P(StoreContract, RefusesWhatNoStoreTakes) {
  const std::vector<std::function<void(Batch&)>> faults = {
      [](Batch& b) { b.records[0].kind = ""; },
      [](Batch& b) { b.records[0].name = std::string("a\0b", 3); },
      [](Batch& b) { b.records[0].content = "\xff"; },
      [](Batch& b) { b.records[0].content = "\xed\xa0\x80"; },
      [](Batch& b) { b.records[0].name = std::string(limits::kMaxStoreKeyOctets + 1, 'n'); },
      [](Batch& b) { b.records[0].content = std::string(limits::kMaxStoreBatchOctets + 1, 'n'); },
      [](Batch& b) { b.revision->author = "eve"; },
      [](Batch& b) {
        b.revision->changes[0].name = "";
        seal(*b.revision, Hash{});
      },
      [](Batch& b) {
        b.revision->number = 1ULL << 63;
        seal(*b.revision, Hash{});
      },
      [](Batch& b) { b.entries[0].content = std::string(1, '\0'); },
      [](Batch& b) { b.entries[0].log = ""; },
      [](Batch& b) { b.entries[0].number = ~0ULL; },
  };
  const Batch good = chains_.batch("a");
  for (std::size_t i = 0; i < faults.size(); ++i) {
    Batch batch = good;
    faults[i](batch);
    EXPECT_EQ(write(batch).written, Written::malformed) << "fault " << i;
  }
  EXPECT_EQ(read_all(*store_).position, 0u);
  expect_done(good);
}

TEST_P(StoreContract, KeepsEveryTextAsItIs) {
  const std::vector<std::string> texts = {
      "'; DROP TABLE records; --",
      "\"\\?1 $1 %s {}",
      "\n\r\t\x01\x7f",
      "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
      "\xef\xbf\xbf",
      " trailing ",
      std::string(100'000, 'x'),
      "NULL",
      "0",
      "1e400",
  };
  Batch batch;
  for (const std::string& text : texts) {
    batch.records.push_back({"k", text.substr(0, limits::kMaxStoreKeyOctets), text});
    batch.entries.push_back(chains_.entry("audit", text));
  }
  batch.records.push_back({"k", "empty", ""});
  batch.entries.push_back(chains_.entry("l'og", ""));
  batch.revision = chains_.revision({{"k", "n", texts[3]}, {"k", "empty", ""}});
  batch.revision->message = texts[2] + texts[0];
  batch.revision->author.clear();
  seal(*batch.revision, Hash{});
  expect_done(batch);
  const Contents contents = read_all(*store_);
  EXPECT_EQ(contents.entries, batch.entries);
  EXPECT_EQ(contents.revisions, std::vector{*batch.revision});
  std::map<std::string, std::optional<std::string>> records;
  for (const Record& record : contents.records) records[record.name] = record.content;
  for (const Record& record : batch.records) EXPECT_EQ(records[record.name], record.content);
}

TEST_P(StoreContract, TakesManyRowsAtOnce) {
  Batch batch;
  std::vector<Change> changes;
  for (int i = 0; i < 777; ++i) {
    changes.push_back({"sites", "s" + std::to_string(i), std::to_string(i)});
    batch.records.push_back({"nodes", "n" + std::to_string(i), std::to_string(i)});
    batch.entries.push_back(chains_.entry("events", std::to_string(i)));
  }
  batch.revision = chains_.revision(changes);
  expect_done(batch);
  const Contents contents = read_all(*store_);
  EXPECT_EQ(contents.revisions, std::vector{*batch.revision});
  EXPECT_EQ(contents.entries, batch.entries);
  EXPECT_EQ(contents.records.size(), batch.records.size());
}

TEST_P(StoreContract, ReadsTheLastEntriesOfEachLogAndOlderOnesByPages) {
  Batch batch;
  for (int i = 1; i <= 10; ++i) batch.entries.push_back(chains_.entry("audit", std::to_string(i)));
  for (int i = 1; i <= 2; ++i) batch.entries.push_back(chains_.entry("events", std::to_string(i)));
  expect_done(batch);
  const Result<Contents> last = store_->read(0, 3);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->entries, (std::vector<LogEntry>{batch.entries[7], batch.entries[8], batch.entries[9],
                                                  batch.entries[10], batch.entries[11]}));
  EXPECT_EQ(store_->read(0, 0)->entries, (std::vector<LogEntry>{batch.entries[9], batch.entries[11]}));

  const auto page = store_->log_before("audit", 8, 2);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(*page, (std::vector<LogEntry>{batch.entries[6], batch.entries[5]}));
  EXPECT_EQ(*store_->log_before("audit", 0, 1), std::vector<LogEntry>{batch.entries[9]});
  EXPECT_EQ(store_->log_before("audit", 1, 10)->size(), 0u);
  EXPECT_EQ(store_->log_before("nothing", 0, 10)->size(), 0u);
  EXPECT_EQ(store_->log_before("audit", 0, std::numeric_limits<std::size_t>::max())->size(), 10u);
}

TEST_P(StoreContract, ReplacesEverythingAndFencesEveryone) {
  expect_done(chains_.batch("a"));
  expect_done(chains_.batch("b"));
  const Contents old = read_all(*store_);
  const Batch third = chains_.batch("c");
  expect_done(third);
  const Contents before = read_all(*store_);

  EXPECT_FALSE(store_->replace(old, Existing::kept).ok());
  EXPECT_EQ(read_all(*store_), before);
  const Status replaced = store_->replace(old, Existing::replaced);
  ASSERT_TRUE(replaced.ok()) << replaced.error().message;

  const Result<Contents> after = store_->read(before.position, 100);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->after, 0u) << "nobody can be told what is new since then";
  EXPECT_GT(after->position, before.position);
  EXPECT_GT(after->epoch, before.epoch);
  EXPECT_EQ(after->revisions, old.revisions);
  EXPECT_EQ(after->records, old.records);
  EXPECT_EQ(after->entries, old.entries);

  EXPECT_EQ(write(third).written, Written::fenced);
  const std::uint64_t epoch = lead(*place_->open(), "m2");
  EXPECT_GT(epoch, before.epoch + 1);
  EXPECT_EQ(store_->write(third, epoch).written, Written::done);
}

TEST_P(StoreContract, ARestoreRaisesTheEpochAboveBoth) {
  Contents backup;
  backup.epoch = 40;
  backup.position = 1000;
  ASSERT_TRUE(store_->replace(backup, Existing::kept).ok());
  EXPECT_GT(read_all(*store_).epoch, 40u);
  EXPECT_GT(read_all(*store_).position, 1000u);
  backup.epoch = 1;
  const std::uint64_t before = read_all(*store_).epoch;
  ASSERT_TRUE(store_->replace(backup, Existing::replaced).ok());
  EXPECT_GT(read_all(*store_).epoch, before);
}

class DurableStore : public StoreTest {};

INSTANTIATE_TEST_SUITE_P(Each, DurableStore, kDurableKinds, name_of_kind);

TEST_P(DurableStore, ForgetsWhatIsNoMoreAndSaysSo) {
  StoreOptions options;
  options.kept_positions = 8;
  store_ = place_->open(options);
  const std::uint64_t epoch = lead(*store_);
  Batch batch;
  batch.records = {{"k", "gone", std::nullopt}, {"k", "stays", "1"}};
  ASSERT_EQ(store_->write(batch, epoch).written, Written::done);
  batch.records = {{"k", "often", "1"}};
  for (int i = 0; i < 20; ++i) ASSERT_EQ(store_->write(batch, epoch).written, Written::done);
  const Contents all = read_all(*store_);
  const Result<Contents> lately = store_->read(all.position - 8, 1);
  ASSERT_TRUE(lately.ok());
  EXPECT_EQ(lately->after, all.position - 8);
  const Result<Contents> early = store_->read(1, 1);
  ASSERT_TRUE(early.ok());
  EXPECT_EQ(early->after, 0u);
  EXPECT_EQ(early->records, all.records);
  EXPECT_EQ(all.records, (std::vector<Record>{{"k", "often", "1"}, {"k", "stays", "1"}}));
}

/// Two managers that both lead again and again: leases of no length, so that each can always take it. Who lost one
/// waits for a moment by lot, as managers do: in step both could take it from each other for ever.
struct Rival {
  void write_until(int wanted) {
    Chains chains;
    SeededRandom lot(std::hash<std::string>()(name));
    unsigned failures = 0;  // in a row: where the store is slow the other one needs longer for its turn
    while (static_cast<int>(acknowledged.size()) < wanted) {
      const Result<Lease> lease = store->lease(name, 0ms);
      if (!lease.ok() || !lease->mine) continue;
      const Contents all = read_all(*store);
      chains.adopt(all);
      const std::string content = name + std::to_string(++attempts);
      if (store->write(chains.batch(content), lease->epoch).written == Written::done) {
        acknowledged.insert(content);
        failures = 0;
      } else {
        failures = std::min(failures + 1, 7U);
        std::this_thread::sleep_for(std::chrono::milliseconds(lot.below(10U << failures)));
      }
    }
  }
  std::string name;
  std::unique_ptr<Store> store;
  int attempts = 0;
  std::set<std::string> acknowledged;
};

TEST_P(DurableStore, RivalsNeverOverwriteEachOther) {
  Rival one{"one", place_->open(), 0, {}};
  Rival two{"two", place_->open(), 0, {}};
  std::thread other([&] { two.write_until(25); });
  one.write_until(25);
  other.join();
  const Contents all = read_all(*store_);
  EXPECT_TRUE(verify(all).ok());
  std::set<std::string> there;
  for (const LogEntry& entry : all.entries)
    EXPECT_TRUE(there.insert(entry.content).second) << entry.content << " twice";
  std::set<std::string> acknowledged = one.acknowledged;
  acknowledged.insert(two.acknowledged.begin(), two.acknowledged.end());
  EXPECT_EQ(there, acknowledged);
  EXPECT_EQ(all.revisions.size(), acknowledged.size());
}

TEST_P(DurableStore, AReaderSeesBatchesWholeAndInOrder) {
  const std::uint64_t epoch = lead(*store_);
  std::thread writer([&] {
    for (int i = 0; i < 60; ++i)
      EXPECT_EQ(store_->write(chains_.batch(std::to_string(i)), epoch).written, Written::done);
  });
  const std::unique_ptr<Store> reader = place_->open();
  Contents seen;
  while (seen.position < 60) {
    const Result<Contents> news = reader->read(seen.position, 1000);
    ASSERT_TRUE(news.ok()) << news.error().message;
    ASSERT_EQ(news->after, seen.position);
    const std::size_t batches = news->position - seen.position;
    EXPECT_EQ(news->revisions.size(), batches);
    EXPECT_EQ(news->entries.size(), batches);
    EXPECT_EQ(news->records.size(), batches);
    seen.position = news->position;
    seen.revisions.insert(seen.revisions.end(), news->revisions.begin(), news->revisions.end());
  }
  writer.join();
  EXPECT_TRUE(verify(seen).ok());
}

}  // namespace
}  // namespace ringway::manager::testing
