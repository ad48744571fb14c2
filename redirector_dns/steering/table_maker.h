#pragma once
// Makes a table of each second's readings: what a manager's leader does for all, and a redirector on its own for
// itself.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "redirector_dns/steering/health.h"
#include "redirector_dns/steering/shed_controller.h"
#include "redirector_dns/steering/table.h"

namespace ringway::dns::steering {

/// What an operator has set.
enum class Admin : std::uint8_t { serving, draining };

struct PopReading {
  double use = 0;  // of its capacity, the worst of its dimensions; 1: full
  Admin admin = Admin::serving;
};

struct FrontendReading {
  double use = 0;
  Admin admin = Admin::serving;
  Votes votes;
};

/// By POP and by front-end, as in the atlas. Who is missing is as it is by default.
struct Readings {
  std::vector<PopReading> pops;
  std::vector<FrontendReading> frontends;
};

class TableMaker {
 public:
  /// `ttl`: how long clients keep answers.
  explicit TableMaker(Duration ttl) : ttl_(ttl) {}
  /// Goes on from a table of before, such as the last good one: nobody moves because of it. With `now` its ill stay
  /// so until somebody says otherwise, as where a leader goes on from another's.
  TableMaker(Duration ttl, const SteeringTable& last, std::optional<Time> now = std::nullopt);

  /// Clients keep answers for another time from now on.
  void reckon_with(Duration ttl);
  /// Each second, with the atlas of the moment.
  SteeringTable make(const SharedAtlas& atlas, Readings readings, Time now);

 private:
  struct Watched {
    ShedController shed;
    Health health;  // of a front-end
  };
  using Book = std::unordered_map<std::string, Watched>;

  /// Who comes drained has no clients yet, and gets none.
  Watched& watched(Book& book, const std::string& name, Admin admin) {
    return book.try_emplace(name, Watched{ShedController(ttl_, admin == Admin::draining ? 1 : 0), {}}).first->second;
  }
  std::vector<Standing> look(const Atlas& atlas, const Readings& readings, Time now);
  void level_frontends(const Atlas& atlas, const Readings& readings, const std::vector<Standing>& standings, Time now,
                       Levels& levels);
  void level_pops(const Atlas& atlas, const Readings& readings, const std::vector<Standing>& standings, Time now,
                  Levels& levels);

  Duration ttl_;
  std::uint64_t number_ = 0;
  Book pops_;
  Book frontends_;
};

}  // namespace ringway::dns::steering
