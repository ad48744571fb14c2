#pragma once
// `ringway demo --story`: what happens to clients' requests when a crowd comes, a back-end dies, a POP is drained and
// somebody applies a revision that is wrong.

#include <functional>
#include <string>
#include <vector>

#include "cli/demo/cast.h"
#include "cli/demo/ground.h"
#include "cli/demo/watch.h"

namespace ringway::cli {

class DemoStory {
 public:
  /// `next_second` looks once and says whether to go on.
  DemoStory(DemoCast& cast, DemoGround& ground, DemoWatch& watch, std::function<bool()> next_second)
      : cast_(cast), ground_(ground), watch_(watch), next_second_(std::move(next_second)) {}

  /// An error where something that the story tells of did not come about.
  Status tell();
  /// What was seen, a line for each part.
  void print_summary() const;

 private:
  struct Part {
    std::string name;
    std::string seen;
    DemoFigures figures;
  };

  Status calm();
  Status crowd();
  Status dead_backend();
  Status drained_pop();
  Status bad_revision();

  /// How many of the networks near `pop` are sent to the other one.
  [[nodiscard]] std::size_t abroad(const std::string& pop) const;

  /// Seconds until `done`; an error after `limit`, or at the end.
  Result<int> wait_until(const std::function<bool()>& done, int limit, const std::string& what);
  Status stay(int seconds);
  void end_part(std::string name, std::string seen);

  DemoCast& cast_;
  DemoGround& ground_;
  DemoWatch& watch_;
  std::function<bool()> next_second_;
  std::vector<Part> parts_;
};

}  // namespace ringway::cli
