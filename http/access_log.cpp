#include "http/access_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string_view>

namespace ringway::http {

namespace {

/// Quotes, backslashes and everything outside printable ASCII go as escapes: a log line stays one line
/// whatever a client sends. `hex` is the escape's head, "\\u00" in JSON and "\\x" in CLF.
void append_escaped(std::string& out, std::string_view text, std::string_view hex) {
  for (const char character : text) {
    const auto octet = static_cast<unsigned char>(character);
    if (octet < 0x20 || octet >= 0x7f) {
      fmt::format_to(std::back_inserter(out), "{}{:02x}", hex, octet);
    } else {
      if (octet == '"' || octet == '\\') out.push_back('\\');
      out.push_back(character);
    }
  }
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":\"";
  append_escaped(out, value, "\\u00");
  out += '"';
}

template <class T>
void append_number(std::string& out, std::string_view name, T value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, value);
}

void append_milliseconds(std::string& out, std::string_view name, Duration value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{:.3f}", name, to_milliseconds(value));
}

std::string format_json(const AccessRecord& record) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(record.time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  std::string out =
      fmt::format("{{\"time\":\"{:%Y-%m-%dT%H:%M:%S}.{:03}Z\"",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (milliseconds - seconds).count());
  append_text(out, "id", record.request_id);
  append_text(out, "client", record.client);
  append_text(out, "site", record.site);
  append_text(out, "method", record.method);
  append_text(out, "host", record.authority);
  append_text(out, "target", record.target);
  append_number(out, "status", record.status);
  append_number(out, "ring", record.ring);
  append_text(out, "link", record.link);
  append_text(out, "origin", record.origin);
  append_text(out, "outcome", record.outcome);
  append_number(out, "attempts", record.attempts);
  append_number(out, "request_bytes", record.request_octets);
  append_number(out, "response_bytes", record.response_octets);
  append_milliseconds(out, "total_ms", record.total);
  append_milliseconds(out, "queue_ms", record.queue);
  append_milliseconds(out, "origin_ms", record.origin_time);
  append_milliseconds(out, "link_ms", record.link_time);
  append_text(out, "referer", record.referer);
  append_text(out, "user_agent", record.user_agent);
  out += '}';
  return out;
}

std::string_view or_dash(const std::string& text) { return text.empty() ? std::string_view("-") : text; }

void append_quoted(std::string& out, std::string_view text) {
  out += " \"";
  append_escaped(out, text, "\\x");
  out += '"';
}

std::string format_clf(const AccessRecord& record) {
  const auto seconds = std::chrono::system_clock::to_time_t(record.time);
  std::string out = fmt::format("{} - - [{:%d/%b/%Y:%H:%M:%S} +0000]", or_dash(record.client), fmt::gmtime(seconds));
  append_quoted(out, record.method.empty() ? "-" : record.method + " " + record.target + " HTTP/1.1");
  fmt::format_to(std::back_inserter(out), " {} {}", record.status, record.response_octets);
  append_quoted(out, or_dash(record.referer));
  append_quoted(out, or_dash(record.user_agent));
  fmt::format_to(std::back_inserter(out), " {} site={} ring={} link={} origin={} total={:.3f}ms",
                 or_dash(record.request_id), or_dash(record.site), record.ring, or_dash(record.link),
                 or_dash(record.origin), to_milliseconds(record.total));
  return out;
}

}  // namespace

std::string format_access(const AccessRecord& record, AccessFormat format, std::optional<std::uint64_t> revision) {
  std::string out = format == AccessFormat::json ? format_json(record) : format_clf(record);
  if (!revision) return out;
  if (format == AccessFormat::clf) return out + fmt::format(" revision={}", *revision);
  out.pop_back();
  append_number(out, "revision", *revision);
  return out + "}";
}

}  // namespace ringway::http
