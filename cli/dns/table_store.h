#pragma once
// The last good table of a manager on a redirector's disk, with which it answers when it begins without one.
//
//   table.atlas, table.levels           as they were told (redirector_dns/steering/table_text.h)
//   table.atlas.old, table.levels.old   those before, for where the last ones were cut or altered, or only one of the
//                                       two was written
//
// Each file appears whole or not at all, and holds its sum.

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "redirector_dns/steering/table.h"

namespace ringway::cli {

class TableStore {
 public:
  struct Kept {
    dns::steering::SteeringTable table;
    Duration age;  // of its levels, by the wall's clock: zero where that was set back, above all where there are none
  };

  /// `directory` is there, or what is kept is lost.
  explicit TableStore(std::string directory) : directory_(std::move(directory)) {}

  /// The last atlas that is whole and has levels, with the last of them; where none has, the last that is whole, with
  /// nobody shedding or ill.
  [[nodiscard]] std::optional<Kept> read(std::chrono::system_clock::time_point wall) const;
  /// Of a process that was killed, or lost its power, as it wrote.
  void remove_leftovers() const;
  /// An atlas at once, levels at most every limits::kLevelsKept, and so both where the disk took nothing. Waits for the
  /// disk; an error names the file.
  Status keep(const dns::steering::SharedTable& table, Time now);

 private:
  [[nodiscard]] std::string path(const char* name) const { return directory_ + "/" + name; }
  [[nodiscard]] Status write(const dns::steering::SteeringTable& table);
  /// What was there before becomes the old one.
  [[nodiscard]] Status replace(const char* name, const std::string& text) const;

  std::string directory_;
  dns::steering::SharedAtlas atlas_;  // that is kept
  std::string sum_;                   // its
  Time again_at_{};                   // for levels, and for all after a failure
  bool failed_ = false;               // the last time
};

}  // namespace ringway::cli
