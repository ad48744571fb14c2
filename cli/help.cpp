#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "cli/client/commands.h"

namespace ringway::cli {
namespace {

constexpr std::size_t kDocColumn = 26;
constexpr std::size_t kPageColumns = 100;

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

Command dns_command() {
  return {
      "dns",
      "answer for zones, and send each client to the best front-end of a site",
      "",
      {config_option(),
       {"take-over", "", "take the place of one that runs, by the file's `handover`, without a lost query", "", false},
       {"dump", "", "show the zones and the table of the one that runs, or its last good table", "", false},
       {"explain", "NAME", "show where the one that runs sends a client of this name, and why", "", false},
       {"client", "IP", "which client, an address or a network, for --explain", "", false}},
      {"ringway dns --config /etc/ringway/dns.yaml", "ringway dns --config /etc/ringway/dns.yaml --take-over",
       "ringway dns --config dns.yaml --explain www.shop.test --client 203.0.113.0/24"}};
}

Command manager_command() {
  return {"manager",
          "keep what front-ends and back-ends should do, and tell them",
          "",
          {config_option(),
           {"new-token", "", "make and show a new first token, where all were lost, and end; the manager is stopped",
            "", false}},
          {"ringway manager --config /etc/ringway/manager.yaml", "ringway manager --config manager.yaml --new-token"}};
}

Command backup_command() {
  return {"backup",
          "write all that the manager keeps into one file, while it runs or not",
          "TO",
          {config_option()},
          {"ringway backup --config /etc/ringway/manager.yaml ringway.backup"}};
}

Command restore_command() {
  return {"restore",
          "make the manager's store of a backup; gateways wait for an operator where they have what is newer",
          "FROM",
          {config_option(), {"replace", "", "give up what the store holds now", "", false}},
          {"ringway restore --config /etc/ringway/manager.yaml ringway.backup",
           "ringway restore --config manager.yaml --replace ringway.backup"}};
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
           {"role", "ROLE", "frontend, backend or redirector", "", true}},
          {"ringway keys --authority keys --name pop-1 --role frontend",
           "ringway keys --authority keys --name host-1 --role backend"}};
}

Command enrol_command() {
  return {"enrol",
          "get a gateway's first certificate, for a one-time token that the manager made",
          "TOKEN",
          {{"directory", "DIR", "where its key, its certificate and the authority's are written", "", true}},
          {"ringway enrol rwe1_… --directory /var/lib/ringway"}};
}

Command demo_command() {
  return {"demo",
          "run an overlay on this machine: a manager, a redirector, two POPs, two back-ends, and clients",
          "",
          {{"story", "", "a crowd, a dead back-end, a drained POP and a bad revision, and what they did", "", false},
           {"rtt", "MS", "the links' round trip, in milliseconds", "80", false},
           {"loss", "PERCENT", "how much of it is lost, each way", "1", false},
           {"rate", "MBIT", "its rate, in Mbit/s", "50", false},
           {"port", "PORT", "where the front-ends listen, on 127.0.0.1 and 127.0.0.2", "8080", false},
           {"metrics-port", "PORT", "where they serve their metrics", "9090", false},
           {"manager-port", "PORT", "where the manager serves its dashboard; agents use the next one", "8700", false},
           {"dns-port", "PORT", "where the redirector answers, on 127.0.0.1", "5300", false},
           {"for", "SECONDS", "end after so long, with a summary; 0: when you press Ctrl-C", "0", false}},
          {"ringway demo --rtt 150 --loss 2", "ringway demo --story", "ringway demo --for 20 --port 9000"}};
}

std::string option_line(const std::string& left, const std::string& doc) {
  return fmt::format("  {:<{}}{}\n", left, kDocColumn - 2, doc);
}

/// Broken between words where it would be wider than a page.
std::string synopsis(const Command& command) {
  std::string text = "ringway " + command.name;
  std::size_t column = text.size();
  const auto add = [&](const std::string& word) {
    const bool fits = column + 1 + word.size() <= kPageColumns;
    text += (fits ? " " : "\n    ") + word;
    column = (fits ? column + 1 : 4) + word.size();
  };
  for (const Option& option : command.options) {
    const std::string word = "--" + option.name + (option.value_name.empty() ? "" : " " + option.value_name);
    add((option.required ? word : "[" + word + "]") + (option.repeated ? "..." : ""));
  }
  if (!command.operands.empty()) add(command.operands);
  return text;
}

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> kCommands = [] {
    std::vector<Command> all = {frontend_command(), backend_command(), dns_command(),   manager_command(),
                                backup_command(),   restore_command(), check_command(), keys_command(),
                                enrol_command(),    demo_command()};
    for (const Command& command : client::client_commands()) all.push_back(command);
    return all;
  }();
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
    const std::string letter = option.letter.empty() ? "" : ", -" + option.letter;
    const std::string left = "--" + option.name + letter + (option.value_name.empty() ? "" : " " + option.value_name);
    text += option_line(left, option.doc + (option.fallback.empty() ? "" : fmt::format(" ({})", option.fallback)));
  }
  text += option_line("--help", "this text") + "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + "\n";
  return command.notes.empty() ? text : text + "\n" + command.notes + "\n";
}

std::optional<int> read_words(std::string_view command, std::span<const std::string> words, Arguments& arguments) {
  const Command& described = *find_command(command);
  Result<Arguments> read = Arguments::parse(described, words);
  if (!read) {
    fmt::print(stderr, "{}\n", read.error().message);
    return 2;
  }
  arguments = std::move(*read);
  if (!arguments.wants_help()) return std::nullopt;
  fmt::print("{}", help_text(described));
  return 0;
}

std::string unknown_command_text(std::string_view name) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  const std::string near = did_you_mean(name, names);
  const std::string suggestion = near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
  return fmt::format("ringway: unknown command \"{}\"{}\nSee ringway --help.\n", name, suggestion);
}

}  // namespace ringway::cli
