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

/// "east-1:14 west-1:6": of the networks near a POP.
std::string counts_text(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", name, count);
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
  lookup_->refresh();
  std::vector<LoadTarget> targets;
  for (const DemoNetwork& each : lookup_->networks()) {
    if (!each.address) return;  // not yet
    targets.push_back({each.from, {*each.address, cast_.client_port()}});
  }
  ground_.set_frontends(std::move(targets));
}

std::map<std::string, std::size_t> DemoWatch::sent_from(std::string_view pop) const {
  std::map<std::string, std::size_t> counts;
  for (const DemoNetwork& each : lookup_->networks()) {
    if (each.address && each.pop == pop) ++counts[demo_frontend_at(*each.address)];
  }
  return counts;
}

std::size_t DemoWatch::sent_to(const std::string& frontend) const {
  const std::vector<DemoNetwork>& all = lookup_->networks();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const DemoNetwork& each) {
    return each.address && demo_frontend_at(*each.address) == frontend;
  }));
}

std::vector<std::string> DemoWatch::site_gateways(const char* side) const {
  return client::words_of(named(client::items_of(status_, "sites"), kDemoSite), side);
}

std::string DemoWatch::gateway_state(const std::string& name) const {
  return client::text_of(named(client::items_of(status_, "gateways"), name), "state");
}

DemoFigures DemoWatch::take() { return std::exchange(present_, {}); }

void DemoWatch::print(const DemoFigures& figures) {
  constexpr const char* kLine = "{:>5} {:>6} {:>6} {:>7} {:>8}  {:<26} {:<26} {:<13} {}\n";
  if (lines_++ % kLinesPerHead == 0) {
    fmt::print(fmt::runtime(kLine), "s", "req/s", "failed", "page ms", "probe ms", "eastern networks go to",
               "western ones", "back-ends", "rollout");
  }
  fmt::print(fmt::runtime(kLine), fmt::format("{:.0f}", total_.seconds),
             fmt::format("{:.0f}", figures.requests_per_s()), figures.clients.failures,
             median_text(figures.clients.page_ms), median_text(figures.clients.probe_ms),
             counts_text(sent_from("east")), counts_text(sent_from("west")), joined(site_gateways("backends")),
             rollout_text(client::member(status_, "rollout")));
  std::fflush(stdout);
}

}  // namespace ringway::cli
