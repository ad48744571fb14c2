#pragma once
// Which worker of a back-end serves which site. A site's origins, their marks and its queue are on one worker, so that
// what the file says of them is exact.

#include <map>
#include <string>

#include "backend/settings.h"
#include "cli/backend_share.h"

namespace ringway::cli {

class SiteDeal {
 public:
  explicit SiteDeal(std::size_t workers) : workers_(workers) {}

  /// Gives each new site of the settings to the serving worker (worker_team.h) with the fewest, the last of those.
  /// Sites keep their worker, those that went and come again as well.
  void deal(const backend::Settings& settings);
  /// Sites that were never dealt are the first worker's to refuse.
  [[nodiscard]] std::size_t worker_of(const std::string& site) const;
  [[nodiscard]] SiteNames sites_of(std::size_t worker) const;

 private:
  std::size_t workers_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace ringway::cli
