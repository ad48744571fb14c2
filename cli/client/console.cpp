#include "cli/client/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace ringway::cli::client {

namespace {

constexpr std::size_t kUncut = 100000;

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::plain: return "";
    case Colour::strong: return "1";
    case Colour::dim: return "2";
    case Colour::good: return "32";
    case Colour::warning: return "33";
    case Colour::bad: return "31";
  }
  return "";
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// NO_COLOR: https://no-color.org.
bool wants_colours() {
  return ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

void write(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

std::string painted(std::string_view text, Colour colour, Paint paint) {
  if (paint == Paint::none || colour == Colour::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

StandardConsole::StandardConsole() : paint_(wants_colours() ? Paint::ansi : Paint::none) {}

void StandardConsole::out(std::string_view text) { write(stdout, text); }
void StandardConsole::note(std::string_view text) { write(stderr, text); }

bool StandardConsole::can_ask() const { return ::isatty(STDIN_FILENO) == 1; }

bool StandardConsole::is_screen() const { return can_ask() && ::isatty(STDOUT_FILENO) == 1; }

bool StandardConsole::confirm(std::string_view question) {
  note(fmt::format("{} [y/N] ", question));
  const std::string answer = read_line();
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::string StandardConsole::read_line() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) line += static_cast<char>(c);
  return line;
}

ScreenSize StandardConsole::size() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {kUncut, kUncut};
  return {size.ws_col, size.ws_row};
}

void StandardConsole::sleep(Duration duration) { std::this_thread::sleep_for(duration); }

}  // namespace ringway::cli::client
