#pragma once
// One manager in a process: what `ringway manager` runs. It wires the store, the ledger and the API together, on one
// worker; the store has a thread of its own.

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "manager/settings.h"
#include "net/worker.h"

namespace ringway::manager {

struct ManagerParts {
  net::Worker& worker;
  LineSink& log_sink;
  std::string_view version;
  /// Told the one-time token of a first start, to show it to who started the manager.
  std::function<void(const std::string& token)> on_first_token;
};

class Manager {
 public:
  static Result<std::unique_ptr<Manager>> open(ManagerParts parts, std::shared_ptr<const Settings> settings);
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager();

  [[nodiscard]] SocketAddress api_address() const;
  /// Nothing where the settings have no `agents`.
  [[nodiscard]] std::optional<SocketAddress> agents_address() const;
  /// Gives the lease up, so that another manager leads at once; `then` is called when that is done or has failed.
  void stop(std::function<void()> then);

 private:
  class Impl;
  explicit Manager(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::manager
