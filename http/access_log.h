#pragma once
// One line for each exchange, as JSON or in the Combined Log Format with Ringway's own fields behind it.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace ringway::http {

struct AccessRecord {
  std::chrono::system_clock::time_point time;  // when the request's head was whole
  std::string request_id;
  std::string client;  // address without port
  std::string site;    // empty where no site has the host
  std::string method;
  std::string authority;
  std::string target;
  std::string referer;
  std::string user_agent;
  int status = 0;                     // 0: the client went away before a response
  int ring = -1;                      // -1: never classified
  std::string link;                   // name of the peer gateway
  std::string origin;                 // address of the origin
  std::string outcome;                // "ok", or a stream code's name
  unsigned attempts = 0;              // back-ends tried
  std::uint64_t request_octets = 0;   // content
  std::uint64_t response_octets = 0;  // content
  Duration total{};                   // head whole to last octet written
  Duration queue{};                   // waited in the back-end for an origin
  Duration origin_time{};             // request written to the origin until its response's head
  Duration link_time{};               // what is left of the time to the response's head: the link, both ways
};

enum class AccessFormat : std::uint8_t { json, clf };

/// One line without its end. `revision` is that of a manager which was in use; none: no field.
std::string format_access(const AccessRecord& record, AccessFormat format,
                          std::optional<std::uint64_t> revision = std::nullopt);

/// Where records go; the rooms know no file.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  virtual void write(const AccessRecord& record) = 0;
};

}  // namespace ringway::http
