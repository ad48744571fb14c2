#include "http/gateway_answer.h"

#include <fmt/format.h>

namespace ringway::http {

namespace {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char character : text) {
    switch (character) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += character;
    }
  }
  return out;
}

}  // namespace

GatewayAnswer gateway_answer(int status, std::string_view reason, std::string_view request_id) {
  GatewayAnswer answer;
  answer.head.status = status;
  answer.head.reason = reason_phrase(status);
  answer.head.fields.add("content-type", "text/html; charset=utf-8");
  answer.head.fields.add("cache-control", "no-store");
  if (status == 503) answer.head.fields.add("retry-after", "1");
  if (!request_id.empty()) answer.head.fields.add("x-request-id", request_id);
  const std::string id_line =
      request_id.empty() ? std::string() : fmt::format("<p>Request <code>{}</code></p>\n", escape_html(request_id));
  answer.body = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><title>{0} {1}</title></head>\n"
      "<body><h1>{0} {1}</h1>\n<p>{2}</p>\n{3}</body></html>\n",
      status, answer.head.reason, escape_html(reason), id_line);
  return answer;
}

}  // namespace ringway::http
