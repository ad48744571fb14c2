#pragma once
// What the tests of stores share: places where a store of each kind can be, and batches whose chains are right.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "manager/store/sql_store.h"
#include "manager/store/store.h"

namespace ringway::manager::testing {

using namespace std::chrono_literals;

/// Gone at the end with all that is in it.
class TempFolder {
 public:
  explicit TempFolder(const std::string& where = "/tmp");
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class Kind : std::uint8_t { memory, sqlite, postgres };

std::string kind_name(Kind kind);

/// Where a store is; opened as often as is liked, for as many managers as are liked.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<Store> open(const StoreOptions& options) = 0;
  std::unique_ptr<Store> open() { return open({}); }
};

std::unique_ptr<Place> make_place(Kind kind);

/// Makes what comes next in each chain, with times that do not depend on when the test runs.
class Chains {
 public:
  Revision revision(std::vector<Change> changes);
  LogEntry entry(const std::string& log, const std::string& content);
  /// A revision of one change, a record and an entry, all with `content`.
  Batch batch(const std::string& content);
  /// Goes on after what a store holds.
  void adopt(const Contents& contents);

 private:
  WallTime next_time();

  Revision last_;
  std::map<std::string, LogEntry> logs_;
  std::int64_t time_us_ = 1'700'000'000'000'000;
};

/// All that the store holds.
Contents read_all(Store& store);
/// Takes the lease for an hour; returns its epoch.
std::uint64_t lead(Store& store, const std::string& holder = "m1");

/// One test for each kind.
class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Place> place_ = make_place(GetParam());
  std::unique_ptr<Store> store_ = place_->open();
  Chains chains_;
};

/// The children of fork() that the tests need end here, not in GoogleTest. Returns the status of waitpid().
int in_child(const std::function<int()>& work);

inline const auto kAllKinds = ::testing::Values(Kind::memory, Kind::sqlite, Kind::postgres);
inline const auto kDurableKinds = ::testing::Values(Kind::sqlite, Kind::postgres);
inline std::string name_of_kind(const ::testing::TestParamInfo<Kind>& info) { return kind_name(info.param); }

}  // namespace ringway::manager::testing
