#pragma once
// One worker's share of a back-end: its room with the sites that are dealt to it, the connections to their origins, its
// ends of the links, what it counts and logs. Made, called and destroyed on its worker; only what it counts may be
// read elsewhere.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "base/metrics.h"
#include "cli/access_log_file.h"
#include "cli/link_fan.h"
#include "cli/share_count.h"
#include "net/connector.h"
#include "net/remote_link.h"

namespace ringway::cli {

/// Names of sites.
using SiteNames = std::set<std::string>;

class BackendShare {
 public:
  /// The worker outlives it. `sites` are those that it counts for; it could serve the others as well.
  static Result<std::unique_ptr<BackendShare>> open(net::Worker& worker,
                                                    std::shared_ptr<const backend::Settings> settings, SiteNames sites);
  BackendShare(const BackendShare&) = delete;
  BackendShare& operator=(const BackendShare&) = delete;
  /// Breaks what is left.
  ~BackendShare();

  /// New exchanges go by `settings`; certificate files are read again.
  void take(std::shared_ptr<const backend::Settings> settings, SiteNames sites);
  Status reopen_log();
  /// This worker's end of the link to `peer`; not on the first, where the links are.
  void join(const LinkFan::End& end);
  /// Of a manager's content, for the access log.
  void set_revision(std::uint64_t revision);
  [[nodiscard]] ShareCount count() const;
  /// Brings metrics() up to date.
  void collect();

  [[nodiscard]] backend::Backend& room() { return *backend_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }

 private:
  BackendShare(net::Worker& worker, std::shared_ptr<const backend::Settings> settings, SiteNames sites,
               std::unique_ptr<AccessLogFile> access_log);
  void collect_site(const backend::SiteService& site);

  net::Worker& worker_;
  SiteNames sites_;
  Metrics metrics_;
  net::TcpConnector connector_;
  std::unique_ptr<AccessLogFile> access_log_;
  std::vector<std::unique_ptr<net::RemoteLink>> ends_;  // as long as the links: until the gateway ends
  std::unique_ptr<backend::Backend> backend_;
};

}  // namespace ringway::cli
