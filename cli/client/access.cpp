// ringway token, enrolment, login.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/client/commands.h"

namespace ringway::cli::client {

namespace {

constexpr const char* kOwnersRole = "owner";

/// What a new token is to be; `role` where the command line says none.
std::string wish_json(const Arguments& arguments, const std::string& role) {
  const std::string wanted = arguments.get("role").empty() ? role : arguments.get("role");
  std::string json = "{\"role\": " + json_quote(wanted);
  std::vector<std::string> sites;
  for (const std::string& site : arguments.get_all("site")) sites.push_back(json_quote(site));
  if (!sites.empty()) json += fmt::format(", \"sites\": [{}]", fmt::join(sites, ", "));
  for (const char* key : {"description", "life"}) {
    if (arguments.has(key)) json += fmt::format(", \"{}\": {}", key, json_quote(arguments.get(key)));
  }
  return json + "}";
}

/// Shows a secret that is told once: alone on standard output, so that it can be piped. Empty where there is none.
std::string show_secret(Session& session, const Answer& answer, const std::string& advice) {
  const Result<TreeNode> reply = read_json(answer.body);
  const std::string token = reply ? text_of(*reply, "token") : "";
  session.console().out(session.output() == Output::json ? answer.body : token + "\n");
  session.console().note("It is not shown again." + (advice.empty() ? "" : " " + advice) + "\n");
  return token;
}

int make_token(Session& session, const Arguments& arguments) {
  if (arguments.get("role").empty()) return session.misused("make: say --role owner, operator, site or reader");
  const std::optional<Answer> answer = session.ask({"POST", "/v1/tokens", wish_json(arguments, ""), {}, ""});
  if (!answer) return session.exit_code();
  show_secret(session, *answer, "");
  return kFine;
}

int exchange_token(Session& session, const Arguments& arguments, const std::string& word) {
  Ask ask{"POST", "/v1/tokens/exchange", wish_json(arguments, kOwnersRole), {}, word};
  if (word == "-") ask.token = trim(session.console().read_line());
  const std::optional<Answer> answer = session.ask(ask);
  if (!answer) return session.exit_code();
  show_secret(session, *answer, "");
  return kFine;
}

int make_enrolment(Session& session, const std::string& role, const std::string& name) {
  const std::string body = fmt::format("{{\"role\": {}, \"name\": {}}}", json_quote(role), json_quote(name));
  const std::optional<Answer> answer = session.ask({"POST", "/v1/enrolments", body, {}, ""});
  if (!answer) return session.exit_code();
  show_secret(session, *answer, "On the gateway: ringway enrol TOKEN");
  return kFine;
}

int remove_one(Session& session, const std::string& path, const std::string& id) {
  if (!session.ask({"DELETE", path + "/" + encoded(id), "", {{"if-match", "*"}}, ""})) return session.exit_code();
  session.console().note(fmt::format("{} is good for nothing now.\n", printable(id)));
  return kFine;
}

/// As `ringway get KIND`.
int list(Session& session, const char* kind) {
  static const Command kGet{"get", "", "KIND", {}, {}};
  const std::string words[] = {kind};
  return run_get(session, *Arguments::parse(kGet, words));
}

/// The token to keep for `given`: what a one-time token is exchanged for, or itself. Nothing where it is refused.
std::optional<std::string> lasting_token(Session& session, const std::string& given, const Arguments& arguments) {
  const std::optional<Answer> answer =
      session.ask_any({"POST", "/v1/tokens/exchange", wish_json(arguments, kOwnersRole), {}, given});
  if (!answer) return std::nullopt;
  // Known, and not for one exchange: it is a lasting one.
  if (answer->status == 403 || answer->status == 404) return given;
  if (!answer->good()) {
    session.fail(*answer);
    return std::nullopt;
  }
  const Result<TreeNode> reply = read_json(answer->body);
  const std::string token = reply ? text_of(*reply, "token") : "";
  if (!token.empty()) return token;
  session.fail(kFailed, "the manager's answer holds no token");
  return std::nullopt;
}

ExitCode keep(const Outside& outside, Session& session, const std::vector<Location>& locations, const char* what) {
  const std::string path = client_file_path(outside.environment);
  const Status written = write_client_file(path, locations);
  if (!written) return session.fail(kFailed, written.error().message);
  std::vector<std::string> urls;
  urls.reserve(locations.size());
  for (const Location& location : locations) urls.push_back(location.url());
  outside.console.note(fmt::format("{} is what is asked from now on; {} {}.\n", fmt::join(urls, ", "), path, what));
  return kFine;
}

int keep_token(const Outside& outside, Session& session, std::vector<Location>& locations, const Arguments& arguments) {
  const std::string& word = arguments.operands()[1];
  const std::string given(word == "-" ? trim(outside.console.read_line()) : word);
  const std::optional<std::string> token = lasting_token(session, given, arguments);
  if (!token) return session.exit_code();
  for (Location& location : locations) location.token = *token;
  const ExitCode code = keep(outside, session, locations, "holds the token");
  // A token that was exchanged is not given twice: it must not get lost.
  if (code != kFine && *token != given) outside.console.out(*token + "\n");
  return code;
}

/// Once the manager has taken it.
int keep_certificate(const Outside& outside, Session& session, const std::vector<Location>& locations) {
  if (!session.ask({"GET", "/v1/status", "", {}, ""})) return session.exit_code();
  return keep(outside, session, locations, "names the certificate");
}

}  // namespace

int run_token(Session& session, const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.operands();
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "make" && words.size() == 1) return make_token(session, arguments);
  if (verb == "list" && words.size() == 1) return list(session, "tokens");
  if (verb == "remove" && words.size() == 2) return remove_one(session, "/v1/tokens", words[1]);
  if (verb == "exchange" && words.size() == 2) return exchange_token(session, arguments, words[1]);
  return session.misused("say make, list, remove ID, or exchange ONE_TIME_TOKEN");
}

int run_enrolment(Session& session, const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.operands();
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "make" && words.size() == 3) return make_enrolment(session, words[1], words[2]);
  if (verb == "list" && words.size() == 1) return list(session, "enrolments");
  if (verb == "remove" && words.size() == 2) return remove_one(session, "/v1/enrolments", words[1]);
  return session.misused("say make ROLE NAME, list, or remove ID");
}

int run_login(const Outside& outside, const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.operands();
  const bool by_certificate = arguments.has("certificate") && arguments.has("key");
  if (words.size() != (by_certificate ? 1 : 2) || arguments.has("certificate") != arguments.has("key")) {
    outside.console.note(
        "ringway login: say URL and TOKEN, or - to read the token from standard input; or URL, --certificate and "
        "--key\n");
    return kUsage;
  }
  Result<std::vector<Location>> locations = parse_manager_urls(words[0]);
  if (!locations) {
    outside.console.note(fmt::format("ringway login: {}\n", locations.error().message));
    return kUsage;
  }
  for (Location& location : *locations) {
    location.authority_file = arguments.get("authority");
    location.certificate_file = arguments.get("certificate");
    location.key_file = arguments.get("key");
  }
  const std::unique_ptr<Api> api = outside.connect_all(*locations);
  Session session("login", *api, outside.console, Output::table);
  return by_certificate ? keep_certificate(outside, session, *locations)
                        : keep_token(outside, session, *locations, arguments);
}

}  // namespace ringway::cli::client
