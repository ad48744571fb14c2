#pragma once
// The words of a command line, judged by a description that also writes the help text.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringway::cli {

struct Option {
  std::string name;        // without "--"
  std::string value_name;  // as the help shows it, "FILE"; empty: a switch without a value
  std::string doc;
  std::string fallback;  // the value where it is not given; empty: none
  bool required = false;
  std::string letter = {};  // "f" for -f; empty: none
  bool repeated = false;    // may be given several times
};

struct Command {
  std::string name;
  std::string summary;   // one line
  std::string operands;  // as the help shows them, "FILE..."; empty: takes none
  std::vector<Option> options;
  std::vector<std::string> examples;
  std::string notes = {};  // what else the help says, lines of its own
};

/// What was given. `--name value` and `--name=value` are the same; `--` ends the options.
class Arguments {
 public:
  /// Fails, with a suggestion where one is near, on what `command` does not describe, on a missing value or
  /// required option, and on an option given twice that may not be. `--help` is taken everywhere and fails nothing.
  static Result<Arguments> parse(const Command& command, std::span<const std::string> words);

  [[nodiscard]] bool has(std::string_view name) const;
  /// The value given, or the fallback; empty where there is neither.
  [[nodiscard]] std::string get(std::string_view name) const;
  /// Every value given, in their order.
  [[nodiscard]] std::vector<std::string> get_all(std::string_view name) const;
  /// The value as a number of at least `least` and at most `most`.
  [[nodiscard]] Result<double> number(std::string_view name, double least, double most) const;
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
  [[nodiscard]] bool wants_help() const { return has("help"); }

 private:
  class Parser;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> fallbacks_;
  std::vector<std::string> operands_;
};

}  // namespace ringway::cli
