#pragma once
// What `ringway` can be asked to do, and the texts that say so.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.h"

namespace ringway::cli {

/// Every subcommand, in the order the help lists them.
std::span<const Command> commands();
/// Null where there is none of that name.
const Command* find_command(std::string_view name);

/// `ringway --help`.
std::string usage_text();
/// `ringway NAME --help`.
std::string help_text(const Command& command);
/// For a name that is no command: says so and suggests the nearest.
/// Reads `words` as the command takes them. Where that ends it at once, its exit code: 0, it was asked for its help; 2,
/// the words are wrong, and that is told.
std::optional<int> read_words(std::string_view command, std::span<const std::string> words, Arguments& arguments);
std::string unknown_command_text(std::string_view name);

}  // namespace ringway::cli
