#include <fmt/format.h>

#include <iterator>

#include "redirector_dns/steering/table_text.h"

namespace ringway::dns::steering {

namespace {

/// "a,b,c", or "-" where there is nothing.
template <class Items, class Text>
std::string listed(const Items& items, Text text) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ',';
    out += text(item);
  }
  return out.empty() ? "-" : out;
}

constexpr std::string_view state_of(bool draining) { return draining ? "draining" : "serving"; }

template <class Items>
std::string numbers(const Items& items) {
  return listed(items, [](auto item) { return fmt::format_int(item).str(); });
}

std::string addresses(const std::vector<IpAddress>& items) {
  return listed(items, [](const IpAddress& item) { return item.text(); });
}

std::string_view or_dash(std::string_view text) { return text.empty() ? "-" : text; }

std::string_view policy_name(Policy policy) {
  switch (policy) {
    case Policy::nearest: return "nearest";
    case Policy::weighted: return "weighted";
    case Policy::failover: return "failover";
  }
  return "";
}

void write_sites(const Atlas& atlas, std::string& out) {
  const auto to = std::back_inserter(out);
  for (const Pop& pop : atlas.pops) fmt::format_to(to, "pop {} {}\n", pop.name, pop.capacity);
  for (const Frontend& frontend : atlas.frontends) {
    fmt::format_to(to, "frontend {} {} {} {} {}\n", frontend.name, frontend.pop, frontend.weight,
                   addresses(frontend.v4), addresses(frontend.v6));
  }
  for (const SiteClass& site_class : atlas.classes) {
    const std::string shares = listed(site_class.shares, [](double share) { return fmt::format("{}", share); });
    fmt::format_to(to, "class {} {} {}\n", policy_name(site_class.policy), shares, numbers(site_class.frontends));
  }
  for (const Site& site : atlas.sites) {
    fmt::format_to(to, "site {} {} {} {} {} {} {}\n", site.name, site.site_class, site.ttl_s, site.answers,
                   site.spare == Spare::next_pop ? "next_pop" : "none", or_dash(site.alpn), site.port);
  }
}

void write_orders(const Atlas& atlas, std::string& out) {
  const auto to = std::back_inserter(out);
  for (const std::vector<PopIndex>& reach : atlas.reaches) fmt::format_to(to, "reach {}\n", numbers(reach));
  for (const Order& order : atlas.orders) fmt::format_to(to, "order {} {}\n", order.reach, numbers(order.pops));
  const std::size_t classes = atlas.classes.size();
  for (std::size_t i = 0; i < atlas.profiles.size(); ++i) {
    if (i % classes == 0) out += "profile ";
    fmt::format_to(to, "{}{}", atlas.profiles[i], i % classes + 1 == classes ? '\n' : ',');
  }
  for (const Family family : {Family::v4, Family::v6}) {
    for (const CellRange& range : atlas.cells.ranges(family)) {
      const IpAddress first = Network::around(family, range.first, width_of(family)).address();
      fmt::format_to(to, "cells {} {} {}\n", first.text(), range.profile, range.grain);
    }
  }
  for (const IpAddress& resolver : atlas.resolvers) fmt::format_to(to, "resolver {}\n", resolver.text());
}

}  // namespace

std::string atlas_text(const Atlas& atlas) {
  std::string out = fmt::format("ringway-atlas 1 {}\n", atlas.number);
  write_sites(atlas, out);
  write_orders(atlas, out);
  add_sum(out);
  return out;
}

std::string levels_text(const SteeringTable& table, std::string_view atlas_sum) {
  std::string out = fmt::format("ringway-levels 1 {} {}\n", table.number(), atlas_sum);
  const auto to = std::back_inserter(out);
  for (const PopLevel& pop : table.levels().pops) {
    fmt::format_to(to, "pop {} {} {}\n", pop.shed, pop.usual, state_of(pop.draining));
  }
  for (const FrontendLevel& frontend : table.levels().frontends) {
    fmt::format_to(to, "frontend {} {} {}\n", frontend.shed, frontend.ill_rank, state_of(frontend.draining));
  }
  add_sum(out);
  return out;
}

std::string table_text(const SteeringTable& table) {
  std::string out = atlas_text(table.atlas());
  const std::string sum(sum_of(out));
  return out + levels_text(table, sum);
}

}  // namespace ringway::dns::steering
