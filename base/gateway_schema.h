#pragma once
// How what both kinds of gateway are told alike is read. Only the sources that read files include this.

#include <string>
#include <vector>

#include "base/config_reader.h"
#include "base/gateway_settings.h"

namespace ringway {

/// Their keys, to be merged into either kind's.
config::Object<GatewaySettings> gateway_settings_object();
config::Type<LogSettings> log_settings_type();
config::Type<IdentityFiles> identity_files_type();
config::Type<ManagerAccess> manager_access_type();
/// Reports `sites:` that are left out where no manager tells them, and each whose name an earlier one has.
void check_sites(const GatewaySettings& gateway, const std::vector<std::string>& names, config::Checker& checker);

}  // namespace ringway
