#include "cli/demo/cast.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>
#include <utility>

#include "base/text.h"
#include "cli/client/http_client.h"
#include "cli/demo/lookup.h"
#include "net/descriptor.h"

namespace ringway::cli {

namespace {

constexpr Duration kStartLimit = std::chrono::seconds(20);
constexpr Duration kStopLimit = std::chrono::seconds(10);
constexpr Duration kLook = std::chrono::milliseconds(50);

const char* const kFrontends[][2] = {{"east-1", "127.0.0.1"}, {"east-2", "127.0.0.3"}, {"west-1", "127.0.0.2"}};
const char* const kBackends[] = {"host-1", "host-2"};
const char* const kRedirector = "names-1";

/// The first `rw_…` in a text.
std::string token_in(const std::string& text) {
  const std::size_t begin = text.find("rw_");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_first_of(" \r\n", begin) - begin);
}

template <class Done>
bool wait_for(Done done, Duration limit) {
  for (Duration waited{}; !done(); waited += kLook) {
    if (waited >= limit) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

void say(const std::string& line) {
  fmt::print("  {}\n", line);
  std::fflush(stdout);
}

/// A port of 127.0.0.1 that was free just now, for TCP and for UDP.
Result<SocketAddress> free_address() {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    const auto socket = net::open_bound_socket(SOCK_DGRAM, {IpAddress::v4({127, 0, 0, 1}), 0}, net::PortUse::exclusive);
    if (!socket) return socket.error();
    const SocketAddress address = net::bound_address(socket->get());
    if (net::check_port_is_free(SOCK_STREAM, address)) return address;
  }
  return internal_error("no port is free for both TCP and UDP");
}

}  // namespace

std::string demo_frontend_at(const IpAddress& address) {
  const std::string text = address.text();
  for (const auto& [name, at] : kFrontends) {
    if (text == at) return name;
  }
  return text;
}

DemoCast::DemoCast(net::Worker& worker, DemoGround& ground, DemoPorts ports, std::string directory)
    : worker_(worker), ground_(ground), ports_(ports), directory_(std::move(directory)) {}

DemoCast::~DemoCast() = default;

std::string DemoCast::manager_url() const { return fmt::format("http://127.0.0.1:{}", ports_.manager); }

SocketAddress DemoCast::redirector() const { return {IpAddress::v4({127, 0, 0, 1}), ports_.dns}; }

Status DemoCast::write(const std::string& name, const std::string& text) const {
  std::ofstream file(directory_ + "/" + name);
  file << text;
  file.close();
  return file ? Status() : Status(internal_error("cannot write " + directory_ + "/" + name));
}

Status DemoCast::start() {
  const Status manager = start_manager();
  if (!manager) return manager;
  say(fmt::format("manager    {} with its store and its authority", manager_url()));
  for (const char* name : kBackends) {
    const auto link = free_address();
    if (!link) return link.error();
    const auto afar = ground_.add_distance(*link);
    if (!afar) return afar.error();
    backends_[name] = *afar;
    Status started = write(std::string(name) + ".yaml", backend_text(name, *link));
    if (started.ok()) started = enrol("backend", name);
    if (started.ok()) started = start_gateway(name);
    if (!started) return started;
    say(fmt::format("back-end   {} enrolled and started", name));
  }
  for (const auto& [name, address] : kFrontends) {
    Status started = write(std::string(name) + ".yaml", frontend_text(name, address));
    if (started.ok()) started = enrol("frontend", name);
    if (started.ok()) started = start_gateway(name);
    if (!started) return started;
    say(fmt::format("front-end  {} at {}:{} enrolled and started", name, address, ports_.clients));
  }
  Status named = write(std::string(kRedirector) + ".yaml", redirector_text());
  if (named.ok()) named = enrol("redirector", kRedirector);
  if (named.ok()) named = start_gateway(kRedirector);
  if (!named) return named;
  say(fmt::format("redirector {} at {} enrolled and started", kRedirector, redirector().text()));
  const Status applied = apply();
  return applied ? await_gateways() : applied;
}

Status DemoCast::await_gateways() {
  const auto ended = [this] {
    return std::find_if(children_.begin(), children_.end(), [](auto& each) { return !each.second->running(); });
  };
  const auto connected = [this] {
    const auto status = ask("GET", "/v1/status");
    if (!status) return false;
    const auto& gateways = client::items_of(*status, "gateways");
    return gateways.size() == roles_.size() && std::all_of(gateways.begin(), gateways.end(), [](const auto& each) {
             return client::flag_of(each, "connected");
           });
  };
  const bool ready = wait_for([&] { return connected() || ended() != children_.end(); }, kStartLimit);
  if (const auto gone = ended(); gone != children_.end()) {
    return internal_error(fmt::format("{} did not start:\n{}", gone->first, gone->second->output()));
  }
  return ready ? Status() : Status(internal_error("the gateways do not reach the manager"));
}

Status DemoCast::start_manager() {
  const Status written = write("manager.yaml", fmt::format(R"(name: demo-manager
api: {{ address: "127.0.0.1:{}" }}
agents: {{ address: "127.0.0.1:{}" }}
authority: authority
store: ringway.db
rollout: {{ gate: 5s }}
)",
                                                           ports_.manager, ports_.manager + 1));
  if (!written) return written;
  auto manager = Child::start("manager", {"manager", "--config", "manager.yaml"}, directory_);
  if (!manager) return manager.error();
  Child& child = **manager;
  children_["manager"] = std::move(*manager);
  std::string one_time;
  const bool ready = wait_for(
      [&] {
        one_time = token_in(child.output());
        return !one_time.empty() || !child.running();
      },
      kStartLimit);
  if (!ready || one_time.empty()) return internal_error("the manager did not start:\n" + child.output());
  return exchange_token(one_time);
}

Status DemoCast::exchange_token(const std::string& one_time) {
  auto location = client::parse_manager_url(manager_url());
  if (!location) return location.error();
  location->token = one_time;
  api_ = std::make_unique<client::HttpClient>(worker_, *location);
  const auto made =
      ask("POST", "/v1/tokens/exchange", R"({"role": "owner", "description": "the demo", "life": "24h"})");
  if (!made) return made.error();
  token_ = client::text_of(*made, "token");
  location->token = token_;
  api_ = std::make_unique<client::HttpClient>(worker_, *location);
  return {};
}

Status DemoCast::enrol(const std::string& role, const std::string& name) {
  roles_[name] = role;
  const auto made = ask("POST", "/v1/enrolments", fmt::format(R"({{"role": "{}", "name": "{}"}})", role, name));
  if (!made) return made.error();
  const std::string token = client::text_of(*made, "token");
  auto enrolment = Child::start(name + "-enrol", {"enrol", token, "--directory", name}, directory_);
  if (!enrolment) return enrolment.error();
  if ((*enrolment)->wait(kStartLimit) && (*enrolment)->exit_code() == 0) return {};
  return internal_error(fmt::format("{} could not enrol:\n{}", name, (*enrolment)->output()));
}

Status DemoCast::start_gateway(const std::string& gateway) {
  const std::string& role = roles_.at(gateway);
  auto child = Child::start(gateway, {role == "redirector" ? "dns" : role, "--config", gateway + ".yaml"}, directory_);
  if (!child) return child.error();
  children_[gateway] = std::move(*child);
  return {};
}

void DemoCast::kill(const std::string& gateway) { children_.erase(gateway); }

void DemoCast::stop() {
  // Gateways first: a manager that is away would be an event for each of them.
  for (const auto& [name, child] : children_) {
    if (name != "manager") child->signal(SIGTERM);
  }
  for (const auto& [name, child] : children_) {
    if (name != "manager") child->wait(kStopLimit);
  }
  children_["manager"]->signal(SIGTERM);
  children_["manager"]->wait(kStopLimit);
  children_.clear();
}

std::string DemoCast::backend_text(const std::string& name, const SocketAddress& link) const {
  return fmt::format(R"(name: {0}
link:
  address: "{1}"
  identity: {{ certificate: {0}/{0}.pem, key: {0}/{0}.key, authority: {0}/ca.pem }}
manager: {{ addresses: [ "127.0.0.1:{2}" ], state: {0} }}
access_log: {{ format: "off" }}
)",
                     name, link.text(), ports_.manager + 1);
}

std::string DemoCast::frontend_text(const std::string& name, const std::string& address) const {
  return fmt::format(R"(name: {0}
listen: [ {{ address: "{1}:{2}" }} ]
link:
  identity: {{ certificate: {0}/{0}.pem, key: {0}/{0}.key, authority: {0}/ca.pem }}
manager: {{ addresses: [ "127.0.0.1:{3}" ], state: {0} }}
admin: {{ address: "{1}:{4}" }}
access_log: {{ format: "off" }}
)",
                     name, address, ports_.clients, ports_.manager + 1, ports_.metrics);
}

std::string DemoCast::redirector_text() const {
  return fmt::format(R"(name: {0}
listen: [ "{1}" ]
identity: {{ certificate: {0}/{0}.pem, key: {0}/{0}.key, authority: {0}/ca.pem }}
manager: {{ addresses: [ "127.0.0.1:{2}" ], state: {0} }}
)",
                     kRedirector, redirector().text(), ports_.manager + 1);
}

std::string DemoCast::resources() const {
  std::string changes = R"({"kind": "pops", "name": "east", "content":
    {"name": "east", "latitude": 52.5, "longitude": 13.4, "doc": "Berlin"}},
  {"kind": "pops", "name": "west", "content":
    {"name": "west", "latitude": 37.8, "longitude": -122.4, "doc": "San Francisco"}})";
  const DemoNetworks east = demo_networks_of("east");
  const DemoNetworks west = demo_networks_of("west");
  changes += fmt::format(R"(,
  {{"kind": "networks", "name": "near-east", "content":
    {{"name": "near-east", "networks": ["{}", "{}"], "latitude": 52, "longitude": 10, "doc": "in Europe"}}}},
  {{"kind": "networks", "name": "near-west", "content":
    {{"name": "near-west", "networks": ["{}", "{}"], "latitude": 37, "longitude": -120, "doc": "in California"}}}},
  {{"kind": "redirectors", "name": "{}", "content": {{"name": "{}", "addresses": ["127.0.0.1"]}}}},
  {{"kind": "zones", "name": "demo.test", "content": {{"name": "demo.test", "records":
    "$TTL 300\n@ SOA ns1 admin 1 3600 600 86400 30\n@ NS ns1\nns1 A 127.0.0.1\nwww SITE {}\n"}}}})",
                         east.own, east.trial, west.own, west.trial, kRedirector, kRedirector, kDemoSite);
  for (const auto& [name, address] : kFrontends) {
    const std::string pop(name, 4);
    changes += fmt::format(R"(,
  {{"kind": "frontends", "name": "{0}", "content":
    {{"name": "{0}", "pop": "{1}", "addresses": ["{2}"], "exchanges_per_s": {3}}}}})",
                           name, pop, address, kDemoFrontendCapacity);
  }
  for (const auto& [name, address] : backends_) {
    changes += fmt::format(R"(,
  {{"kind": "backends", "name": "{0}", "content": {{"name": "{0}", "address": "{1}"}}}})",
                           name, address.text());
  }
  std::string origins;
  for (const SocketAddress& origin : ground_.origins()) {
    origins += fmt::format(R"({}{{"address": "{}", "max_pending": 64}})", origins.empty() ? "" : ", ", origin.text());
  }
  changes += fmt::format(R"(,
  {{"kind": "sites", "name": "{}", "content":
    {{"name": "{}", "hosts": ["www.demo.test", "demo.test", "localhost", "127.0.0.1", "127.0.0.2"], "origins": [{}],
      "priorities": [{{"ring": 0, "when": {{"header": {{"X-Priority": "high"}}}}}},
                     {{"ring": 0, "when": {{"path": "/api*"}}}}, {{"ring": 4, "when": {{"path": "/bulk*"}}}}],
      "backends": {{"min": 2}}, "frontends": {{"pinned": ["east-1", "west-1"]}}, "steering": {{"ttl": "10s"}}}}}})",
                         kDemoSite, kDemoSite, origins);
  return changes;
}

Status DemoCast::apply() {
  client::Ask ask;
  ask.method = "POST";
  ask.target = "/v1/apply";
  ask.body = fmt::format(R"({{"message": "the demo's overlay", "changes": [{}]}})", resources());
  ask.fields = {{"if-match", "*"}};
  const auto applied = good_answer(ask);
  if (!applied) return applied.error();
  say("revision   1 applied: two POPs, three front-ends, two back-ends, one site with three origins, one zone");
  return {};
}

Result<client::Answer> DemoCast::good_answer(const client::Ask& ask) {
  Result<client::Answer> answer = api_->ask(ask);
  if (answer && !answer->good()) {
    return internal_error(fmt::format("{} {}: {} {}", ask.method, ask.target, answer->status, answer->body));
  }
  return answer;
}

Result<config::TreeNode> DemoCast::ask(std::string method, std::string target, std::string body) {
  client::Ask ask;
  ask.method = std::move(method);
  ask.target = std::move(target);
  ask.body = std::move(body);
  const Result<client::Answer> answer = good_answer(ask);
  if (!answer) return answer.error();
  return client::read_json(answer->body.empty() ? "{}" : answer->body);
}

Status DemoCast::change(const std::string& target, const std::string& merge_patch) {
  client::Ask ask;
  ask.target = target;
  const Result<client::Answer> present = good_answer(ask);
  if (!present) return present.error();
  ask.method = "PATCH";
  ask.body = merge_patch;
  ask.fields = {{"if-match", present->etag}};
  const Result<client::Answer> changed = good_answer(ask);
  return changed ? Status() : Status(changed.error());
}

}  // namespace ringway::cli
