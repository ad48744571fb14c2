#pragma once
// One worker's share of a front-end: its room, its listening sockets, its ends of the links, what it counts and logs.
// Made, called and destroyed on its worker; only what it counts may be read elsewhere.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/metrics.h"
#include "cli/access_log_file.h"
#include "cli/link_fan.h"
#include "cli/share_count.h"
#include "frontend/frontend.h"
#include "net/listener.h"
#include "net/remote_link.h"

namespace ringway::cli {

/// A listening socket as the settings describe it.
struct EntrancePlan {
  std::string tcp_site;  // empty: HTTP
  net::ListenSettings listen;
};

using EntrancePlans = std::map<SocketAddress, EntrancePlan>;

/// Reads the certificates. Each of the `workers` that serve opens a socket of its own for each plan.
Result<EntrancePlans> plan_entrances(const frontend::Settings& settings, std::size_t workers);

/// A port where all that listen speak TLS.
struct SecurePort {
  std::vector<std::shared_ptr<const net::TlsServerContext>> contexts;
  agent::SecureEntrance entrance;
  [[nodiscard]] bool is_in_time() const;
};
std::vector<SecurePort> secure_ports(const EntrancePlans& plans, const std::vector<frontend::Site>& sites);

class FrontendShare {
 public:
  /// One of `workers`; the worker outlives it.
  static Result<std::unique_ptr<FrontendShare>> open(net::Worker& worker, std::size_t workers,
                                                     std::shared_ptr<const frontend::Settings> settings);
  FrontendShare(const FrontendShare&) = delete;
  FrontendShare& operator=(const FrontendShare&) = delete;
  /// Breaks what is left.
  ~FrontendShare();

  /// Opens what listens newly. Nothing else changes until take() or discard().
  Status prepare(const EntrancePlans& plans);
  void discard();
  /// New clients and requests go by `settings` and by what was prepared with `plans`; other sockets close.
  void take(std::shared_ptr<const frontend::Settings> settings, const EntrancePlans& plans);

  /// On the first worker: the links themselves, by name of back-end.
  void set_links(std::map<std::string, tmp::Link*> links) { frontend_->set_links(std::move(links)); }
  /// On another: its ends of them, of those that have come.
  void set_ends(const std::map<std::string, tmp::Link*>& links);
  void join(const LinkFan::End& end);

  Status reopen_log();
  /// Of a manager's content, for the access log.
  void set_revision(std::uint64_t revision);
  /// Network times of clients are those since the last count.
  [[nodiscard]] ShareCount count();
  /// Brings metrics() up to date.
  void collect();
  void drain();
  void abort_all() { frontend_->abort_all(); }
  [[nodiscard]] frontend::Frontend& room() { return *frontend_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }

 private:
  class Entrance;

  FrontendShare(net::Worker& worker, std::size_t workers, std::shared_ptr<const frontend::Settings> settings,
                std::unique_ptr<AccessLogFile> access_log);
  Status open_entrance(const EntrancePlan& plan);

  net::Worker& worker_;
  Metrics metrics_;
  std::unique_ptr<AccessLogFile> access_log_;
  std::map<const tmp::Link*, std::unique_ptr<net::RemoteLink>> ends_;  // as long as the links: until the gateway ends
  std::map<std::string, tmp::Link*> links_;  // those in use, which another worker has; for their names here
  std::unique_ptr<frontend::Frontend> frontend_;
  ClientNetworks clients_;
  std::map<SocketAddress, std::unique_ptr<Entrance>> entrances_;
  std::map<SocketAddress, std::unique_ptr<Entrance>> opened_;  // prepared
};

}  // namespace ringway::cli
