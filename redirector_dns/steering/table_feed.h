#pragma once
// The steering tables that a manager tells, and what they are worth while it tells none.
//
//   atlas ──▶ told ──levels of it──▶ in use ──silence──▶ aged, and in the end all well (table.h)
//               └─ takes too much away ──▶ doubted ──limits::kInsistence levels──▶ in use
//
// While an atlas is doubted its levels are used with the one before: who dies meanwhile, is full or drains is known.
//
// All times are monotonic: no step of the wall's clock changes an answer.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "redirector_dns/steering/table.h"

namespace ringway::dns::steering {

class TableFeed {
 public:
  /// Goes on with a table of before, whose levels are as old as `age`.
  void resume(SteeringTable last, Duration age, Time now);

  // Errors: what was told is not understood, or does not fit together. What is in use stays.

  /// An atlas's text (table_text.h): its levels follow.
  Status take_atlas(std::string_view text);
  Status take_levels(std::string_view text, Time now);

  /// What to answer by: that in use, aged as its levels are. Null: nothing was told yet.
  [[nodiscard]] SharedTable table(Time now);
  /// How long ago the levels in use were told; zero where there are none.
  [[nodiscard]] Duration age(Time now) const;
  /// As it was told, for the disk. Null: nothing was told yet.
  [[nodiscard]] const SharedTable& in_use() const { return in_use_; }
  /// Why the atlas that was told last is not used; empty: it is, or waits for its levels.
  [[nodiscard]] const std::string& doubt() const { return doubt_; }

 private:
  SharedAtlas told_;
  std::string told_sum_;
  std::string doubt_;
  unsigned insisted_ = 0;  // levels in a row that name a doubted atlas
  SharedTable in_use_;
  SharedTable aged_;
  Time levels_at_{};
};

}  // namespace ringway::dns::steering
