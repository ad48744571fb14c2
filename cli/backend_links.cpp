#include "cli/backend_links.h"

#include <algorithm>
#include <utility>

namespace ringway::cli {

namespace {

constexpr std::chrono::milliseconds kTendInterval{50};

}  // namespace

BackendLinks::BackendLinks(Loop loop, Connect connect, Use use)
    : loop_(loop), connect_(std::move(connect)), use_(std::move(use)), timer_(loop.timers, [this] { tend(); }) {}

void BackendLinks::prepare(const std::vector<tmp::PeerTarget>& targets) {
  for (const tmp::PeerTarget& target : targets) {
    if (routes_.contains(target.name) || prepared_.contains(target.name)) continue;
    prepared_.emplace(target.name, Route{&connect_(target), nullptr, target.address});
  }
}

bool BackendLinks::ready() const {
  const auto is_up = [](const auto& route) { return route.second.link->up(); };
  return std::all_of(prepared_.begin(), prepared_.end(), is_up) || std::none_of(routes_.begin(), routes_.end(), is_up);
}

void BackendLinks::set(const std::vector<tmp::PeerTarget>& targets, Duration leave_limit) {
  leave_limit_ = leave_limit;
  std::map<std::string, Route> routes;
  for (const tmp::PeerTarget& target : targets) {
    if (!routes.contains(target.name)) routes.emplace(target.name, route_to(target));
  }
  for (const auto& [name, route] : std::exchange(routes_, std::move(routes))) {
    const auto kept = routes_.find(name);
    const auto keeps = [&](const tmp::Link* link) {
      return kept != routes_.end() && (kept->second.link == link || kept->second.next == link);
    };
    if (!keeps(route.link)) leave(route.link);
    if (route.next != nullptr && !keeps(route.next)) leave(route.next);
  }
  for (const auto& [name, route] : std::exchange(prepared_, {})) leave(route.link);
  use_(in_use());
  tend();
}

BackendLinks::ByName BackendLinks::in_use() const {
  ByName links;
  for (const auto& [name, route] : routes_) links.emplace(name, route.link);
  return links;
}

void BackendLinks::renew(const std::string& name) {
  const auto found = routes_.find(name);
  if (found == routes_.end()) return;
  Route& route = found->second;
  tmp::Link* const closed = route.link;
  route.link = route.next != nullptr ? std::exchange(route.next, nullptr) : &connect_({name, route.address});
  use_(in_use());
  closed->close("closed by an administrator");
}

BackendLinks::Route BackendLinks::route_to(const tmp::PeerTarget& target) {
  const auto present = routes_.find(target.name);
  if (present == routes_.end()) return new_route_to(target);
  if (present->second.address == target.address) return present->second;
  return {present->second.link, &connect_(target), target.address};
}

BackendLinks::Route BackendLinks::new_route_to(const tmp::PeerTarget& target) {
  const auto prepared = prepared_.find(target.name);
  if (prepared == prepared_.end() || prepared->second.address != target.address) {
    return {&connect_(target), nullptr, target.address};
  }
  const Route route = prepared->second;
  prepared_.erase(prepared);
  return route;
}

void BackendLinks::leave(tmp::Link* link) { leaving_.push_back({link, loop_.now() + leave_limit_}); }

void BackendLinks::tend() {
  replace();
  close_idle();
  bool waits = !leaving_.empty();
  for (const auto& [name, route] : routes_) waits = waits || route.next != nullptr;
  if (waits) timer_.arm(loop_.now() + kTendInterval);
}

/// A link that is down itself need not wait for its successor to be up.
void BackendLinks::replace() {
  bool changed = false;
  for (auto& [name, route] : routes_) {
    if (route.next == nullptr || (route.link->up() && !route.next->up())) continue;
    leave(std::exchange(route.link, std::exchange(route.next, nullptr)));
    changed = true;
  }
  if (changed) use_(in_use());
}

void BackendLinks::close_idle() {
  std::erase_if(leaving_, [now = loop_.now()](const Leaving& leaving) {
    if (leaving.link->streams() > 0 && now < leaving.until) return false;
    leaving.link->close("no longer configured");
    return true;
  });
}

}  // namespace ringway::cli
