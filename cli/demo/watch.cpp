#include "cli/demo/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace ringway::cli {

namespace {

/// The columns' names stand again after so many lines.
constexpr int kLinesPerHead = 20;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

const config::TreeNode& named(const std::vector<config::TreeNode>& items, const std::string& name) {
  static const config::TreeNode kNone;
  for (const config::TreeNode& item : items) {
    if (client::text_of(item, "name") == name) return item;
  }
  return kNone;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "-" : text;
}

std::string rollout_text(const config::TreeNode& rollout) {
  const std::string state = client::text_of(rollout, "state");
  if (state.empty()) return "-";
  const auto number = [&](const char* key) { return static_cast<int>(client::number_of(rollout, key)); };
  if (state != "spreading") return fmt::format("{} {}", number("to"), state);
  return fmt::format("{} wave {}/{}", number("to"), number("wave"), number("waves"));
}

}  // namespace

std::string median_text(const std::vector<double>& values) {
  return values.empty() ? "-" : fmt::format("{:.0f}", median(values));
}

void DemoFigures::add(const DemoFigures& other) {
  seconds += other.seconds;
  clients.requests += other.clients.requests;
  clients.failures += other.clients.failures;
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(clients.page_ms, other.clients.page_ms);
  append(clients.probe_ms, other.clients.probe_ms);
}

double DemoFigures::requests_per_s() const { return seconds > 0 ? static_cast<double>(clients.requests) / seconds : 0; }

void DemoWatch::look() {
  send_clients();
  auto status = cast_.ask("GET", "/v1/status");
  status_ = status ? std::move(*status) : config::TreeNode{};
  DemoFigures figures;
  figures.clients = ground_.take_figures();
  const Clock::time_point now = Clock::now();
  figures.seconds = std::chrono::duration<double>(now - std::exchange(looked_, now)).count();
  present_.add(figures);
  total_.add(figures);
  print(figures);
}

void DemoWatch::send_clients() {
  const auto answer = cast_.ask("GET", fmt::format("/v1/frontends-for?site={}&client=127.0.0.1", kDemoSite));
  if (!answer) return;  // the manager is away: clients go where they went
  std::vector<LoadTarget> targets;
  std::vector<std::string> chosen;
  for (const config::TreeNode& item : client::items_of(*answer, "frontends")) {
    const double weight = client::number_of(item, "weight");
    const std::vector<std::string> addresses = client::words_of(item, "addresses");
    if (weight <= 0 || addresses.empty()) continue;
    const auto ip = IpAddress::parse(addresses.front());
    if (!ip) continue;
    targets.push_back({{*ip, cast_.client_port()}, weight});
    chosen.push_back(client::text_of(item, "name"));
  }
  chosen_ = std::move(chosen);
  ground_.set_frontends(std::move(targets));
}

std::vector<std::string> DemoWatch::site_gateways(const char* side) const {
  return client::words_of(named(client::items_of(status_, "sites"), kDemoSite), side);
}

std::string DemoWatch::gateway_state(const std::string& name) const {
  return client::text_of(named(client::items_of(status_, "gateways"), name), "state");
}

DemoFigures DemoWatch::take() { return std::exchange(present_, {}); }

void DemoWatch::print(const DemoFigures& figures) {
  if (lines_++ % kLinesPerHead == 0) {
    fmt::print("{:>5} {:>7} {:>7} {:>8} {:>9}  {:<22} {:<16} {}\n", "s", "req/s", "failed", "page ms", "probe ms",
               "clients go to", "back-ends", "rollout");
  }
  fmt::print("{:>5.0f} {:>7.0f} {:>7} {:>8} {:>9}  {:<22} {:<16} {}\n", total_.seconds, figures.requests_per_s(),
             figures.clients.failures, median_text(figures.clients.page_ms), median_text(figures.clients.probe_ms),
             joined(chosen_), joined(site_gateways("backends")), rollout_text(client::member(status_, "rollout")));
  std::fflush(stdout);
}

}  // namespace ringway::cli
