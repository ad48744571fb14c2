#include "manager/rest/api_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "manager/rest/answer.h"
#include "manager/rest/problem.h"

namespace ringway::manager {

namespace {

Reply method_problem(const std::string& allowed, const Request& request) {
  Problem problem = bad_request(fmt::format("{} is not for this; what is: {}", request.method, allowed));
  problem.status = 405;
  Reply reply = problem_reply(problem, request);
  reply.fields.emplace_back("allow", allowed);
  return reply;
}

Reply wait_reply(Duration wait, const Request& request) {
  Problem problem = bad_request("too many wrong tokens came from this address");
  problem.status = 429;
  problem.retry_after_s = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count());
  return problem_reply(problem, request);
}

/// A browser says where a request that changes something comes from; another site's page is refused (CSRF).
bool is_cross_site(const Request& request) {
  const std::string_view from = request.field("sec-fetch-site");
  const bool other_site = !from.empty() && from != "same-origin" && from != "none";
  const std::string_view origin = request.field("origin");
  const std::size_t host = origin.find("://");
  return other_site ||
         (!origin.empty() && (host == std::string_view::npos || origin.substr(host + 3) != request.field("host")));
}

void add_where_absent(Reply& reply, const char* name, const char* value) {
  const auto has_name = [name](const auto& field) { return field.first == name; };
  if (std::none_of(reply.fields.begin(), reply.fields.end(), has_name)) reply.fields.emplace_back(name, value);
}

/// What every reply says to browsers where it says nothing else itself: run nothing, show it in no other page, keep no
/// copy.
void harden(Reply& reply) {
  add_where_absent(reply, "x-content-type-options", "nosniff");
  add_where_absent(reply, "cache-control", "no-store");
  add_where_absent(reply, "content-security-policy", "default-src 'none'; frame-ancestors 'none'");
}

/// A word that the operation does not know would be passed over in silence: ?dryrun must not write.
std::optional<Problem> unknown_word(const Request& request, const Operation& operation) {
  std::vector<std::string> known;
  for (const QueryParameter& parameter : operation.query) known.push_back(parameter.name);
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = did_you_mean(name, known);
    Problem problem = bad_request(fmt::format("\"{}\" is none of the query's words here", name));
    problem.faults.push_back({"", fmt::format("unknown query parameter \"{}\"", name),
                              near.empty() ? fmt::format("allowed: {}", fmt::join(known, ", "))
                                           : fmt::format("did you mean \"{}\"?", near)});
    return problem;
  }
  return std::nullopt;
}

}  // namespace

void ApiServer::accept(std::unique_ptr<ByteStream> stream, HttpClient client) {
  auto session = std::make_unique<HttpSession>(std::move(stream), std::move(client), loop_, *this);
  HttpSession* const key = session.get();
  sessions_.emplace(key, std::move(session));
}

void ApiServer::on_session_end(HttpSession& session) {
  const auto found = sessions_.find(&session);
  if (found == sessions_.end()) return;
  loop_.deferred.destroy(std::move(found->second));
  sessions_.erase(found);
}

void ApiServer::on_call(const CallPtr& call) {
  Request& request = call->request;
  Respond respond = [this, call](Reply reply) {
    count(reply);
    harden(reply);
    if (!reply.go_on) return call->reply(reply);
    call->stream(reply);
    reply.go_on(call);
  };
  const Router::Match match = router_.match(request.method, request.path);
  if (match.operation == nullptr) {
    return respond(match.allowed.empty() ? problem_reply(not_found("see /openapi.json for what there is"), request)
                                         : method_problem(match.allowed, request));
  }
  if (const std::optional<Reply> refused = refusal(request, *match.operation, match.values)) return respond(*refused);
  if (const std::optional<Reply> known = repeated(request, respond)) return respond(*known);
  match.operation->run(request, match.values, respond);
}

void ApiServer::count(const Reply& reply) {
  ++counters_.replies[std::min<std::size_t>(static_cast<std::size_t>(reply.status) / 100, 5)];
  if (reply.status == 401 || reply.status == 403 || reply.status == 429) ++counters_.refused;
}

std::optional<Reply> ApiServer::repeated(const Request& request, Respond& respond) {
  if (request.method != "POST" || request.field("idempotency-key").empty()) return std::nullopt;
  if (std::optional<Reply> known = remembered_.begin(request)) return known;
  respond = [this, request, answer = respond](const Reply& reply) {
    remembered_.end(request);
    answer(reply);
  };
  return std::nullopt;
}

std::optional<Reply> ApiServer::refusal(Request& request, const Operation& operation, const PathValues& values) {
  if (request.method != "GET" && request.method != "HEAD" && is_cross_site(request)) {
    return problem_reply(forbidden("a page of another site asks for this"), request);
  }
  if (!operation.need) return std::nullopt;
  if (std::optional<Reply> unknown = authenticate(request)) return unknown;
  if (const std::optional<Problem> problem = unknown_word(request, operation)) return problem_reply(*problem, request);
  const auto kind = request.principal.kind;
  if (operation.need->caller == Caller::known && (kind == Principal::Kind::token || kind == Principal::Kind::user)) {
    return std::nullopt;
  }
  Target target{operation.need->domain, {}};
  if (target.domain == Domain::sites && !values.empty()) target.sites = std::span(values).first(1);
  switch (authorise(request.principal, operation.need->action, target)) {
    case Verdict::allowed: return std::nullopt;
    case Verdict::hidden: return problem_reply(not_found("there is no such thing"), request);
    case Verdict::forbidden: break;
  }
  return problem_reply(forbidden(fmt::format("the role {} may not do this", access_role_name(request.principal.role))),
                       request);
}

/// A token says more than a certificate: who shows both is who the token says.
Authentication ApiServer::authentication(const Request& request) {
  const std::string_view token = request.field("authorization");
  const WallTime wall = loop_.clock.wall();
  return token.empty() && request.certificate
             ? authenticator_.by_certificate(*request.certificate, request.remote, wall, loop_.now())
             : authenticator_.by_token(token, request.remote, wall, loop_.now());
}

std::optional<Reply> ApiServer::authenticate(Request& request) {
  const Authentication who = authentication(request);
  if (who.wait) return wait_reply(*who.wait, request);
  if (!who.principal) {
    Reply reply = problem_reply(unauthorised(who.refusal), request);
    reply.fields.emplace_back("www-authenticate", "Bearer");
    log_.limited("refused", LogLevel::warning, "a request was refused",
                 {{"address", request.remote.text()}, {"reason", who.refusal}});
    return reply;
  }
  request.principal = *who.principal;
  if (who.last_used) on_used_(*who.last_used);
  return std::nullopt;
}

void collect_api_metrics(Metrics& metrics, const ApiServer& api) {
  for (std::size_t hundreds = 1; hundreds < api.counters().replies.size(); ++hundreds) {
    metrics
        .counter("ringway_api_replies_total", "Replies of the REST interface.",
                 {{"status", fmt::format("{}xx", hundreds)}})
        .set_total(api.counters().replies[hundreds]);
  }
  metrics.counter("ringway_api_refused_total", "Replies 401, 403 and 429: to who may not ask, or may not do that.")
      .set_total(api.counters().refused);
  metrics.gauge("ringway_api_connections", "Connections to the REST interface.")
      .set(static_cast<double>(api.sessions()));
}

}  // namespace ringway::manager
