#include "redirector_dns/zone/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "redirector_dns/limits.h"

namespace ringway::dns {

namespace {

constexpr std::uint32_t kMostNumber = INT32_MAX;
constexpr unsigned kMostWidth = 128;

/// Takes digits from the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

struct Form {
  std::int64_t offset = 0;
  unsigned width = 0;
  char base = 'd';
};

/// Takes "{…}" from the front; what is missing of it is as it is by default.
std::optional<Form> take_form(std::string_view& text) {
  Form form;
  if (!take(text, '{')) return form;
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const auto offset = take_number(text, kMostNumber);
  if (!offset) return std::nullopt;
  form.offset = negative ? -std::int64_t{*offset} : *offset;
  if (take(text, ',')) {
    const auto width = take_number(text, kMostWidth);
    if (!width) return std::nullopt;
    form.width = *width;
    if (take(text, ',')) {
      form.base = text.empty() ? '}' : text.front();
      text.remove_prefix(std::min<std::size_t>(1, text.size()));
    }
  }
  return take(text, '}') ? std::optional(form) : std::nullopt;
}

/// `width` counts the dots.
std::string nibbles(std::uint64_t value, unsigned width, std::string_view digits) {
  std::string text(1, digits[value % 16]);
  for (value /= 16; value != 0 || text.size() < width; value /= 16) {
    text += '.';
    if (value != 0 || text.size() < width) text += digits[value % 16];
  }
  return text;
}

std::optional<std::string> written(const Form& form, std::uint32_t number) {
  const std::int64_t signed_value = number + form.offset;
  if (signed_value < 0) return std::nullopt;
  const auto value = static_cast<std::uint64_t>(signed_value);
  switch (form.base) {
    case 'd': return fmt::format("{:0{}d}", value, form.width);
    case 'o': return fmt::format("{:0{}o}", value, form.width);
    case 'x': return fmt::format("{:0{}x}", value, form.width);
    case 'X': return fmt::format("{:0{}X}", value, form.width);
    case 'n': return nibbles(value, form.width, "0123456789abcdef");
    case 'N': return nibbles(value, form.width, "0123456789ABCDEF");
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<NumberRange> parse_range(std::string_view text) {
  const auto first = take_number(text, kMostNumber);
  if (!first || !take(text, '-')) return std::nullopt;
  const auto last = take_number(text, kMostNumber);
  if (!last || *last < *first) return std::nullopt;
  NumberRange range{*first, *last};
  if (take(text, '/')) {
    const auto step = take_number(text, kMostNumber);
    if (!step || *step == 0) return std::nullopt;
    range.step = *step;
  }
  return text.empty() ? std::optional(range) : std::nullopt;
}

std::optional<std::string> fill_in(std::string_view pattern, std::uint32_t number) {
  std::string out;
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '\\' && !pattern.empty()) {
      out += c;
      out += pattern.front();
      pattern.remove_prefix(1);
    } else if (c != '$' || take(pattern, '$')) {
      out += c;
    } else {
      const std::optional<Form> form = take_form(pattern);
      const std::optional<std::string> text = form ? written(*form, number) : std::nullopt;
      if (!text) return std::nullopt;
      out += *text;
    }
    if (out.size() > limits::kMaxGeneratedOctets) return std::nullopt;
  }
  return out;
}

}  // namespace ringway::dns
