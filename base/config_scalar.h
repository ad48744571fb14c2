#pragma once
// Types of single values: numbers, sizes, durations, names, addresses, files, words of a choice.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/config_type.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"

namespace ringway::config {

/// The text of `node`, or null after reporting that it is no single value.
const std::string* scalar_of(Context& context, const TreeNode& node, const Description& expected);
/// Reports that `node` is not what is expected; `why` may be empty.
void report_value(Context& context, const TreeNode& node, const std::string& why, const Description& expected);

/// Plain is a number, or true and false: never in quotes.
enum class Form : std::uint8_t { text, plain };

/// A single value that `parse` and `print` say all of.
template <class T>
class Scalar final : public TypeBase<T> {
 public:
  Scalar(Description described, Form form, std::function<Result<T>(const std::string&)> parse,
         std::function<std::string(const T&)> print)
      : TypeBase<T>(std::move(described)), form_(form), parse_(std::move(parse)), print_(std::move(print)) {}

  bool read(Context& context, const TreeNode& node, T& out) const override;
  [[nodiscard]] std::string json(const T& value) const override;

 private:
  Form form_;
  std::function<Result<T>(const std::string&)> parse_;
  std::function<std::string(const T&)> print_;
};

template <class T>
bool Scalar<T>::read(Context& context, const TreeNode& node, T& out) const {
  const std::string* text = scalar_of(context, node, this->description);
  if (text == nullptr) return false;
  if (form_ == Form::plain && node.quoted) {
    report_value(context, node, "quotes make it text", this->description);
    return false;
  }
  Result<T> value = parse_(*text);
  if (!value) {
    report_value(context, node, value.error().message, this->description);
    return false;
  }
  out = std::move(*value);
  return true;
}

template <class T>
std::string Scalar<T>::json(const T& value) const {
  return form_ == Form::plain ? print_(value) : json_quote(print_(value));
}

Type<bool> boolean();
/// A whole number; T is any unsigned type.
template <class T>
Type<T> whole_number(std::uint64_t least, std::uint64_t most = std::numeric_limits<T>::max());
Type<double> fraction(double least, double most);
/// "250ms", "10s", "5m", "2h", "1d"; a unit is required except for 0.
Type<Duration> duration(Duration least, Duration most);
/// "512", "64kB", "16MiB"; kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024. Where `most` is the greatest
/// T can hold, "unlimited" stands for it.
template <class T>
Type<T> octets(std::uint64_t least, std::uint64_t most = std::numeric_limits<T>::max());
/// At least one and at most `most_octets` printable characters.
Type<std::string> text(std::size_t most_octets);
/// Text that may be empty, and may have any characters.
Type<std::string> any_text();
/// What names a gateway or a site: 1 to 63 letters, digits, "-", "_" and ".", the first a letter or digit.
Type<std::string> identifier();
/// A host name (RFC 1123 §2.1), an address, or "*." and a host name; made lower case.
Type<std::string> host_pattern();
Type<SocketAddress> socket_address();
Type<IpAddress> ip_address();
Type<IpNetwork> network();
/// A file that can be read; relative to the directory of the configuration file.
Type<std::string> readable_file();
/// A file that will be written; relative to the directory of the configuration file.
Type<std::string> written_file();

/// Any value, as JSON.
Type<std::string> any_json();

/// One of several words.
template <class E>
Type<E> choice(std::vector<std::pair<std::string, E>> words);

// ---- Their insides

Result<std::uint64_t> parse_number(const std::string& text, std::uint64_t least, std::uint64_t most);
Result<std::uint64_t> parse_octets(const std::string& text, std::uint64_t least, std::uint64_t most);
std::string octets_text(std::uint64_t octets, std::uint64_t unlimited);
Description range_description(std::string name, std::uint64_t least, std::uint64_t most);
Description octets_description(std::uint64_t least, std::uint64_t most, std::uint64_t unlimited);

template <class T>
Type<T> whole_number(std::uint64_t least, std::uint64_t most) {
  static_assert(std::is_unsigned_v<T>);
  return std::make_shared<Scalar<T>>(
      range_description("number", least, most), Form::plain,
      [least, most](const std::string& text) -> Result<T> {
        const Result<std::uint64_t> number = parse_number(text, least, most);
        if (!number) return number.error();
        return static_cast<T>(*number);
      },
      [](const T& value) { return std::to_string(value); });
}

template <class T>
Type<T> octets(std::uint64_t least, std::uint64_t most) {
  static_assert(std::is_unsigned_v<T>);
  constexpr std::uint64_t kUnlimited = std::numeric_limits<T>::max();
  return std::make_shared<Scalar<T>>(
      octets_description(least, most, kUnlimited), Form::text,
      [least, most](const std::string& text) -> Result<T> {
        if (text == "unlimited" && most == kUnlimited) return static_cast<T>(kUnlimited);
        const Result<std::uint64_t> number = parse_octets(text, least, most);
        if (!number) return number.error();
        return static_cast<T>(*number);
      },
      [](const T& value) { return octets_text(value, kUnlimited); });
}

template <class E>
Type<E> choice(std::vector<std::pair<std::string, E>> words) {
  Description description;
  description.name = "word";
  for (const auto& word : words) description.allowed.push_back(word.first);
  return std::make_shared<Scalar<E>>(
      std::move(description), Form::text,
      [words](const std::string& text) -> Result<E> {
        for (const auto& word : words) {
          if (word.first == text) return word.second;
        }
        return internal_error("");
      },
      [words](const E& value) {
        const auto same = [&](const auto& word) { return word.second == value; };
        return std::find_if(words.begin(), words.end(), same)->first;
      });
}

}  // namespace ringway::config
