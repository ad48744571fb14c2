#pragma once
// Which ring an exchange belongs to, by the site's priority rules.

#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "frontend/settings.h"
#include "http/message.h"

namespace ringway::frontend {

struct Classification {
  std::uint8_t ring = tmp::kDefaultRing;
  /// A rule about the answer's content type stands before the one that matched: ask again with the answer.
  bool undecided = false;
};

/// Before the answer is known.
Classification classify(const Site& site, const http::RequestHead& request, const IpAddress& client);
/// With the answer's Content-Type.
std::uint8_t classify_answer(const Site& site, const http::RequestHead& request, const IpAddress& client,
                             std::string_view content_type);
/// A raw connection.
std::uint8_t classify_connection(const Site& site, const IpAddress& client);

}  // namespace ringway::frontend
