#pragma once
// Heads as the link carries them (docs/tmp_http.md): from a record's payload, held whole, to values.

#include "base/result.h"
#include "http/exchange_codec.h"

namespace ringway::http {

struct ExchangeRequest {
  RequestHead head;
  Content content;
  RequestContext context;
};

struct ExchangeResponse {
  ResponseHead head;
  Content content;
  ResponseContext context;
};

Result<ExchangeRequest> read_request_head(Bytes payload);
Result<ResponseHead> read_interim_head(Bytes payload);
Result<ExchangeResponse> read_response_head(Bytes payload);

}  // namespace ringway::http
