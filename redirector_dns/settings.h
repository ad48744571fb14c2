#pragma once
// What a redirector is told by its file (docs/configuration.md): where it listens, its zones, and, where no manager
// tells it, whom it steers where.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/config_type.h"
#include "base/log.h"
#include "base/result.h"
#include "redirector_dns/guard/cookies.h"
#include "redirector_dns/guard/rate_limiter.h"
#include "redirector_dns/steering_file.h"

namespace ringway::dns {

struct ZoneSource {
  std::string name;
  std::string file;  // a master file
};

struct Settings {
  std::string name;
  std::vector<SocketAddress> listen;  // UDP and TCP
  unsigned workers = 1;
  std::optional<SocketAddress> admin;
  LogSettings log;
  std::vector<ZoneSource> zones;
  std::string nsid;         // empty: `name`
  std::string cookie_file;  // empty: cookies are passed over
  RateSettings rate;
  std::optional<SteeringFile> steering;  // none: zones alone
};

config::Type<Settings> settings_type();
/// The error's message holds everything that is wrong with the file.
Result<std::shared_ptr<const Settings>> load_settings(const std::string& path);
Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file);

/// One or two lines of 32 hexadecimal digits: the secret in use, and one that is believed beside it.
Result<CookieSecrets> read_cookie_file(const std::string& path);

}  // namespace ringway::dns
