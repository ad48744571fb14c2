#pragma once
// What a front-end adds to and takes from the fields of what it passes on (RFC 9110 §7.6, RFC 7239).

#include <string>
#include <string_view>

#include "base/address.h"
#include "http/message.h"

namespace ringway::frontend {

/// Who a client is, as the listener knows it.
struct ClientInfo {
  SocketAddress remote;
  SocketAddress local;
  bool tls = false;
};

/// Hop-by-hop fields go; Via, X-Forwarded-For, X-Forwarded-Proto, Forwarded and X-Request-Id are set from
/// what the connection is, whatever the client claimed.
void prepare_request(http::RequestHead& head, const ClientInfo& client, std::string_view gateway,
                     std::string_view request_id);
void prepare_response(http::ResponseHead& head, std::string_view gateway, std::string_view request_id);

}  // namespace ringway::frontend
