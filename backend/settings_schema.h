#pragma once
// How a back-end's file is described: what the reader, the reference page and the manager share.

#include "backend/settings.h"
#include "base/config_reader.h"

namespace ringway::backend {

config::Type<Settings> settings_type();
/// An item of `sites`.
config::Type<Site> site_type();
/// What a site's owner says of it here: its origins and how they are used.
config::Object<Site> owned_site_object();

}  // namespace ringway::backend
