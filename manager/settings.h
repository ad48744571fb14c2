#pragma once
// What a manager is told by its file (docs/configuration.md).

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/config_type.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace ringway::manager {

struct ApiTls {
  std::string certificate;  // PEM, leaf first
  std::string key;
};

/// Where people and programs ask.
struct ApiSettings {
  SocketAddress address;
  std::optional<ApiTls> tls;  // none: plain HTTP, on a loopback address alone
};

/// Where gateways' agents connect.
struct AgentSettings {
  SocketAddress address;
  /// What enrolment tokens say of where managers are, this one and others: "NAME:PORT"; empty: `address`.
  std::vector<std::string> reached_at;
};

/// How carefully a revision spreads (manager/rollout/rollout.h).
struct RolloutSettings {
  Duration gate = std::chrono::seconds(30);
  Duration apply_limit = std::chrono::seconds(30);
  Duration lost_limit = std::chrono::seconds(5);
};

struct Settings {
  std::string name;  // what other managers know it by
  ApiSettings api;
  std::string store = "ringway.db";     // a file, or postgresql://…
  std::optional<AgentSettings> agents;  // none: a manager of resources alone
  std::string authority;                // directory of ca.pem and ca.key; empty: nobody can enrol here
  RolloutSettings rollout;
  std::string geography;  // of clients, a database in MaxMind's format; empty: none
  LogSettings log;
};

config::Type<Settings> settings_type();
/// The error's message holds everything that is wrong with the file.
Result<std::shared_ptr<const Settings>> load_settings(const std::string& path);
Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file);

}  // namespace ringway::manager
