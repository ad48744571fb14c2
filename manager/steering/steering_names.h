#pragma once
// What atlases call what is no front-end or POP of the revision. No resource's name has a slash in it.

#include <string>

#include "manager/resources/kinds.h"
#include "redirector_dns/steering/atlas.h"

namespace ringway::manager {

/// The site "shop/backends": a site's back-ends, as DNS finds them.
inline std::string backends_name(const std::string& site) { return site + std::string(kBackendsSuffix); }
/// A back-end as one that answers.
inline std::string steered_backend(const std::string& backend) {
  return std::string(dns::steering::kBackendPrefix) + backend;
}
/// Back-ends for which there is no other place left.
inline constexpr const char* kOtherPlaces = "backend/others";
/// Where it stands: its hosting centre, or nowhere but with itself.
inline std::string place_of(const BackendGateway& backend) {
  return backend.centre.empty() ? "backend/" + backend.name : "centre/" + backend.centre;
}

}  // namespace ringway::manager
