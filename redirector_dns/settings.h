#pragma once
// What a redirector is told by its file (docs/configuration.md): where it listens, its zones, whom it steers where, and
// who tells it more of both.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/config_type.h"
#include "base/gateway_settings.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "redirector_dns/guard/cookies.h"
#include "redirector_dns/guard/rate_limiter.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering_file.h"

namespace ringway::dns {

/// Of a zone's apex, in presentation form.
inline constexpr std::size_t kMaxZoneNameOctets = 1024;

struct ZoneSource {
  std::string name;
  std::string file;  // a master file
};

/// Queries of which a line is written.
struct QueryLogSettings {
  std::string path;
  double sample = 0.01;  // of all queries, above 0 to 1
};

/// How a redirector looks for itself whether front-ends take connections.
struct HealthCheckSettings {
  std::uint32_t port = 0;
  Duration every = limits::kCheckInterval;
  Duration timeout = limits::kCheckTimeout;
  friend bool operator==(const HealthCheckSettings&, const HealthCheckSettings&) = default;
};

struct Settings {
  std::string name;                   // as its certificate says, where it has one
  std::vector<SocketAddress> listen;  // UDP and TCP
  unsigned workers = 1;
  std::optional<SocketAddress> admin;
  LogSettings log;
  std::vector<ZoneSource> zones;
  std::string nsid;         // empty: `name`
  std::string cookie_file;  // empty: cookies are passed over
  RateSettings rate;
  std::string geography;                            // a database of clients' places for `steering`; empty: none
  std::optional<SteeringFile> steering;             // none: zones alone, or what a manager tells
  std::optional<HealthCheckSettings> health_check;  // none: a file's front-ends count as well, a manager's as it told
  std::optional<IdentityFiles> identity;            // whenever there is a manager
  std::optional<ManagerAccess> manager;             // none: the file is all
  std::optional<QueryLogSettings> query_log;
  std::string handover;  // the path of a socket by which the next process takes over; empty: none may
};

config::Type<Settings> settings_type();
/// The error's message holds everything that is wrong with the file.
Result<std::shared_ptr<const Settings>> load_settings(const std::string& path);
Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file);

/// One or two lines of 32 hexadecimal digits: the secret in use, and one that is believed beside it.
Result<CookieSecrets> read_cookie_file(const std::string& path);

}  // namespace ringway::dns
