#include "cli/backend_links.h"

#include <utility>

namespace ringway::cli {

namespace {

constexpr std::chrono::milliseconds kTendInterval{50};

}  // namespace

BackendLinks::BackendLinks(Loop loop, Connect connect, Use use)
    : loop_(loop), connect_(std::move(connect)), use_(std::move(use)), timer_(loop.timers, [this] { tend(); }) {}

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
  if (present == routes_.end()) return {&connect_(target), nullptr, target.address};
  if (present->second.address == target.address) return present->second;
  return {present->second.link, &connect_(target), target.address};
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
