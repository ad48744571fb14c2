#include "manager/settings.h"

#include "base/config_reader.h"
#include "base/gateway_schema.h"
#include "tmp_protocol/enrolment_token.h"

namespace ringway::manager {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

constexpr std::size_t kMaxStoreOctets = 1024;

bool is_loopback(const IpAddress& ip) {
  static const IpAddress kLoopback6 = IpAddress::parse("::1").value();
  return ip == kLoopback6 || (ip.is_v4() && ip.v4_octets()[0] == 127);
}

Type<ApiTls> tls_type() {
  return Object<ApiTls>("tls of the API")
      .required("certificate", &ApiTls::certificate, readable_file(), "The certificate and its chain, PEM, leaf first.")
      .required("key", &ApiTls::key, readable_file(), "Its private key, PEM.");
}

Type<ApiSettings> api_type() {
  return Object<ApiSettings>("api")
      .required("address", &ApiSettings::address, socket_address(), "Where the REST API and the dashboard are served.")
      .optional("tls", &ApiSettings::tls, maybe(tls_type()), "None: plain HTTP, which takes a loopback address.")
      .check([](const ApiSettings& api, Checker& checker) {
        if (api.tls || is_loopback(api.address.ip)) return;
        checker.error({"address"}, "without `tls` tokens would cross the network in the clear",
                      "tls: { certificate: manager.pem, key: manager.key }, or an address like 127.0.0.1:8700");
      });
}

bool is_everywhere(const IpAddress& ip) {
  static const IpAddress kAll4 = IpAddress::parse("0.0.0.0").value();
  static const IpAddress kAll6 = IpAddress::parse("::").value();
  return ip == kAll4 || ip == kAll6;
}

Type<AgentSettings> agents_type() {
  return Object<AgentSettings>("agents")
      .required("address", &AgentSettings::address, socket_address(), "Where gateways' agents connect, over TLS.")
      .optional("reached_at", &AgentSettings::reached_at,
                list(text(tmp::kMaxManagerAddressOctets), 0, tmp::kMaxManagerAddresses),
                "What enrolment tokens say of where managers are, as HOST:PORT; by default `address`.")
      .check([](const AgentSettings& agents, Checker& checker) {
        for (std::size_t i = 0; i < agents.reached_at.size(); ++i) {
          if (tmp::is_manager_address(agents.reached_at[i])) continue;
          checker.error({"reached_at", std::to_string(i)}, "not HOST:PORT", "192.0.2.10:7500, manager.example:7500");
        }
        if (!agents.reached_at.empty() || !is_everywhere(agents.address.ip)) return;
        checker.error({"address"}, "gateways that enrol must be told an address of this machine",
                      "reached_at: [ \"192.0.2.10:7500\" ]");
      });
}

Type<RolloutSettings> rollout_settings_type() {
  const auto seconds = [](int least) { return duration(std::chrono::seconds(least), std::chrono::hours(24)); };
  return Object<RolloutSettings>("rollout")
      .optional("gate", &RolloutSettings::gate, seconds(0),
                "For so long must each wave be well before the next one; 0: no gates.")
      .optional("apply_limit", &RolloutSettings::apply_limit, seconds(1),
                "A gateway that is connected has a revision in use within this, or it is stopped.")
      .optional("lost_limit", &RolloutSettings::lost_limit, seconds(1),
                "The same where a gateway of a wave goes and does not come back.");
}

}  // namespace

Type<Settings> settings_type() {
  return Object<Settings>("manager")
      .required("name", &Settings::name, identifier(), "What other managers know it by.")
      .required("api", &Settings::api, api_type(), "Where people and programs ask.")
      .optional("store", &Settings::store, text(kMaxStoreOctets),
                "What survives: a file of SQLite's, or postgresql://… for several managers.")
      .optional("agents", &Settings::agents, maybe(agents_type()), "None: resources alone, and no live gateways.")
      .optional("authority", &Settings::authority, written_file(),
                "A directory with ca.pem and ca.key, made where they are not there: signs gateways' certificates.")
      .optional("rollout", &Settings::rollout, rollout_settings_type(), "How carefully a revision spreads.")
      .optional(
          "geography", &Settings::geography, readable_file(),
          "Where networks of clients are, as a database in MaxMind's format (GeoLite2, DB-IP), read at the start; "
          "what `networks` say and front-ends measure stands before it.")
      .optional("log", &Settings::log, log_settings_type(), "What happens to the manager itself.")
      .check([](const Settings& settings, Checker& checker) {
        if (!settings.agents || !settings.authority.empty()) return;
        checker.error({"agents"}, "agents prove who they are by certificates of the authority, and none is named",
                      "authority: DIR");
      });
}

Result<std::shared_ptr<const Settings>> load_settings(const std::string& path) {
  return read_settings(settings_type(), path);
}

Result<std::shared_ptr<const Settings>> parse_settings(const std::string& text, const std::string& file) {
  return read_text(settings_type(), text, file, Files::not_looked_at);
}

}  // namespace ringway::manager
