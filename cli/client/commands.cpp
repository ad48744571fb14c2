#include "cli/client/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "cli/client/several_managers.h"
#include "cli/help.h"

namespace ringway::cli::client {

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 fine, 1 failed, 2 usage, 3 not there, 4 not allowed, 5 no answer, 6 changed meanwhile,\n"
    "7 diff found differences.";

/// By what else than a token one may ask, and whom one believes.
void add_tls_options(Command& command) {
  command.options.push_back(
      {"authority", "FILE", "who vouches for the manager's certificate; else the system's", "", false});
  command.options.push_back({"certificate", "FILE", "a user's, in place of a token", "", false});
  command.options.push_back({"key", "FILE", "the certificate's", "", false});
}

/// What each of them takes beside its own options.
Command asking(Command command, const std::string& formats) {
  command.options.push_back(
      {"manager", "URL", "the manager to ask, or several, with commas; else RINGWAY_MANAGER, else what `login` wrote",
       "", false});
  command.options.push_back(
      {"token-file", "FILE", "holds the token; else RINGWAY_TOKEN, else what `login` wrote", "", false});
  add_tls_options(command);
  if (!formats.empty()) command.options.push_back({"output", "FORMAT", formats, "table", false});
  command.notes = kExitCodes;
  return command;
}

Option yes() { return {"yes", "", "do it without asking", "", false}; }
Option no_wait() { return {"no-wait", "", "do not wait until it is done", "", false}; }
Option files() {
  return {"file", "FILE", "what is wanted, YAML or JSON; - is standard input; as often as you like", "", false,
          "f",    true};
}
Option prune() {
  return {"prune", "", "remove what the files do not have, of the kinds that stand in them", "", false};
}

Command status_command() {
  return asking({"status",
                 "show sites, gateways, links, and what spreads or drains",
                 "",
                 {},
                 {"ringway status", "ringway status --output json"}},
                "table, json");
}

Command top_command() {
  return asking(
      {"top",
       "watch sites and gateways, each second anew; q ends it",
       "",
       {{"sort", "BY", "load, errors, p95 or name", "load", false}, {"once", "", "show it once, and end", "", false}},
       {"ringway top", "ringway top --sort errors", "ringway top --once"}},
      "table, json");
}

Command get_command() {
  return asking({"get",
                 "show resources, or one of them in the form that apply takes",
                 "KIND [NAME]",
                 {{"limit", "COUNT", "at most so many; all, but 100 events and entries of the audit log", "", false}},
                 {"ringway get sites", "ringway get sites shop > shop.yaml", "ringway get revisions",
                  "ringway get events --limit 20", "ringway get nodes --output json"}},
                "table, yaml, json");
}

Command apply_command() {
  return asking(
      {"apply",
       "make the manager's resources as files say, once you have seen what changes",
       "[FILE...]",
       {files(),
        prune(),
        {"message", "TEXT", "why, for those who read the revisions", "", false},
        {"dry-run", "", "show what would change, and change nothing", "", false},
        yes(),
        no_wait()},
       {"ringway apply -f site.yaml", "ringway apply -f overlay/*.yaml --prune --yes --message 'one more origin'",
        "ringway apply -f - --yes"}},
      "table, json");
}

Command diff_command() {
  return asking({"diff",
                 "show what apply would change; exit code 7 where that is anything",
                 "[FILE...]",
                 {files(), prune()},
                 {"ringway diff -f site.yaml", "ringway diff -f overlay/*.yaml --prune"}},
                "table, json");
}

Command rollback_command() {
  return asking({"rollback",
                 "make a new revision with what was in an earlier one, by default the one before the last",
                 "[NUMBER]",
                 {{"dry-run", "", "show what would change, and change nothing", "", false}, yes(), no_wait()},
                 {"ringway rollback", "ringway rollback 17 --yes"}},
                "table, json");
}

Command drain_command() {
  return asking({"drain",
                 "send new work elsewhere, and wait until what is under way has ended",
                 "TARGET",
                 {no_wait()},
                 {"ringway drain frontend:pop-1", "ringway drain backend:host-1 --no-wait", "ringway drain pop:zurich",
                  "ringway drain origin:shop:10.0.0.5:8000"}},
                "table, json");
}

Command undrain_command() {
  return asking({"undrain", "let a drained target take new work again", "TARGET", {}, {"ringway undrain pop:zurich"}},
                "");
}

Command explain_command() {
  return asking({"explain",
                 "tell what happens to a request and why: site, ring, front-ends, back-ends, origins",
                 "URL",
                 {{"client", "IP", "as if it came from there", "", false}},
                 {"ringway explain https://shop.test/cart", "ringway explain https://shop.test/ --client 192.0.2.7"}},
                "table, json");
}

Command link_command() {
  return asking({"link",
                 "close the live link between two gateways; it is made again",
                 "close FRONTEND BACKEND",
                 {},
                 {"ringway link close pop-1 host-1"}},
                "");
}

Command token_command() {
  return asking({"token",
                 "make, list and remove API tokens",
                 "make | list | remove ID | exchange ONE_TIME_TOKEN",
                 {{"role", "ROLE", "make, exchange: owner, operator, site or reader", "", false},
                  {"site", "NAME", "make: it is bound to this site; as often as you like", "", false, "", true},
                  {"description", "TEXT", "make: what it is for", "", false},
                  {"life", "TIME", "make, exchange: for how long it is good, as 12h or 90d", "", false}},
                 {"ringway token make --role site --site shop --life 30d", "ringway token list",
                  "ringway token remove 3f2a01b4c5d6", "ringway token exchange - < one_time_token"}},
                "table, json");
}

Command enrolment_command() {
  return asking({"enrolment",
                 "make a one-time token with which a gateway gets its certificate",
                 "make ROLE NAME | list | remove ID",
                 {},
                 {"ringway enrolment make frontend pop-1", "ringway enrolment list"}},
                "table, json");
}

Command login_command() {
  Command command = {
      "login",
      "remember a manager and a token or a certificate; a new manager's one-time token is exchanged for a lasting one",
      "URL [TOKEN]",
      {},
      {"ringway login https://manager.test:8700 rw_2f1c…", "ringway login http://127.0.0.1:8700 - < token",
       "ringway login https://manager.test:8700 --certificate ada.pem --key ada.key"}};
  add_tls_options(command);
  return command;
}

using Run = int (*)(Session&, const Arguments&);

Run function_of(const std::string& name) {
  static const std::map<std::string, Run> kFunctions = {
      {"status", run_status},   {"top", run_top},           {"get", run_get},     {"apply", run_apply},
      {"diff", run_diff},       {"rollback", run_rollback}, {"drain", run_drain}, {"undrain", run_undrain},
      {"explain", run_explain}, {"link", run_link},         {"token", run_token}, {"enrolment", run_enrolment}};
  const auto found = kFunctions.find(name);
  return found == kFunctions.end() ? nullptr : found->second;
}

const Option* find_option(const Command& command, const std::string& name) {
  const auto found = std::find_if(command.options.begin(), command.options.end(),
                                  [&](const Option& option) { return option.name == name; });
  return found == command.options.end() ? nullptr : &*found;
}

/// Of those that the command offers.
Result<Output> output_of(const Command& command, const Arguments& arguments) {
  static const std::map<std::string, Output> kWords = {
      {"table", Output::table}, {"json", Output::json}, {"yaml", Output::yaml}};
  const Option* option = find_option(command, "output");
  if (option == nullptr) return Output::table;
  const std::string word = arguments.get("output");
  const auto found = kWords.find(word);
  if (found != kWords.end() && option->doc.find(word) != std::string::npos) return found->second;
  return client_error(fmt::format("ringway {}: --output: \"{}\" is none of {}", command.name, word, option->doc));
}

int misused(const Outside& outside, const std::string& message) {
  outside.console.note(message + "\n");
  return kUsage;
}

}  // namespace

std::span<const Command> client_commands() {
  static const std::array kCommands = {status_command(),  top_command(),      get_command(),   apply_command(),
                                       diff_command(),    rollback_command(), drain_command(), undrain_command(),
                                       explain_command(), link_command(),     token_command(), enrolment_command(),
                                       login_command()};
  return kCommands;
}

std::unique_ptr<Api> Outside::connect_all(const std::vector<Location>& locations) const {
  std::vector<std::unique_ptr<Api>> managers;
  managers.reserve(locations.size());
  for (const Location& location : locations) managers.push_back(connect(location));
  return std::make_unique<SeveralManagers>(std::move(managers));
}

int run_client_command(const Command& command, std::span<const std::string> words, const Outside& outside) {
  const Result<Arguments> arguments = Arguments::parse(command, words);
  if (!arguments) return misused(outside, arguments.error().message);
  if (arguments->wants_help()) {
    outside.console.out(help_text(command));
    return kFine;
  }
  const Run run = function_of(command.name);
  if (run == nullptr) return run_login(outside, *arguments);
  const Result<Output> output = output_of(command, *arguments);
  if (!output) return misused(outside, output.error().message);
  const Result<std::vector<Location>> locations =
      find_locations({arguments->get("manager"), arguments->get("token-file"), arguments->get("authority"),
                      arguments->get("certificate"), arguments->get("key")},
                     outside.environment);
  if (!locations) return misused(outside, fmt::format("ringway {}: {}", command.name, locations.error().message));
  const std::unique_ptr<Api> api = outside.connect_all(*locations);
  Session session(command.name, *api, outside.console, *output);
  return run(session, *arguments);
}

}  // namespace ringway::cli::client
