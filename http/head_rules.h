#pragma once
// What a head means once its fields are read, and what in it is contradictory (RFC 9110 §7, RFC 9112 §3, §6).

#include "http/fault.h"
#include "http/message.h"

namespace ringway::http {

/// `head` comes with method, target, version and all fields as they were sent. Fills in the rest and takes
/// Host and Expect out of the fields. `content` is what follows.
Fault judge_request(RequestHead& head, Content& content);

/// `head` comes with status, version and all fields; `request_method` is the method of the request.
Fault judge_response(ResponseHead& head, std::string_view request_method, Content& content);

}  // namespace ringway::http
