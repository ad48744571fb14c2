#pragma once
// Tables for people: columns as wide as what is in them, cut where the screen is narrower.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client/console.h"

namespace ringway::cli::client {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
};

struct Cell {
  Cell(std::string said, Colour shown = Colour::plain) : text(std::move(said)), colour(shown) {}  // NOLINT
  Cell(const char* said) : text(said) {}                                                          // NOLINT
  std::string text;
  Colour colour = Colour::plain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  /// Titles and at most `most_rows` rows; each line ends with a newline. The widest column is cut first.
  [[nodiscard]] std::string text(std::size_t columns, Paint paint, std::size_t most_rows = SIZE_MAX) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths(std::size_t columns) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Characters of UTF-8 text.
std::size_t width_of(std::string_view text);
/// At most `width` characters, the last of them "…" where something was cut off.
std::string cut(std::string_view text, std::size_t width);

/// "12.3 k", "1.5 M": three figures or so.
std::string short_number(double value);
/// "12 kB", by powers of 1000.
std::string short_octets(double octets);
/// "12 Mbit/s".
std::string short_bit_rate(double bits_per_s);
/// 0.123 gives "12 %".
std::string percent(double share);
/// "85 ms", "1.2 s".
std::string milliseconds(double ms);
/// "12 s", "3 min", "2 h", "5 d".
std::string seconds_text(double seconds);

}  // namespace ringway::cli::client
