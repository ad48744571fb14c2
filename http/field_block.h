#pragma once
// A list of fields in few octets, with no state before or after it (docs/tmp_http.md, "Field blocks").

#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/wire_text.h"

namespace ringway::http {

/// Fields that no message may hold are left out: the reader would refuse the whole block.
void append_field_block(std::string& out, const Fields& fields);

/// Reads to the end of `in`. At most limits::kMaxExchangeFields fields; names and values are checked.
Status read_field_block(WireText& in, Fields& fields);

}  // namespace ringway::http
