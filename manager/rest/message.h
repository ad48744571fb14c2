#pragma once
// A request and its reply as the parts of the API see them: whole, decoded, bounded.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "http/message.h"
#include "manager/access/permissions.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

class Call;

/// `path` is decoded and without the query, of a doubled name in which the last counts.
struct Request {
  std::string method;
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
  http::Fields fields;
  std::string body;  // at most limits::kMaxApiBodyOctets
  IpAddress remote;
  std::optional<tmp::PeerCertificate> certificate;  // by which the client has proven itself in TLS
  std::string id;                                   // in logs and in problems
  Principal principal;                              // who asks, where the operation is not open to everyone

  [[nodiscard]] std::string_view field(std::string_view name) const { return fields.find(name).value_or(""); }
  [[nodiscard]] bool asks(std::string_view name) const {
    const auto found = query.find(name);
    return found != query.end() && found->second != "0" && found->second != "false";
  }
};

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  /// Set: `body` is the beginning of a reply without an end, and this is given what sends the rest.
  std::function<void(const std::shared_ptr<Call>&)> go_on;
};

/// Called once, now or later.
using Respond = std::function<void(Reply)>;

/// The path and the query of a request's target (RFC 3986); nothing where a part of it is no percent-encoded UTF-8, or
/// a path segment is "." or "..".
struct RequestTarget {
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
};
std::optional<RequestTarget> parse_target(std::string_view target);

}  // namespace ringway::manager
