#pragma once
// HTTP/1.1 messages to octets (RFC 9112).

#include <string_view>

#include "base/byte_queue.h"
#include "http/message.h"

namespace ringway::http {

/// The head with Host, Connection, and Content-Length or Transfer-Encoding as `content` says.
/// An upgrade is asked for where `head.upgrade` is set.
void write_request_head(ByteQueue& out, const RequestHead& head, Content content);
/// `connection`: "close", "keep-alive" or "" for none; replaced by "upgrade" with status 101.
void write_response_head(ByteQueue& out, const ResponseHead& head, Content content, std::string_view connection);
/// One chunk around `data` (RFC 9112 §7.1); nothing where it is empty.
void write_chunk(ByteQueue& out, Slice data);
void write_last_chunk(ByteQueue& out, const Fields& trailers);

}  // namespace ringway::http
