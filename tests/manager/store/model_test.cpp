// Random calls to a store and to the plain model beside it: they never disagree.

#include <algorithm>

#include "base/random.h"
#include "manager/store/chain.h"
#include "manager/store/memory_store.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

/// The same two managers, over one kind of store.
struct World {
  explicit World(Kind kind) : place(make_place(kind)) { reopen(); }
  void reopen() {
    for (auto& store : stores) store = place->open();
  }
  std::unique_ptr<Place> place;
  std::array<std::unique_ptr<Store>, 2> stores;
};

class Walk {
 public:
  Walk(Kind kind, std::uint64_t seed) : real_(kind), model_(Kind::memory), random_(seed) {}

  void step() {
    const std::size_t who = random_.below(2);
    switch (random_.below(12)) {
      case 0:
      case 1: lease(who); break;
      case 2: release(who); break;
      case 3: log_before(who); break;
      case 4:
      case 5: read(who); break;
      case 6:
        if (random_.below(8) == 0) replace(who);
        break;
      default: write(who); break;
    }
  }
  void finish() {
    const Contents all = read_all(*real_.stores[0]);
    EXPECT_EQ(all, read_all(*model_.stores[0]));
    EXPECT_TRUE(verify(all).ok());
  }

 private:
  static std::string holder(std::size_t who) { return who == 0 ? "m1" : "m2"; }
  std::string name() { return std::string(1, static_cast<char>('a' + random_.below(4))); }
  std::optional<std::string> content() {
    if (random_.below(4) == 0) return std::nullopt;
    return std::to_string(random_.below(100));
  }

  void lease(std::size_t who) {
    const std::chrono::milliseconds life = random_.below(2) == 0 ? 0ms : 1h;
    const Result<Lease> real = real_.stores[who]->lease(holder(who), life);
    const Result<Lease> model = model_.stores[who]->lease(holder(who), life);
    ASSERT_TRUE(real.ok()) << real.error().message;
    EXPECT_EQ(real->mine, model->mine);
    EXPECT_EQ(real->epoch, model->epoch);
    EXPECT_EQ(real->holder, model->holder);
    epoch_ = real->epoch;
  }
  void release(std::size_t who) {
    EXPECT_TRUE(real_.stores[who]->release(holder(who)).ok());
    EXPECT_TRUE(model_.stores[who]->release(holder(who)).ok());
  }
  void log_before(std::size_t who) {
    const std::uint64_t before = random_.below(12);
    const std::size_t most = random_.below(5);
    EXPECT_EQ(*real_.stores[who]->log_before("audit", before, most),
              *model_.stores[who]->log_before("audit", before, most));
  }
  void read(std::size_t who) {
    const std::uint64_t after = random_.below(position_ + 3);
    const std::size_t most = random_.below(6);
    const Result<Contents> real = real_.stores[who]->read(after, most);
    ASSERT_TRUE(real.ok()) << real.error().message;
    EXPECT_EQ(*real, *model_.stores[who]->read(after, most)) << "after " << after << " at most " << most;
  }
  void replace(std::size_t who) {
    const Contents old = read_all(*model_.stores[who]);
    const Contents& chosen = random_.below(2) == 0 ? old : kept_;
    EXPECT_TRUE(real_.stores[who]->replace(chosen, Existing::replaced).ok());
    EXPECT_TRUE(model_.stores[who]->replace(chosen, Existing::replaced).ok());
    kept_ = old;
  }
  void write(std::size_t who) {
    const Batch batch = random_.below(10) == 0 && !written_.empty() ? written_[random_.below(written_.size())] : make();
    const std::uint64_t epoch = epoch_ - (random_.below(10) == 0 ? 1 : 0);
    const WriteResult real = real_.stores[who]->write(batch, epoch);
    const WriteResult model = model_.stores[who]->write(batch, epoch);
    EXPECT_EQ(static_cast<int>(real.written), static_cast<int>(model.written)) << real.message;
    EXPECT_EQ(real.position, model.position);
    position_ = std::max(position_, real.position);
    written_.push_back(batch);
  }
  Batch make() {
    Chains chains;
    // Now and then after what is old.
    chains.adopt(random_.below(8) == 0 ? kept_ : read_all(*model_.stores[0]));
    Batch batch;
    if (random_.below(2) == 0) {
      std::vector<Change> changes;
      for (std::uint64_t i = random_.below(4); i > 0; --i) changes.push_back({"sites", name(), content()});
      batch.revision = chains.revision(changes);
    }
    for (std::uint64_t i = random_.below(4); i > 0; --i) batch.records.push_back({"k" + name(), name(), content()});
    for (std::uint64_t i = random_.below(4); i > 0; --i) {
      const std::string log = random_.below(2) == 0 ? "audit" : "events";
      batch.entries.push_back(chains.entry(log, std::to_string(random_.next())));
    }
    return batch;
  }

  World real_;
  World model_;
  SeededRandom random_;
  std::uint64_t epoch_ = 1;
  std::uint64_t position_ = 0;
  std::vector<Batch> written_;
  Contents kept_;
};

class StoreModel : public ::testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(Each, StoreModel, kDurableKinds, name_of_kind);

TEST_P(StoreModel, RandomCallsAgree) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    Walk walk(GetParam(), seed);
    for (int i = 0; i < 120 && !::testing::Test::HasFailure(); ++i) walk.step();
    walk.finish();
  }
}

}  // namespace
}  // namespace ringway::manager::testing
