#include "manager/rest/explain_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_json.h"
#include "base/text.h"
#include "frontend/classifier.h"
#include "frontend/site_table.h"
#include "manager/resources/kinds.h"
#include "manager/rest/resource_api.h"

namespace ringway::manager {

namespace {

constexpr std::size_t kMaxUrlOctets = 16 * 1024;
/// No ring has this number: what keeps it was decided by no rule.
constexpr std::uint8_t kNoRing = 255;

struct AskedUrl {
  std::string scheme = "http";
  std::string authority;  // in lower case
  std::string target;     // path and query
};

/// Nothing where it is no URL with a host.
std::optional<AskedUrl> parse_url(std::string_view text) {
  AskedUrl url;
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) {
    url.scheme = to_lower(text.substr(0, mark));
    text.remove_prefix(mark + 3);
  }
  text = text.substr(0, text.find('#'));
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  url.authority = to_lower(text.substr(0, end));
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const bool known = url.scheme == "http" || url.scheme == "https" || url.scheme == "tcp";
  if (!known || url.authority.empty() || url.authority.find_first_of("@ ") != std::string::npos) return std::nullopt;
  return url;
}

struct FoundSite {
  ResourcePtr resource;
  std::string match;  // "the host *.shop.test"
};

/// Of its hosts, the one that SiteTable goes by.
std::string matching_host(const frontend::Site& site, std::string_view host) {
  std::string best;
  for (const std::string& pattern : site.hosts) {
    if (pattern == host) return pattern;
    if (host_matches(pattern, host) && pattern.size() > best.size()) best = pattern;
  }
  return best;
}

FoundSite find_http_site(const Snapshot& snapshot, const std::string& authority) {
  frontend::Settings settings;
  snapshot.each<Site>(kSites, [&](const Site& site) { settings.sites.push_back(site.clients); });
  const frontend::Site* site = frontend::SiteTable(settings).find(authority);
  if (site == nullptr) return {};
  return {snapshot.find(kSites, site->name), "the host " + matching_host(*site, http::host_of(authority))};
}

/// A raw site is known by the port that its clients connect to.
FoundSite find_tcp_site(const Snapshot& snapshot, const std::string& authority) {
  const std::size_t colon = authority.rfind(':');
  const auto port = parse_decimal(colon == std::string::npos ? "" : std::string_view(authority).substr(colon + 1));
  for (const auto& [name, resource] : snapshot.all(kSites)) {
    const std::optional<SocketAddress>& listen = resource->as<Site>().clients.listen;
    if (listen && port && listen->port == *port) return {resource, "the address " + listen->text()};
  }
  return {};
}

Problem no_site(const Snapshot& snapshot, const AskedUrl& url) {
  std::vector<std::string> hosts;
  snapshot.each<Site>(kSites, [&](const Site& site) {
    hosts.insert(hosts.end(), site.clients.hosts.begin(), site.clients.hosts.end());
  });
  const std::string near = did_you_mean(http::host_of(url.authority), hosts);
  return not_found(
      fmt::format("no site has {}{}", url.authority, near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
}

enum class Verdict : std::uint8_t { no, matches, depends_on_answer };

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::no: return "no";
    case Verdict::matches: return "matches";
    case Verdict::depends_on_answer: return "depends_on_answer";
  }
  return "no";
}

/// What the classifier says of a site that has this rule alone.
Verdict judge(const frontend::Site& site, const frontend::PriorityRule& rule, const http::RequestHead& request,
              const IpAddress& client) {
  frontend::Site alone;
  alone.ring = kNoRing;
  alone.priorities = {rule};
  if (site.protocol == SiteProtocol::tcp) {
    return frontend::classify_connection(alone, client) == kNoRing ? Verdict::no : Verdict::matches;
  }
  const frontend::Classification found = frontend::classify(alone, request, client);
  if (found.undecided) return Verdict::depends_on_answer;
  return found.ring == kNoRing ? Verdict::no : Verdict::matches;
}

/// As the site's content has it.
std::string condition_json(const config::TreeNode& site, std::size_t rule) {
  const config::Entry* rules = site.find("priorities");
  if (rules == nullptr || rule >= rules->value.items.size()) return "{}";
  const config::Entry* when = rules->value.items[rule].find("when");
  return when == nullptr ? "{}" : config::json_text(when->value);
}

std::string ring_json(const Resource& resource, const AskedUrl& url, const IpAddress& client) {
  const frontend::Site& site = resource.as<Site>().clients;
  config::Report report("site", resource.json);
  const config::TreeNode content = config::parse_json(resource.json, report).value_or(config::TreeNode());
  http::RequestHead request;
  request.method = "GET";
  request.scheme = url.scheme;
  request.authority = url.authority;
  request.target = url.target;
  unsigned ring = site.ring;
  std::string rules;
  for (std::size_t i = 0; i < site.priorities.size(); ++i) {
    const Verdict verdict = judge(site, site.priorities[i], request, client);
    rules += fmt::format(R"({}{{"rule": {}, "ring": {}, "verdict": "{}", "when": {}}})", i == 0 ? "" : ", ", i,
                         site.priorities[i].ring, verdict_name(verdict), condition_json(content, i));
    if (verdict != Verdict::matches) continue;
    ring = site.priorities[i].ring;
    break;
  }
  return fmt::format(R"({{"ring": {}, "rules": [{}]}})", ring, rules);
}

std::string link_json(const std::optional<LiveLink>& link) {
  if (!link) return "null";
  return fmt::format(R"({{"rtt_ms": {:.6g}, "loss_out": {:.6g}, "loss_in": {:.6g}, "used": {:.6g}}})", link->rtt_ms,
                     link->loss_out, link->loss_in, link->used);
}

std::string link_words(const std::optional<LiveLink>& link) {
  if (!link) return "no live link is known of";
  return fmt::format("{:.0f} ms, {:.1f} % lost on the way there and {:.1f} % back, {:.0f} % of the link used",
                     link->rtt_ms, link->loss_out * 100, link->loss_in * 100, link->used * 100);
}

std::string backends_json(const LiveView& live, const LiveSeat& frontend, const std::vector<LiveSeat>& seats) {
  std::string out;
  for (const std::string& name : frontend.backends) {
    const auto seat =
        std::find_if(seats.begin(), seats.end(), [&](const LiveSeat& each) { return each.gateway == name; });
    const std::string state = seat == seats.end() ? "no longer assigned" : seat->state;
    const std::optional<LiveLink> link = live.link(frontend.gateway, name);
    out +=
        fmt::format(R"({}{{"name": {}, "state": {}, "link": {}, "why": {}}})", out.empty() ? "" : ", ",
                    json_quote(name), json_quote(state), link_json(link), json_quote(state + ", " + link_words(link)));
  }
  return "[" + out + "]";
}

std::string pop_json(const Snapshot& snapshot, const std::string& frontend) {
  const ResourcePtr resource = snapshot.find(kFrontends, frontend);
  return resource == nullptr ? "null" : json_quote(resource->as<FrontendGateway>().pop);
}

std::string frontends_json(const Snapshot& snapshot, const LiveView& live, const std::string& site,
                           const std::optional<IpAddress>& client) {
  const std::vector<LiveSeat> backends = live.seats(site, assigner::Role::backend);
  std::string out;
  for (const LiveSeat& seat : live.seats(site, assigner::Role::frontend)) {
    const std::optional<double> rtt = client ? live.client_rtt_ms(seat.gateway, *client) : std::nullopt;
    out += fmt::format(R"({}{{"name": {}, "pop": {}, "state": {}, "weight": {}, "client_rtt_ms": {}, "backends": {}}})",
                       out.empty() ? "" : ",\n", json_quote(seat.gateway), pop_json(snapshot, seat.gateway),
                       json_quote(seat.state), seat.weight, rtt ? fmt::format("{:.6g}", *rtt) : "null",
                       backends_json(live, seat, backends));
  }
  return "[" + out + "]";
}

std::string real_or_null(const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : "null"; }

std::string range_json(const std::optional<LiveRange>& range) {
  return range ? fmt::format(R"({{"least": {:.6g}, "most": {:.6g}}})", range->least, range->most) : "null";
}

std::string candidates_json(const std::vector<LiveCandidate>& candidates) {
  std::string out;
  for (const LiveCandidate& each : candidates) {
    out += fmt::format(R"({}{{"pop": {}, "rtt_ms": {}, "measured_s_ago": {}, "link_ms": {}, "use": {}, )"
                       R"("shed": {:.6g}, "hash": {:.6g}, "answering": {}, "verdict": {}}})",
                       out.empty() ? "" : ",\n", json_quote(each.pop), real_or_null(each.rtt_ms),
                       real_or_null(each.measured_s_ago), real_or_null(each.link_ms), real_or_null(each.use), each.shed,
                       each.hash, each.answering, json_quote(each.verdict));
  }
  return "[" + out + "]";
}

std::string strings_json(const std::vector<std::string>& strings) {
  std::string out;
  for (const std::string& each : strings) out += (out.empty() ? "" : ", ") + json_quote(each);
  return "[" + out + "]";
}

std::string answers_json(const std::vector<LiveAnswer>& answers) {
  std::string out;
  for (const LiveAnswer& each : answers) {
    out += fmt::format(R"({}{{"name": {}, "addresses": {}}})", out.empty() ? "" : ", ", json_quote(each.name),
                       strings_json(each.addresses));
  }
  return "[" + out + "]";
}

std::string steering_json(const std::optional<LiveSteering>& told) {
  if (!told) return "null";
  return fmt::format(R"({{"table": {}, "cell": {}, "scope": {}, "ttl_s": {}, "reason": {}, "pop": {}, )"
                     R"("frontends": {}, "alpn": {}, "rtt_ms": {}, "site_rtt_ms": {}, "warnings": {},
"candidates": {}}})",
                     told->table, json_quote(told->cell), told->scope_bits, told->ttl_s, json_quote(told->reason),
                     json_quote(told->pop), answers_json(told->frontends),
                     told->alpn.empty() ? "null" : json_quote(told->alpn), real_or_null(told->rtt_ms),
                     range_json(told->site_rtt), strings_json(told->warnings), candidates_json(told->candidates));
}

std::string origin_words(const LiveOrigin& origin) {
  const std::string pending = fmt::format("{} of {} pending", origin.pending, origin.capacity);
  if (origin.draining) return "draining: nothing new goes there, " + pending;
  if (!origin.up) return "does not answer: others are asked";
  return origin.pending >= origin.capacity ? "full: requests wait, " + pending : "up, " + pending;
}

std::string origin_json(const LiveOrigin& origin, const std::string& why) {
  return fmt::format(
      R"({{"name": {}, "backend": {}, "pending": {}, "capacity": {}, "up": {}, "draining": {}, "why": {}}})",
      json_quote(origin.name), origin.backend.empty() ? "null" : json_quote(origin.backend), origin.pending,
      origin.capacity, origin.up, origin.draining, json_quote(why));
}

/// What back-ends say of them; those of which none says anything, as the site has them.
std::string origins_json(const LiveView& live, const Site& site) {
  const std::vector<LiveOrigin> told = live.origins(name_of(site));
  std::string out;
  const auto add = [&out](const std::string& json) { out += (out.empty() ? "" : ",\n") + json; };
  for (const LiveOrigin& origin : told) add(origin_json(origin, origin_words(origin)));
  for (const backend::Origin& origin : site.servers.origins) {
    const bool known =
        std::any_of(told.begin(), told.end(), [&](const LiveOrigin& each) { return each.name == origin.name; });
    if (known) continue;
    add(origin_json({origin.name, "", 0, origin.max_pending, false, false}, "no back-end has told of it"));
  }
  return "[" + out + "]";
}

}  // namespace

std::variant<std::string, Problem> explain(const Snapshot& snapshot, const LiveView& live, const std::string& url,
                                           const std::optional<IpAddress>& client) {
  const std::optional<AskedUrl> asked = url.size() > kMaxUrlOctets ? std::nullopt : parse_url(url);
  if (!asked) return bad_request("url is http://HOST/PATH, https://HOST/PATH or tcp://HOST:PORT");
  const FoundSite found =
      asked->scheme == "tcp" ? find_tcp_site(snapshot, asked->authority) : find_http_site(snapshot, asked->authority);
  if (found.resource == nullptr) return no_site(snapshot, *asked);
  const Site& site = found.resource->as<Site>();
  return fmt::format(
      R"({{"url": {}, "client": {}, "site": {{"name": {}, "protocol": "{}", "match": {}}}, "ring": {},
"steering": {},
"frontends": {},
"origins": {}}})",
      json_quote(url), client ? json_quote(client->text()) : "null", json_quote(name_of(site)),
      site.clients.protocol == SiteProtocol::tcp ? "tcp" : "http", json_quote(found.match),
      ring_json(*found.resource, *asked, client.value_or(IpAddress())),
      steering_json(client ? live.steering(name_of(site), *client) : std::nullopt),
      frontends_json(snapshot, live, name_of(site), client), origins_json(live, site));
}

std::variant<std::string, Problem> ExplainApi::answer(const Request& request) const {
  const auto url = request.query.find("url");
  if (url == request.query.end()) return bad_request("say ?url=");
  std::optional<IpAddress> client;
  if (const auto said = request.query.find("client"); said != request.query.end()) {
    const Result<IpAddress> parsed = IpAddress::parse(said->second);
    if (!parsed) return bad_request("client is an IP address");
    client = *parsed;
  }
  return explain(ledger_.registry().head(), live_, url->second, client);
}

void ExplainApi::add_to(Router& router) {
  router.add({"GET",
              "/v1/explain",
              "explain",
              "What happens to a request, and why.",
              Need{Action::read, Domain::overlay},
              {{"url", "What is asked for."}, {"client", "The address that asks; none: any."}},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                auto answered = answer(request);
                if (const Problem* problem = std::get_if<Problem>(&answered)) {
                  return respond(problem_reply(*problem, request));
                }
                Reply reply;
                reply.body = std::get<std::string>(answered) + "\n";
                respond(reply);
              }});
}

}  // namespace ringway::manager
