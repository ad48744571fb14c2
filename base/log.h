#pragma once
// What the gateway tells the person who runs it: one line an event, by level, as text or as JSON.
// Not for what happens with every packet or exchange; those are metrics and the access log.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace ringway {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

std::string_view log_level_name(LogLevel level);

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  auto operator<=>(const LogSettings&) const = default;
};

/// Takes whole lines without their newline. One sink may serve several logs; each call is one line.
class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void write(std::string_view line) = 0;
};

/// One detail of an event. Control characters in it come out escaped: no stranger writes lines here.
struct LogField {
  std::string_view key;
  std::string_view value;
};

using LogFields = std::initializer_list<LogField>;

/// One worker's log. The sink and the clock outlive it.
class Log {
 public:
  /// `source` stands before each message: "frontend", "link".
  Log(std::string source, const LogSettings& settings, LineSink& sink, const Clock& clock);

  void debug(std::string_view message, LogFields fields = {}) { write(LogLevel::debug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) { write(LogLevel::info, message, fields); }
  void warning(std::string_view message, LogFields fields = {}) { write(LogLevel::warning, message, fields); }
  void error(std::string_view message, LogFields fields = {}) { write(LogLevel::error, message, fields); }
  void write(LogLevel level, std::string_view message, LogFields fields);

  /// For what strangers can cause as often as they like: of each `kind` (a literal, compared by text) at most
  /// kBurst lines in kWindow; the first line after that says how many were left out.
  void limited(std::string_view kind, LogLevel level, std::string_view message, LogFields fields = {});

  [[nodiscard]] bool enabled(LogLevel level) const { return level >= settings_.level; }
  void set(const LogSettings& settings) { settings_ = settings; }
  /// Stands last in every line from now on, in place of an earlier one. `key` is a literal.
  void set_mark(std::string_view key, std::string value) { mark_ = {key, std::move(value)}; }

  static constexpr std::uint32_t kBurst = 5;
  static constexpr Duration kWindow = std::chrono::seconds(10);
  /// Kinds after the last one share the last one's allowance.
  static constexpr std::size_t kKinds = 32;

 private:
  struct Allowance {
    std::string kind;
    Time window_start{};
    std::uint32_t written = 0;
    std::uint64_t left_out = 0;
  };

  Allowance& allowance(std::string_view kind);
  struct Mark {
    std::string_view key;  // empty: none
    std::string value;
  };

  std::string text_line(LogLevel level, std::string_view message, LogFields fields, std::uint64_t left_out) const;
  std::string json_line(LogLevel level, std::string_view message, LogFields fields, std::uint64_t left_out) const;
  void emit(LogLevel level, std::string_view message, LogFields fields, std::uint64_t left_out);

  std::string source_;
  LogSettings settings_;
  LineSink& sink_;
  const Clock& clock_;
  Mark mark_;
  std::array<Allowance, kKinds> allowances_;
  std::size_t kinds_ = 0;
};

/// "2026-11-21T12:00:01.123Z" (RFC 3339).
std::string format_wall_time(std::chrono::system_clock::time_point at);

}  // namespace ringway
