#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace ringway::cli {

/// Takes the words one after the other.
class Arguments::Parser {
 public:
  Parser(const Command& command, std::span<const std::string> words) : command_(command), words_(words) {}

  Result<Arguments> parse() {
    for (; next_ < words_.size(); ++next_) {
      const Status status = take(words_[next_]);
      if (!status) return status.error();
    }
    if (!taken_.wants_help()) {
      const Status status = check_missing();
      if (!status) return status.error();
    }
    for (const Option& option : command_.options) taken_.fallbacks_[option.name] = option.fallback;
    return std::move(taken_);
  }

 private:
  Status take(const std::string& word) {
    if (only_operands_ || word.size() < 2 || word[0] != '-') {
      if (command_.operands.empty()) return fault(fmt::format("\"{}\" is not expected", word));
      taken_.operands_.push_back(word);
      return {};
    }
    if (word == "--") {
      only_operands_ = true;
      return {};
    }
    if (word == "-h") return put("help", "");
    if (!word.starts_with("--")) return take_letter(word);
    return take_option(word.substr(2));
  }

  /// "-f"; a value is the next word.
  Status take_letter(const std::string& word) {
    const auto found = std::find_if(command_.options.begin(), command_.options.end(),
                                    [&](const Option& option) { return "-" + option.letter == word; });
    return found == command_.options.end() ? fault(fmt::format("unknown option {}", word)) : take_option(found->name);
  }

  Status take_option(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (name == "help") return put(name, "");
    const Option* option = find(name);
    if (option == nullptr) return unknown(name);
    if (equals != std::string::npos) {
      if (option->value_name.empty()) return fault(fmt::format("--{} takes no value", name));
      return put(name, text.substr(equals + 1));
    }
    if (option->value_name.empty()) return put(name, "");
    if (next_ + 1 >= words_.size()) return fault(fmt::format("--{} needs a value: {}", name, option->value_name));
    return put(name, words_[++next_]);
  }

  Status put(const std::string& name, const std::string& value) {
    std::vector<std::string>& values = taken_.values_[name];
    const Option* option = find(name);
    const bool again = !values.empty() && name != "help" && (option == nullptr || !option->repeated);
    values.push_back(value);
    if (!again) return {};
    return fault(fmt::format("--{} is given twice", name));
  }

  Status check_missing() {
    for (const Option& option : command_.options) {
      if (option.required && !taken_.has(option.name)) {
        return fault(fmt::format("--{} {} is missing: {}", option.name, option.value_name, option.doc));
      }
    }
    return {};
  }

  const Option* find(const std::string& name) const {
    const auto found = std::find_if(command_.options.begin(), command_.options.end(),
                                    [&](const Option& option) { return option.name == name; });
    return found == command_.options.end() ? nullptr : &*found;
  }

  Status unknown(const std::string& name) const {
    std::vector<std::string> names = {"help"};
    for (const Option& option : command_.options) names.push_back(option.name);
    const std::string near = did_you_mean(name, names);
    return fault(
        fmt::format("unknown option --{}{}", name, near.empty() ? "" : fmt::format("; did you mean --{}?", near)));
  }

  Error fault(const std::string& message) const {
    return client_error(fmt::format("ringway {}: {}\nSee ringway {} --help.", command_.name, message, command_.name));
  }

  const Command& command_;
  std::span<const std::string> words_;
  std::size_t next_ = 0;
  bool only_operands_ = false;
  Arguments taken_;
};

Result<Arguments> Arguments::parse(const Command& command, std::span<const std::string> words) {
  return Parser(command, words).parse();
}

bool Arguments::has(std::string_view name) const { return values_.find(name) != values_.end(); }

std::string Arguments::get(std::string_view name) const {
  const auto given = values_.find(name);
  if (given != values_.end()) return given->second.back();
  const auto fallback = fallbacks_.find(name);
  return fallback == fallbacks_.end() ? std::string() : fallback->second;
}

std::vector<std::string> Arguments::get_all(std::string_view name) const {
  const auto given = values_.find(name);
  return given == values_.end() ? std::vector<std::string>() : given->second;
}

Result<double> Arguments::number(std::string_view name, double least, double most) const {
  const std::string text = get(name);
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most)) {
    return client_error(fmt::format("--{}: \"{}\" is no number from {} to {}", name, text, least, most));
  }
  return value;
}

}  // namespace ringway::cli
