#pragma once
// What a gateway answers in its own name: a status, a short page with the request's id, and what to do.

#include <string>
#include <string_view>

#include "http/message.h"

namespace ringway::http {

struct GatewayAnswer {
  ResponseHead head;
  std::string body;  // HTML; not sent to HEAD
};

/// `reason` is a sentence for people. `request_id` may be empty. 503 says Retry-After: 1.
GatewayAnswer gateway_answer(int status, std::string_view reason, std::string_view request_id);

}  // namespace ringway::http
