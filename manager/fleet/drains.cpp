#include "manager/fleet/drains.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/config_reader.h"
#include "manager/record_types.h"
#include "manager/resources/kinds.h"

namespace ringway::manager {

namespace {

constexpr std::size_t kMaxAuthorOctets = 128;

using Kind = DrainTarget::Kind;
constexpr std::array<std::pair<std::string_view, Kind>, 4> kKinds = {
    {{"frontend:", Kind::frontend}, {"backend:", Kind::backend}, {"pop:", Kind::pop}, {"origin:", Kind::origin}}};

void add(Drains& drains, const DrainTarget& target) {
  switch (target.kind) {
    case Kind::frontend: drains.frontends.insert(target.name); break;
    case Kind::backend: drains.backends.insert(target.name); break;
    case Kind::pop: drains.pops.insert(target.name); break;
    case Kind::origin: drains.origins[target.name].insert(target.origin); break;
  }
}

std::uint64_t pending_at(const Node& node, const DrainTarget& target) {
  std::uint64_t pending = 0;
  for (const agent::SiteReport& site : node.report.sites) {
    if (target.kind == Kind::origin && site.name != target.name) continue;
    for (const agent::OriginReport& origin : site.origins) {
      if (target.kind != Kind::origin || bare_origin(origin.name) == target.origin) pending += origin.pending;
    }
  }
  return pending;
}

bool stands_in(const Snapshot& snapshot, const std::string& frontend, const std::string& pop) {
  const ResourcePtr resource = snapshot.find(kFrontends, frontend);
  return resource != nullptr && resource->as<FrontendGateway>().pop == pop;
}

bool concerns(const DrainTarget& target, const tmp::PeerIdentity& node, const Snapshot& snapshot) {
  switch (target.kind) {
    case Kind::frontend: return node == tmp::PeerIdentity{tmp::Role::frontend, target.name};
    case Kind::backend: return node == tmp::PeerIdentity{tmp::Role::backend, target.name};
    case Kind::pop: return node.role == tmp::Role::frontend && stands_in(snapshot, node.name, target.name);
    case Kind::origin: break;
  }
  return node.role == tmp::Role::backend;
}

}  // namespace

std::optional<DrainTarget> parse_drain_target(std::string_view text) {
  for (const auto& [prefix, kind] : kKinds) {
    if (!text.starts_with(prefix)) continue;
    std::string_view name = text.substr(prefix.size());
    std::string_view origin;
    if (kind == Kind::origin) {
      const std::size_t colon = name.find(':');
      if (colon == std::string_view::npos) return std::nullopt;
      origin = name.substr(colon + 1);
      name = name.substr(0, colon);
      if (origin.empty()) return std::nullopt;
    }
    if (name.empty()) return std::nullopt;
    return DrainTarget{kind, std::string(name), std::string(bare_origin(origin))};
  }
  return std::nullopt;
}

config::Type<Drain> drain_type() {
  return config::Object<Drain>("drain")
      .required("since", &Drain::since, wall_time(), "When it was ordered.")
      .optional("by", &Drain::by, config::text(kMaxAuthorOctets), "By whom.");
}

Drains drains_of(const Ledger& ledger) {
  Drains drains;
  for (const auto& [name, content] : ledger.records(kDrainKind)) {
    const std::optional<DrainTarget> target = parse_drain_target(name);
    const auto drain = read_record(drain_type(), {kDrainKind, name, content});
    if (!target || !drain) continue;
    drains.all.emplace(name, *drain);
    add(drains, *target);
  }
  return drains;
}

bool is_draining(const Drains& drains, const std::string& site, std::string_view origin) {
  const auto drained = drains.origins.find(site);
  return drained != drains.origins.end() && drained->second.contains(std::string(bare_origin(origin)));
}

std::optional<DrainRefusal> refusal_of(const DrainTarget& target, const Snapshot& snapshot, const Drains& drains) {
  constexpr std::array<const char*, 4> kResources = {kFrontends, kBackends, kPops, kSites};
  const char* kind = kResources[static_cast<std::size_t>(target.kind)];
  const ResourcePtr found = snapshot.find(kind, target.name);
  if (found == nullptr) {
    return DrainRefusal{DrainRefusal::Kind::unknown, fmt::format("there is no {} in /v1/{}", target.name, kind)};
  }
  if (target.kind != Kind::origin) return std::nullopt;
  const std::vector<backend::Origin>& origins = found->as<Site>().servers.origins;
  const auto drained = drains.origins.find(target.name);
  const auto is_target = [&](const backend::Origin& each) { return bare_origin(each.name) == target.origin; };
  const auto stays = [&](const backend::Origin& each) {
    return !is_target(each) &&
           (drained == drains.origins.end() || !drained->second.contains(std::string(bare_origin(each.name))));
  };
  if (std::none_of(origins.begin(), origins.end(), is_target)) {
    return DrainRefusal{DrainRefusal::Kind::unknown,
                        fmt::format("the site {} has no origin {}", target.name, target.origin)};
  }
  if (std::any_of(origins.begin(), origins.end(), stays)) return std::nullopt;
  return DrainRefusal{DrainRefusal::Kind::last_origin,
                      fmt::format("{} is the last origin of {} that is not drained", target.origin, target.name)};
}

DrainProgress progress_of(const DrainTarget& target, const Snapshot& snapshot, const Nodes& nodes) {
  const bool of_clients = target.kind == Kind::frontend || target.kind == Kind::pop;
  DrainProgress progress;
  progress.unit = of_clients ? "connections" : "exchanges";
  bool all_heard = true;
  for (const auto& [identity, node] : nodes) {
    if (!concerns(target, identity, snapshot) || node.session == nullptr) continue;
    progress.left += of_clients ? node.report.connections : pending_at(node, target);
    all_heard = all_heard && !node.on_its_way;
  }
  progress.done = all_heard && progress.left == 0;
  return progress;
}

}  // namespace ringway::manager
