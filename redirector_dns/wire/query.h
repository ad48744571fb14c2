#pragma once
// Reads a query as far as its answer depends on it, without following a pointer, allocating or copying.

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "redirector_dns/wire/edns.h"
#include "redirector_dns/wire/message_reader.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

/// Views into the message.
struct Query {
  Header header;
  Bytes question;  // the name, the type and the class as they came; empty: none that is well formed
  NameView name;   // of the question
  RecordType type{};
  std::uint16_t record_class = 0;
  std::optional<Edns> edns;
};

/// `ignore`: shorter than a header, or itself a response; an answer would go to somebody who asked nothing.
enum class Verdict : std::uint8_t { answer, ignore, formerr, notimp };

/// `out` holds what was read until something was wrong. A query without a question is one where it brings a cookie (RFC
/// 7873 §5.4); with more than one it is malformed (RFC 9619).
Verdict read_query(Bytes message, Query& out);

}  // namespace ringway::dns
