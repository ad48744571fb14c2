#include "frontend/forwarding.h"

#include <fmt/format.h>

namespace ringway::frontend {

namespace {

std::string forwarded_element(const http::RequestHead& head, const ClientInfo& client) {
  const std::string address = client.remote.ip.text();
  // RFC 7239 §6: an IPv6 address goes in brackets and therefore in quotes.
  const std::string node = client.remote.ip.is_v4() ? address : "\"[" + address + "]\"";
  return fmt::format("for={};host=\"{}\";proto={}", node, head.authority, head.scheme);
}

void add_via(http::Fields& fields, int minor_version, std::string_view gateway) {
  fields.add("via", fmt::format("1.{} {}", minor_version, gateway));
}

}  // namespace

void prepare_request(http::RequestHead& head, const ClientInfo& client, std::string_view gateway,
                     std::string_view request_id) {
  http::remove_hop_by_hop(head.fields);
  head.scheme = client.tls ? "https" : "http";
  head.fields.remove("forwarded");
  head.fields.remove("x-forwarded-host");
  head.fields.set("x-forwarded-for", client.remote.ip.text());
  head.fields.set("x-forwarded-proto", head.scheme);
  head.fields.add("forwarded", forwarded_element(head, client));
  head.fields.set("x-request-id", request_id);
  add_via(head.fields, head.minor_version, gateway);
}

void prepare_response(http::ResponseHead& head, std::string_view gateway, std::string_view request_id) {
  add_via(head.fields, head.minor_version, gateway);
  head.fields.set("x-request-id", request_id);
}

}  // namespace ringway::frontend
