#include "cli/client/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/text.h"

namespace ringway::cli::client {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWidth = 6;

bool continues(char c) { return (c & 0xc0) == 0x80; }

std::string pad(const std::string& text, std::size_t width, Align align) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return align == Align::right ? space + text : text + space;
}

/// `value` in the first unit that leaves it below 1000.
std::string scaled(double value, const std::array<const char*, 5>& units) {
  std::size_t unit = 0;
  // What would be written as 1000 goes on to the next unit.
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const bool fine = value != 0 && value < 9.95;
  return fine ? fmt::format("{:.1f}{}", value, units[unit]) : fmt::format("{:.0f}{}", value, units[unit]);
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  std::size_t octets = 0;
  for (std::size_t left = width; octets < text.size() && (left > 1 || continues(text[octets])); ++octets) {
    if (octets + 1 < text.size() && !continues(text[octets + 1])) --left;
  }
  return width == 0 ? "" : std::string(text.substr(0, octets)) + "…";
}

std::vector<std::size_t> Table::widths(std::size_t columns) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(width_of(column.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  std::size_t sum = std::accumulate(widths.begin(), widths.end(), (widths.size() - 1) * kGap);
  while (sum > columns) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastWidth) break;
    --*widest;
    --sum;
  }
  return widths;
}

std::string Table::text(std::size_t columns, Paint paint, std::size_t most_rows) const {
  const std::vector<std::size_t> all = widths(columns);
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Cell cell = cell_of(i);
      // Spaces at a line's end are of no use.
      const bool last = i + 1 == columns_.size() && columns_[i].align == Align::left;
      const std::string shown = cut(cell.text, all[i]);
      const std::string padded = last ? shown : pad(shown, all[i], columns_[i].align);
      out += painted(padded, cell.colour, paint) + (i + 1 == columns_.size() ? "" : std::string(kGap, ' '));
    }
    return out + "\n";
  };
  std::string out = line([&](std::size_t i) { return Cell(columns_[i].title, Colour::dim); });
  for (std::size_t row = 0; row < std::min(rows_.size(), most_rows); ++row) {
    out += line([&](std::size_t i) { return rows_[row][i]; });
  }
  return out;
}

std::string short_number(double value) { return scaled(value, {"", " k", " M", " G", " T"}); }
std::string short_octets(double octets) { return scaled(octets, {" B", " kB", " MB", " GB", " TB"}); }
std::string short_bit_rate(double bits_per_s) {
  return scaled(bits_per_s, {" bit/s", " kbit/s", " Mbit/s", " Gbit/s", " Tbit/s"});
}

std::string percent(double share) {
  const double shown = share * 100;
  return shown >= 0.05 && shown < 9.95 ? fmt::format("{:.1f} %", shown) : fmt::format("{:.0f} %", shown);
}

std::string milliseconds(double ms) {
  if (ms >= 999.5) return fmt::format("{:.1f} s", ms / 1000);
  return ms != 0 && ms < 9.95 ? fmt::format("{:.1f} ms", ms) : fmt::format("{:.0f} ms", ms);
}

std::string seconds_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} d", seconds / 86400);
}

}  // namespace ringway::cli::client
