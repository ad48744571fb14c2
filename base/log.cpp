#include "base/log.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/text.h"

namespace ringway {
namespace {

using std::chrono::milliseconds;

/// Printable UTF-8 as it is; the rest as \xHH, so that a line stays a line and a terminal is told nothing.
void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_octets(text);
    const auto first = static_cast<unsigned char>(text[0]);
    // U+0080 to U+009F are control characters as well; they are C2 80 to C2 9F.
    const bool control = first < 0x20 || first == 0x7f || (first == 0xc2 && length == 2 && (text[1] & 0x60) == 0);
    const std::size_t taken = length == 0 ? 1 : length;
    if (length == 0 || control) {
      for (const char c : text.substr(0, taken)) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += text.substr(0, taken);
    }
    text.remove_prefix(taken);
  }
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" =\"\\") != std::string_view::npos;
}

void append_value(std::string& out, std::string_view value) {
  if (!needs_quotes(value)) return append_printable(out, value);
  std::string escaped;
  for (const char c : value) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  out += '"';
  append_printable(out, escaped);
  out += '"';
}

}  // namespace

std::string_view log_level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "error";
}

std::string format_wall_time(std::chrono::system_clock::time_point at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> time(std::chrono::floor<milliseconds>(at - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

Log::Log(std::string source, const LogSettings& settings, LineSink& sink, const Clock& clock)
    : source_(std::move(source)), settings_(settings), sink_(sink), clock_(clock) {}

void Log::write(LogLevel level, std::string_view message, LogFields fields) {
  if (enabled(level)) emit(level, message, fields, 0);
}

void Log::limited(std::string_view kind, LogLevel level, std::string_view message, LogFields fields) {
  if (!enabled(level)) return;
  Allowance& allowed = allowance(kind);
  const Time now = clock_.now();
  if (now - allowed.window_start >= kWindow) {
    allowed.window_start = now;
    allowed.written = 0;
  }
  if (allowed.written >= kBurst) {
    ++allowed.left_out;
    return;
  }
  ++allowed.written;
  emit(level, message, fields, std::exchange(allowed.left_out, 0));
}

Log::Allowance& Log::allowance(std::string_view kind) {
  for (std::size_t i = 0; i < kinds_; ++i) {
    if (allowances_[i].kind == kind) return allowances_[i];
  }
  if (kinds_ == kKinds) return allowances_[kKinds - 1];
  Allowance& fresh = allowances_[kinds_++];
  fresh.kind = kind;
  fresh.window_start = clock_.now();
  return fresh;
}

void Log::emit(LogLevel level, std::string_view message, LogFields fields, std::uint64_t left_out) {
  sink_.write(settings_.format == LogFormat::json ? json_line(level, message, fields, left_out)
                                                  : text_line(level, message, fields, left_out));
}

std::string Log::text_line(LogLevel level, std::string_view message, LogFields fields, std::uint64_t left_out) const {
  std::string line = fmt::format("{} {:<7} {}: ", format_wall_time(clock_.wall()), log_level_name(level), source_);
  append_printable(line, message);
  for (const LogField& field : fields) {
    line += fmt::format(" {}=", field.key);
    append_value(line, field.value);
  }
  if (left_out != 0) line += fmt::format(" left_out={}", left_out);
  if (!mark_.key.empty()) {
    line += fmt::format(" {}=", mark_.key);
    append_value(line, mark_.value);
  }
  return line;
}

std::string Log::json_line(LogLevel level, std::string_view message, LogFields fields, std::uint64_t left_out) const {
  std::string line = fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"source\":", format_wall_time(clock_.wall()),
                                 log_level_name(level));
  append_json_quoted(line, source_);
  line += ",\"message\":";
  append_json_quoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_quoted(line, field.key);
    line += ':';
    append_json_quoted(line, field.value);
  }
  if (left_out != 0) line += fmt::format(",\"left_out\":{}", left_out);
  if (!mark_.key.empty()) {
    line += ',';
    append_json_quoted(line, mark_.key);
    line += ':';
    append_json_quoted(line, mark_.value);
  }
  line += '}';
  return line;
}

}  // namespace ringway
