#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace ringway::cli {
namespace {

constexpr std::size_t kDocColumn = 26;

Option config_option() { return {"config", "FILE", "the configuration, YAML or JSON", "", true}; }

Command frontend_command() {
  return {"frontend",
          "serve clients and carry their requests to back-ends",
          "",
          {config_option()},
          {"ringway frontend --config /etc/ringway/frontend.yaml"}};
}

Command backend_command() {
  return {"backend",
          "take requests from front-ends and spread them over origins",
          "",
          {config_option()},
          {"ringway backend --config /etc/ringway/backend.yaml"}};
}

Command check_command() {
  return {"check",
          "say everything that is wrong with configuration files, or that they are right",
          "FILE...",
          {},
          {"ringway check frontend.yaml backend.yaml"}};
}

Command keys_command() {
  return {"keys",
          "make an identity for a gateway, and a private authority where there is none yet",
          "",
          {{"authority", "DIR", "where the authority is, or is made; the identity is written there as well", "", true},
           {"name", "NAME", "the gateway's name, as in its configuration", "", true},
           {"role", "ROLE", "frontend or backend", "", true}},
          {"ringway keys --authority keys --name pop-1 --role frontend",
           "ringway keys --authority keys --name host-1 --role backend"}};
}

Command demo_command() {
  return {"demo",
          "run two origins, a back-end and a front-end on this machine, with a distance between them",
          "",
          {{"rtt", "MS", "the link's round trip, in milliseconds", "80", false},
           {"loss", "PERCENT", "how much of it is lost, each way", "1", false},
           {"rate", "MBIT", "its rate, in Mbit/s", "50", false},
           {"port", "PORT", "where the front-end listens", "8080", false},
           {"metrics-port", "PORT", "where it serves its metrics", "9090", false},
           {"for", "SECONDS", "end after so long, with a summary; 0: when you press Ctrl-C", "0", false}},
          {"ringway demo --rtt 150 --loss 2", "ringway demo --for 20 --port 9000"}};
}

std::string option_line(const std::string& left, const std::string& doc) {
  return fmt::format("  {:<{}}{}\n", left, kDocColumn - 2, doc);
}

std::string synopsis(const Command& command) {
  std::string line = "ringway " + command.name;
  for (const Option& option : command.options) {
    const std::string word = "--" + option.name + (option.value_name.empty() ? "" : " " + option.value_name);
    line += option.required ? " " + word : " [" + word + "]";
  }
  if (!command.operands.empty()) line += " " + command.operands;
  return line;
}

}  // namespace

std::span<const Command> commands() {
  static const std::array kCommands = {frontend_command(), backend_command(), check_command(), keys_command(),
                                       demo_command()};
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const std::span<const Command> all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string usage_text() {
  std::string text =
      "ringway COMMAND [OPTION...]\n\n"
      "An overlay gateway: clients come to a front-end near them, a lasting link carries their\n"
      "requests to a back-end near the servers.\n\nCommands:\n";
  for (const Command& command : commands()) text += option_line(command.name, command.summary);
  text += "\nringway COMMAND --help says more about one. ringway --version tells the version.\n";
  return text;
}

std::string help_text(const Command& command) {
  std::string text = synopsis(command) + "\n\n" + command.summary + "\n\nOptions:\n";
  for (const Option& option : command.options) {
    const std::string left = "--" + option.name + (option.value_name.empty() ? "" : " " + option.value_name);
    text += option_line(left, option.doc + (option.fallback.empty() ? "" : fmt::format(" ({})", option.fallback)));
  }
  text += option_line("--help", "this text") + "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + "\n";
  return text;
}

std::string unknown_command_text(std::string_view name) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  const std::string near = did_you_mean(name, names);
  const std::string suggestion = near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
  return fmt::format("ringway: unknown command \"{}\"{}\nSee ringway --help.\n", name, suggestion);
}

}  // namespace ringway::cli
