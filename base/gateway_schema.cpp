#include "base/gateway_schema.h"

#include <fmt/format.h>

#include <map>

namespace ringway {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

struct Admin {
  SocketAddress address;
};

Type<SocketAddress> admin_type() {
  const Type<Admin> written = Object<Admin>("admin").required(
      "address", &Admin::address, socket_address(),
      "Where `/metrics`, `/healthz` and `/readyz` are served: an address only you can reach.");
  return std::make_shared<Converted<SocketAddress, Admin>>(
      written, [](Admin admin) { return admin.address; }, [](const SocketAddress& address) { return Admin{address}; });
}

Type<AccessLogSettings> access_log_type() {
  return Object<AccessLogSettings>("access_log")
      .optional("format", &AccessLogSettings::format,
                choice<AccessLogFormat>(
                    {{"json", AccessLogFormat::json}, {"clf", AccessLogFormat::clf}, {"off", AccessLogFormat::off}}),
                "A JSON object a line, the Common Log Format, or nothing.")
      .optional("path", &AccessLogSettings::path, written_file(),
                "The file it is appended to; none: standard output. SIGHUP opens it anew.");
}

}  // namespace

Type<IdentityFiles> identity_files_type() {
  return Object<IdentityFiles>("identity")
      .required("certificate", &IdentityFiles::certificate, readable_file(), "This gateway's certificate, PEM.")
      .required("key", &IdentityFiles::key, readable_file(), "Its private key, PEM.")
      .required("authority", &IdentityFiles::authority, readable_file(),
                "The authority that signed it and every peer's, PEM.");
}

Type<ManagerAccess> manager_access_type() {
  return Object<ManagerAccess>("manager")
      .required("addresses", &ManagerAccess::addresses, list(socket_address(), 1, 8),
                "Where managers take gateways: any of them will do.")
      .required("state", &ManagerAccess::state, written_file(),
                "A directory for what they said last, with which the gateway goes on while none is reached.")
      .optional("grace", &ManagerAccess::grace, maybe(duration(Duration(0), std::chrono::hours(24 * 3650))),
                "How long after its end a peer's certificate is taken while no manager is reached; none: without end.");
}

Type<LogSettings> log_settings_type() {
  return Object<LogSettings>("log")
      .optional("level", &LogSettings::level,
                choice<LogLevel>({{"debug", LogLevel::debug},
                                  {"info", LogLevel::info},
                                  {"warning", LogLevel::warning},
                                  {"error", LogLevel::error}}),
                "The least that is written.")
      .optional("format", &LogSettings::format,
                choice<LogFormat>({{"text", LogFormat::text}, {"json", LogFormat::json}}),
                "For people, or a JSON object a line. The log goes to standard error.");
}

Object<GatewaySettings> gateway_settings_object() {
  return Object<GatewaySettings>("gateway")
      .required("name", &GatewaySettings::name, identifier(), "What peers know it by: the name in its certificate.")
      .optional("workers", &GatewaySettings::workers, whole_number<std::uint32_t>(1, 64),
                "Threads that serve; at most one per core makes sense. Changing it takes a restart.")
      .optional("admin", &GatewaySettings::admin, maybe(admin_type()), "None: nothing is served to watch it by.")
      .optional("access_log", &GatewaySettings::access_log, access_log_type(), "A line for each exchange.")
      .optional("log", &GatewaySettings::log, log_settings_type(), "What happens to the gateway itself.")
      .optional("manager", &GatewaySettings::manager, maybe(manager_access_type()),
                "Tells further sites; those of this file stay. Changing it takes a restart.")
      .optional("drain_limit", &GatewaySettings::drain_limit, duration(Duration(0), std::chrono::hours(24)),
                "After SIGTERM, how long what is in flight may take to end.");
}

void check_sites(const GatewaySettings& gateway, const std::vector<std::string>& names, Checker& checker) {
  if (!gateway.manager && !checker.says("sites")) {
    checker.error({}, "the key \"sites\" is missing; it may be left out only where a `manager` tells them");
  }
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [before, fresh] = first.emplace(names[i], i);
    if (fresh) continue;
    checker.error({"sites", std::to_string(i), "name"},
                  fmt::format("the site \"{}\" stands here a second time; the first is item {} of the list", names[i],
                              before->second + 1));
  }
}

}  // namespace ringway
