#include "cli/dns/ask_dns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>

#include "cli/client/http_client.h"
#include "cli/dns/table_store.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::cli {

namespace {

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

/// What the redirector that runs says at its admin address.
Result<client::Answer> ask(const dns::Settings& settings, const std::string& target) {
  if (!settings.admin) return client_error("the file has no `admin`: nobody can be asked");
  auto worker = net::Worker::make(0);
  if (!worker) return worker.error();
  client::Location location;
  location.scheme = client::Scheme::http;
  location.host = settings.admin->ip.text();
  location.port = settings.admin->port;
  client::Ask question;
  question.target = target;
  return client::HttpClient(**worker, location).ask(question);
}

/// Whether it can stand in a target as it is.
bool is_plain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-._~:/*").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

int dump_dns(const dns::Settings& settings) {
  const auto answer = ask(settings, "/v1/table");
  if (answer) {
    fmt::print("{}", answer->body);
    return answer->status == 200 ? 0 : 1;
  }
  if (!settings.manager) return fail(answer.error().message);
  const auto kept = TableStore(settings.manager->state).read(std::chrono::system_clock::now());
  if (!kept) return fail(fmt::format("{}; and {} has no table", answer.error().message, settings.manager->state));
  fmt::print("{}", dns::steering::table_text(kept->table));
  return 0;
}

int explain_dns(const dns::Settings& settings, const std::string& name, const std::string& client) {
  if (!is_plain(name)) return fail(name + ": no name of a site");
  if (!is_plain(client)) return fail("--client is an address or a network");
  const auto answer = ask(settings, "/v1/explain?" + name + "&" + client);
  if (!answer) return fail(answer.error().message);
  if (answer->status != 200) return fail(answer->body.substr(0, answer->body.find('\n')));
  fmt::print("{}", answer->body);
  return 0;
}

}  // namespace ringway::cli
