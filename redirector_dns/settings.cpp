#include "redirector_dns/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_reader.h"
#include "base/file.h"
#include "base/gateway_schema.h"
#include "base/text.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/presentation.h"

namespace ringway::dns {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

constexpr std::size_t kMaxListenAddresses = 64;
constexpr std::size_t kMaxCookieFileOctets = 256;
constexpr std::uint64_t kMaxRate = 1'000'000;

Type<ZoneSource> zone_type() {
  return Object<ZoneSource>("zone")
      .required("name", &ZoneSource::name, text(kMaxZoneNameOctets), "Its apex, such as \"shop.test\".")
      .required("file", &ZoneSource::file, readable_file(), "Its master file (RFC 1035 §5).")
      .check([](const ZoneSource& zone, Checker& checker) {
        const auto name = Name::parse(zone.name);
        if (!name) checker.error({"name"}, name.error().message);
      });
}

Type<RateSettings> rate_type() {
  const auto count = [](std::uint64_t least) { return whole_number<std::uint32_t>(least, kMaxRate); };
  return Object<RateSettings>("rate")
      .optional("answers_per_s", &RateSettings::answers_per_s, count(0), "Of one network of clients; 0: no limit.")
      .optional("others_per_s", &RateSettings::others_per_s, count(0), "The same of what says no; 0: no limit.")
      .optional("burst_s", &RateSettings::burst_s, count(1), "So many seconds' answers may come at once.")
      .optional("slip", &RateSettings::slip, count(0),
                "Every so manyth that is left out is sent empty, so that who really asks comes by TCP; 0: none.");
}

Type<QueryLogSettings> query_log_type() {
  return Object<QueryLogSettings>("query_log")
      .required("path", &QueryLogSettings::path, written_file(),
                "The file that lines are appended to. SIGHUP opens it anew.")
      .optional("sample", &QueryLogSettings::sample, fraction(1e-9, 1), "The share of queries that get a line.");
}

Type<HealthCheckSettings> health_check_type() {
  return Object<HealthCheckSettings>("health_check")
      .required("port", &HealthCheckSettings::port, whole_number<std::uint32_t>(1, 65535),
                "Where front-ends take TCP connections. One that does so at none of its addresses, "
                "three times in a row, is ill.")
      .optional("every", &HealthCheckSettings::every, duration(limits::kMinCheckInterval, limits::kMaxCheckInterval),
                "How often each is looked at.")
      .optional("timeout", &HealthCheckSettings::timeout, duration(limits::kMinCheckTimeout, limits::kMaxCheckInterval),
                "How long a connection may take.")
      .check([](const HealthCheckSettings& check, Checker& checker) {
        if (check.timeout > check.every) checker.error({"timeout"}, "it is longer than `every`");
      });
}

void check_health_check(const Settings& settings, Checker& checker) {
  if (!settings.health_check || settings.steering || settings.manager) return;
  checker.error({"health_check"}, "nobody is steered: it needs `steering` or `manager`");
}

void check_manager(const Settings& settings, Checker& checker) {
  if (settings.manager && !settings.identity) {
    checker.error({}, "the key \"identity\" is missing: a manager must know who asks");
  }
  if (!settings.manager && !checker.says("zones")) {
    checker.error({}, "the key \"zones\" is missing; it may be left out only where a `manager` tells them");
  }
}

/// An answer must leave from the address that was asked, which a wildcard does not tell.
void check_listen(const Settings& settings, Checker& checker) {
  for (std::size_t i = 0; i < settings.listen.size(); ++i) {
    const auto& octets = settings.listen[i].ip.octets();
    const bool everywhere = settings.listen[i].ip.is_v4()
                                ? settings.listen[i].ip == IpAddress::v4({0, 0, 0, 0})
                                : std::all_of(octets.begin(), octets.end(), [](auto octet) { return octet == 0; });
    if (everywhere) checker.error({"listen", std::to_string(i)}, "say the addresses themselves", "192.0.2.53:53");
  }
}

Result<SipKey> read_secret(std::string_view line) {
  const auto octets = from_hex(line);
  SipKey key{};
  if (!octets || octets->size() != key.size()) return client_error("not 32 hexadecimal digits");
  std::copy(octets->begin(), octets->end(), key.begin());
  return key;
}

}  // namespace

Type<Settings> settings_type() {
  return Object<Settings>("redirector")
      .required("name", &Settings::name, identifier(), "Which redirector this is.")
      .required("listen", &Settings::listen, list(socket_address(), 1, kMaxListenAddresses),
                "Where it answers, by UDP and TCP.")
      .optional("workers", &Settings::workers, whole_number<std::uint32_t>(1, 64),
                "Threads that answer; one for each core makes sense. Changing it takes a restart.")
      .optional("admin", &Settings::admin, maybe(socket_address()), "None: nothing is served to watch it by.")
      .optional("log", &Settings::log, log_settings_type(), "What happens to the redirector itself.")
      .optional("zones", &Settings::zones, list(zone_type(), 0, limits::kMaxZones),
                "What it answers for; a manager tells further ones.")
      .optional("nsid", &Settings::nsid, text(limits::kMaxNsidOctets), "What it tells who asks which server it is.")
      .optional(
          "cookie_file", &Settings::cookie_file, readable_file(),
          "Its secret for DNS cookies, 32 hexadecimal digits, the same on all servers of a name; a second line is "
          "believed as well. None: cookies are passed over.")
      .optional("rate", &Settings::rate, rate_type(), "How much one network of clients is answered.")
      .optional("steering", &Settings::steering, maybe(steering_file_type()),
                "Where clients are sent, until a manager tells it; none: nowhere.")
      .optional("geography", &Settings::geography, readable_file(),
                "A database in MaxMind's format (.mmdb) of where clients are, for `steering`; what `clients` says "
                "stands before it. None: `clients` says all.")
      .optional("health_check", &Settings::health_check, maybe(health_check_type()),
                "How it looks for itself which front-ends are ill: of `steering`, and of a manager's while that has "
                "been away for 30 s. None: a file's are all well, and a manager's are what it told last.")
      .optional("identity", &Settings::identity, maybe(identity_files_type()),
                "Who it is to its manager, as `ringway keys` made it.")
      .optional("manager", &Settings::manager, maybe(manager_access_type()),
                "Tells zones, and each second where clients are sent. Changing it takes a restart.")
      .optional("query_log", &Settings::query_log, maybe(query_log_type()), "None: nothing is written of queries.")
      .optional("handover", &Settings::handover, written_file(),
                "A socket by which `ringway dns --take-over` takes this one's place; none: nobody can.")
      .check(check_listen)
      .check(check_manager)
      .check(check_health_check);
}

Result<std::shared_ptr<const Settings>> load_settings(const std::string& path) {
  return read_settings(settings_type(), path);
}

Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file) {
  return read_text(settings_type(), text, file, Files::not_looked_at);
}

Result<CookieSecrets> read_cookie_file(const std::string& path) {
  const Result<std::string> text = read_file(path, kMaxCookieFileOctets);
  if (!text) return text.error();
  std::vector<SipKey> keys;
  for (std::string_view rest = *text; !trim(rest).empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto key = read_secret(trim(rest.substr(0, end)));
    if (!key) return client_error(fmt::format("{}:{}: {}", path, keys.size() + 1, key.error().message));
    keys.push_back(*key);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (keys.empty() || keys.size() > 2) return client_error(path + ": one or two secrets, a line each");
  CookieSecrets secrets{keys[0], std::nullopt};
  if (keys.size() == 2) secrets.other = keys[1];
  return secrets;
}

}  // namespace ringway::dns
