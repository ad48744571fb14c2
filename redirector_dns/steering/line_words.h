#pragma once
// Reading texts of one item a line, its words apart by one space: strict, and the first fault is remembered with its
// line.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace ringway::dns::steering {

/// The words of one line. After a fault every value is empty or 0, so that callers need not ask each time.
class LineWords {
 public:
  LineWords(std::string_view line, std::size_t number) : rest_(line), number_(number) {}

  /// The next word, not empty; the fault is noted where there is none.
  std::string_view word();
  /// The same in quotes of its own: "-" is nothing.
  std::string_view word_or_dash() {
    const std::string_view text = word();
    return text == "-" ? std::string_view() : text;
  }
  template <class T>
  T number() {
    return number_of<T>(word());
  }
  IpAddress address() { return address_of(word()); }
  /// "a,b,c", or "-" for none.
  template <class T>
  std::vector<T> numbers(std::size_t most) {
    std::vector<T> items;
    for (std::string_view left = word_or_dash(); !left.empty() && good();) items.push_back(number_of<T>(item(left)));
    if (items.size() > most) fault("too many of them");
    return items;
  }
  std::vector<IpAddress> addresses(std::size_t most);

  void fault(std::string_view why);
  /// Whether all words were right and there are no more.
  [[nodiscard]] bool finished() {
    if (!rest_.empty()) fault("words behind its end");
    return good();
  }
  [[nodiscard]] bool good() const { return why_.empty(); }
  [[nodiscard]] Error error() const;

 private:
  static std::string_view item(std::string_view& left);
  IpAddress address_of(std::string_view text);
  template <class T>
  T number_of(std::string_view text);

  std::string_view rest_;
  std::size_t number_;
  std::string why_;
};

template <class T>
T LineWords::number_of(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool good = error == std::errc() && end == text.data() + text.size();
  if constexpr (std::is_floating_point_v<T>) good = good && std::isfinite(value);
  if (!good) fault("'" + std::string(text.substr(0, 64)) + "' is no such number");
  return good ? value : T{};
}

}  // namespace ringway::dns::steering
