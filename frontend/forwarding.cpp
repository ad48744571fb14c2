#include "frontend/forwarding.h"

namespace ringway::frontend {

namespace {

// Texts are put together by hand here: this is done for each request.

std::string forwarded_element(const http::RequestHead& head, std::string_view node) {
  std::string text("for=");
  // RFC 7239 §6: an IPv6 address goes in brackets and therefore in quotes.
  const bool v6 = node.find(':') != std::string_view::npos;
  text.append(v6 ? "\"[" : "").append(node).append(v6 ? "]\"" : "");
  return text.append(";host=\"").append(head.authority).append("\";proto=").append(head.scheme);
}

void add_via(http::Fields& fields, int minor_version, std::string_view gateway) {
  std::string text("1.");
  fields.add("via", text.append(std::to_string(minor_version)).append(" ").append(gateway));
}

}  // namespace

void prepare_request(http::RequestHead& head, const ClientInfo& client, std::string_view gateway,
                     std::string_view request_id) {
  http::remove_hop_by_hop(head.fields);
  const std::string address = client.remote.ip.text();
  head.scheme = client.tls ? "https" : "http";
  head.fields.remove("forwarded");
  head.fields.remove("x-forwarded-host");
  head.fields.set("x-forwarded-for", address);
  head.fields.set("x-forwarded-proto", head.scheme);
  head.fields.add("forwarded", forwarded_element(head, address));
  head.fields.set("x-request-id", request_id);
  add_via(head.fields, head.minor_version, gateway);
}

void prepare_response(http::ResponseHead& head, std::string_view gateway, std::string_view request_id) {
  add_via(head.fields, head.minor_version, gateway);
  head.fields.set("x-request-id", request_id);
}

}  // namespace ringway::frontend
