#pragma once
// Where a command writes, whom it may ask, and how that looks.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ringway::cli::client {

enum class Colour : std::uint8_t { plain, strong, dim, good, warning, bad };

/// Whether colours are wanted where something is written.
enum class Paint : std::uint8_t { none, ansi };

/// `text` in that colour (ECMA-48 §8.3.117).
std::string painted(std::string_view text, Colour colour, Paint paint);

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t lines = 24;
};

class Console {
 public:
  virtual ~Console() = default;
  /// What was asked for: standard output.
  virtual void out(std::string_view text) = 0;
  /// Progress, questions, and what is wrong: standard error.
  virtual void note(std::string_view text) = 0;
  /// Whether somebody is there who can be asked.
  [[nodiscard]] virtual bool can_ask() const = 0;
  /// Whether what is written can be drawn over: a terminal for both input and output.
  [[nodiscard]] virtual bool is_screen() const = 0;
  /// Waits for a line.
  virtual bool confirm(std::string_view question) = 0;
  /// A line of standard input, without its end: for secrets that are not to stand in a command line.
  virtual std::string read_line() = 0;
  [[nodiscard]] virtual Paint paint() const = 0;
  /// Of standard output; nothing is cut where it is no terminal.
  [[nodiscard]] virtual ScreenSize size() const = 0;
  virtual void sleep(Duration duration) = 0;
};

/// This process's.
class StandardConsole final : public Console {
 public:
  StandardConsole();
  void out(std::string_view text) override;
  void note(std::string_view text) override;
  [[nodiscard]] bool can_ask() const override;
  [[nodiscard]] bool is_screen() const override;
  bool confirm(std::string_view question) override;
  std::string read_line() override;
  [[nodiscard]] Paint paint() const override { return paint_; }
  [[nodiscard]] ScreenSize size() const override;
  void sleep(Duration duration) override;

 private:
  Paint paint_;
};

}  // namespace ringway::cli::client
