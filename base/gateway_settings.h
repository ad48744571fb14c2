#pragma once
// What both kinds of gateway are told alike: who they are, where they are watched, what they log.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/log.h"
#include "base/time.h"

namespace ringway {

/// Paths of PEM files, absolute or relative to the working directory (the reader has already put the
/// configuration file's directory before relative ones).
struct IdentityFiles {
  std::string certificate;
  std::string key;
  std::string authority;
  auto operator<=>(const IdentityFiles&) const = default;
};

/// What a site speaks between the client and the origin.
enum class SiteProtocol : std::uint8_t { http, tcp };

enum class AccessLogFormat : std::uint8_t { off, json, clf };

struct AccessLogSettings {
  AccessLogFormat format = AccessLogFormat::json;
  std::string path;  // empty: standard output
  auto operator<=>(const AccessLogSettings&) const = default;
};

/// Who tells a gateway what to serve beside its file.
struct ManagerAccess {
  std::vector<SocketAddress> addresses;  // of managers; at least one
  std::string state;                     // a directory: what the gateway goes on with while none is reached
  std::optional<Duration> grace;         // for peers' expired certificates while none is reached; none: no end
  auto operator<=>(const ManagerAccess&) const = default;
};

/// What a gateway of either kind is told beside its sites.
struct GatewaySettings {
  std::string name;                    // as its certificate says
  std::uint32_t workers = 1;           // threads with a loop of their own; links live on the first
  std::optional<SocketAddress> admin;  // GET /metrics, /healthz, /readyz; none: not served
  AccessLogSettings access_log;
  LogSettings log;
  std::optional<ManagerAccess> manager;             // none: the file is all
  Duration drain_limit = std::chrono::seconds(30);  // how long exchanges in flight may take after SIGTERM
};

}  // namespace ringway
