#pragma once
// How a front-end's file is described: what the reader, the reference page and the manager share.

#include "base/config_reader.h"
#include "frontend/settings.h"

namespace ringway::frontend {

config::Type<Settings> settings_type();
/// An item of `sites`.
config::Type<Site> site_type();
/// What a site's owner says of it: all but its back-ends.
config::Object<Site> owned_site_object();

}  // namespace ringway::frontend
