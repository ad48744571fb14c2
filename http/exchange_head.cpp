#include "http/exchange_head.h"

#include <algorithm>
#include <limits>

#include "base/limits.h"
#include "http/exchange_record.h"
#include "http/field_block.h"
#include "http/syntax.h"
#include "http/wire_text.h"

namespace ringway::http {

namespace {

/// The first octet and the length that it announces.
Status read_flags(WireText& in, unsigned& flags, Content& content) {
  flags = in.octet();
  if ((flags & ~head_flags::kKnown) != 0) return link_error("a head with unknown flags");
  content.kind = static_cast<Content::Kind>((flags >> head_flags::kContentShift) & 3U);
  if ((flags & head_flags::kLength) != 0) content.length = in.varint();
  if (content.kind == Content::Kind::none && content.length == kMaxVarint) content.length = Content::kUnsaid;
  return {};
}

std::string read_method(WireText& in) {
  const std::uint8_t place = in.octet();
  if (place == 0) return std::string(in.text());
  return place <= kMethods.size() ? std::string(kMethods[place - 1U]) : std::string();
}

std::uint32_t read_duration(WireText& in) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), std::numeric_limits<std::uint32_t>::max()));
}

Status judge(const ExchangeRequest& request) {
  const RequestHead& head = request.head;
  if (!is_token(head.method) || head.method.size() > limits::kMaxMethodOctets) {
    return link_error("a request's head with a malformed method");
  }
  if (!head.authority.empty() && !is_authority(head.authority)) {
    return link_error("a request's head with a malformed authority");
  }
  if (head.target.empty() || !is_visible(head.target)) return link_error("a request's head with a malformed target");
  if (request.content.kind == Content::Kind::until_close) return link_error("a request's head without framing");
  if (!is_field_value(head.upgrade)) return link_error("a request's head with a malformed upgrade");
  if (request.context.request_id.size() > kMaxRequestIdOctets || !is_visible(request.context.request_id)) {
    return link_error("a request's head with a malformed request id");
  }
  return {};
}

/// Status, reason and upgrade, as `flags` say.
Status read_status(WireText& in, unsigned flags, ResponseHead& head) {
  head.minor_version = (flags & head_flags::kMinorVersion) != 0 ? 1 : 0;
  head.status = in.u16();
  if ((flags & head_flags::kReason) != 0) head.reason = in.text();
  if (head.reason.empty()) head.reason = reason_phrase(head.status);
  if ((flags & head_flags::kUpgrade) != 0) head.upgrade = in.text();
  if (head.status < 100 || head.status > 999) return link_error("a response's head with a malformed status");
  if (!is_field_value(head.reason)) return link_error("a response's head with a malformed reason");
  if (!is_field_value(head.upgrade)) return link_error("a response's head with a malformed upgrade");
  return {};
}

bool is_interim(int status) { return status < 200 && status != 101; }

}  // namespace

Result<ExchangeRequest> read_request_head(Bytes payload) {
  WireText in(payload);
  ExchangeRequest request;
  unsigned flags = 0;
  if (Status status = read_flags(in, flags, request.content); !status) return status.error();
  RequestHead& head = request.head;
  head.minor_version = (flags & head_flags::kMinorVersion) != 0 ? 1 : 0;
  if ((flags & head_flags::kHttps) != 0) head.scheme = "https";
  head.expects_continue = (flags & head_flags::kExpectsContinue) != 0;
  head.method = read_method(in);
  head.authority = in.text();
  head.target = in.text();
  if ((flags & head_flags::kUpgrade) != 0) head.upgrade = in.text();
  request.context.request_id = in.text();
  if (in.failed()) return link_error("a request's head that ends too early");
  if (Status status = judge(request); !status) return status.error();
  if (Status status = read_field_block(in, head.fields); !status) return status.error();
  return request;
}

Result<ResponseHead> read_interim_head(Bytes payload) {
  WireText in(payload);
  ResponseHead head;
  Content content;
  unsigned flags = 0;
  if (Status status = read_flags(in, flags, content); !status) return status.error();
  if (Status status = read_status(in, flags, head); !status) return status.error();
  if (in.failed()) return link_error("an interim response's head that ends too early");
  if (!is_interim(head.status)) return link_error("an interim response with a final status");
  if (Status status = read_field_block(in, head.fields); !status) return status.error();
  return head;
}

Result<ExchangeResponse> read_response_head(Bytes payload) {
  WireText in(payload);
  ExchangeResponse response;
  unsigned flags = 0;
  if (Status status = read_flags(in, flags, response.content); !status) return status.error();
  if (Status status = read_status(in, flags, response.head); !status) return status.error();
  response.context.from_gateway = (flags & head_flags::kFromGateway) != 0;
  response.context.origin = in.text();
  response.context.queue_us = read_duration(in);
  response.context.origin_us = read_duration(in);
  if (in.failed()) return link_error("a response's head that ends too early");
  if (is_interim(response.head.status)) return link_error("a response with an interim status");
  if (response.context.origin.size() > kMaxOriginNameOctets || !is_visible(response.context.origin)) {
    return link_error("a response's head with a malformed origin");
  }
  if (Status status = read_field_block(in, response.head.fields); !status) return status.error();
  return response;
}

}  // namespace ringway::http
