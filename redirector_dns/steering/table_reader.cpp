#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/line_words.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::dns::steering {

namespace {

/// Lines of a text, each with its number from 1.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool more() const { return !rest_.empty(); }
  LineWords next() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_ = rest_.substr(std::min(end + 1, rest_.size()));
    return {line, ++number_};
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

/// One of `words`, by its place.
template <std::size_t N>
std::size_t one_of(LineWords& line, const std::string_view (&words)[N]) {
  const std::string_view word = line.word();
  const auto* found = std::find(std::begin(words), std::end(words), word);
  if (found == std::end(words)) line.fault("an unknown word");
  return found == std::end(words) ? 0 : static_cast<std::size_t>(found - std::begin(words));
}

class AtlasReader {
 public:
  Result<SharedAtlas> read(std::string_view body);

 private:
  void read_line(LineWords& line);
  void read_class(LineWords& line);
  void read_site(LineWords& line);
  void read_profile(LineWords& line);
  void read_cells(LineWords& line);

  Atlas atlas_;
  std::vector<CellRange> ranges_[2];
};

Result<SharedAtlas> AtlasReader::read(std::string_view body) {
  Lines lines(body);
  LineWords head = lines.next();
  if (head.word() != "ringway-atlas" || head.word() != "1") head.fault("this is no steering atlas of version 1");
  atlas_.number = head.number<std::uint64_t>();
  if (!head.finished()) return head.error();
  while (lines.more()) {
    LineWords line = lines.next();
    read_line(line);
    if (!line.finished()) return line.error();
  }
  for (const std::vector<CellRange>& ranges : ranges_) {
    if (ranges.empty()) return client_error("steering atlas: no ranges of clients of one family");
  }
  atlas_.cells = CellMap(std::move(ranges_[0]), std::move(ranges_[1]));
  return seal(std::move(atlas_));
}

void AtlasReader::read_line(LineWords& line) {
  constexpr std::string_view kKinds[] = {"pop",   "frontend", "class", "site",    "reach",
                                         "order", "profile",  "cells", "resolver"};
  const std::size_t kind = one_of(line, kKinds);
  if (!line.good()) return;
  switch (kind) {
    case 0: {
      Pop& pop = atlas_.pops.emplace_back();
      pop.name = line.word();
      pop.capacity = line.number<double>();
      return;
    }
    case 1: {
      Frontend& frontend = atlas_.frontends.emplace_back();
      frontend.name = line.word();
      frontend.pop = line.number<PopIndex>();
      frontend.weight = line.number<double>();
      frontend.v4 = line.addresses(limits::kMaxFrontendAddresses);
      frontend.v6 = line.addresses(limits::kMaxFrontendAddresses);
      return;
    }
    case 2: return read_class(line);
    case 3: return read_site(line);
    case 4: atlas_.reaches.push_back(line.numbers<PopIndex>(limits::kMaxPops)); return;
    case 5: {
      Order& order = atlas_.orders.emplace_back();
      order.reach = line.number<std::uint32_t>();
      order.pops = PopList(line.numbers<PopIndex>(limits::kMaxOrderPops));
      return;
    }
    case 6: return read_profile(line);
    case 7: return read_cells(line);
    default: atlas_.resolvers.push_back(line.address()); return;
  }
}

void AtlasReader::read_class(LineWords& line) {
  SiteClass& site_class = atlas_.classes.emplace_back();
  constexpr std::string_view kPolicies[] = {"nearest", "weighted", "failover"};
  site_class.policy = static_cast<Policy>(one_of(line, kPolicies));
  site_class.shares = line.numbers<double>(limits::kMaxPops);
  site_class.frontends = line.numbers<FrontendIndex>(limits::kMaxSteeredFrontends);
}

void AtlasReader::read_site(LineWords& line) {
  Site& site = atlas_.sites.emplace_back();
  site.name = line.word();
  site.site_class = line.number<std::uint32_t>();
  site.ttl_s = line.number<std::uint32_t>();
  site.answers = line.number<std::uint32_t>();
  constexpr std::string_view kSpares[] = {"none", "next_pop"};
  site.spare = static_cast<Spare>(one_of(line, kSpares));
  site.alpn = line.word_or_dash();
  site.port = line.number<std::uint16_t>();
}

void AtlasReader::read_profile(LineWords& line) {
  const auto orders = line.numbers<std::uint32_t>(limits::kMaxSteeredSites);
  if (orders.size() != atlas_.classes.size() || orders.empty()) line.fault("not an order for each class");
  atlas_.profiles.insert(atlas_.profiles.end(), orders.begin(), orders.end());
}

void AtlasReader::read_cells(LineWords& line) {
  const IpAddress first = line.address();
  const Family family = family_of(first);
  std::vector<CellRange>& ranges = ranges_[static_cast<std::size_t>(family)];
  CellRange range{number_of(first)};
  range.profile = line.number<std::uint32_t>();
  range.grain = line.number<std::uint8_t>();
  const bool whole = Network::around(family, range.first, width_of(family)).address() == first;
  const bool behind = ranges.empty() ? range.first == 0 : range.first > ranges.back().first;
  if (!whole || !behind || range.grain > width_of(family)) line.fault("a range that does not follow the one before it");
  ranges.push_back(range);
}

double share_of(LineWords& line) {
  const double share = line.number<double>();
  if (share < 0 || share > 1) line.fault("a share is 0 to 1");
  return share;
}

void read_level(LineWords& line, Levels& levels) {
  constexpr std::string_view kKinds[] = {"pop", "frontend"};
  constexpr std::string_view kStates[] = {"serving", "draining"};
  if (one_of(line, kKinds) == 0) {
    PopLevel& pop = levels.pops.emplace_back();
    pop.shed = share_of(line);
    pop.usual = share_of(line);
    pop.draining = one_of(line, kStates) == 1;
  } else {
    FrontendLevel& frontend = levels.frontends.emplace_back();
    frontend.shed = share_of(line);
    frontend.ill_rank = line.number<std::uint32_t>();
    frontend.draining = one_of(line, kStates) == 1;
  }
}

/// Of an atlas's front-ends, who is whom in the next one.
class GoneFrontends {
 public:
  GoneFrontends(const Atlas& last, const Atlas& next) {
    std::unordered_map<std::string_view, FrontendIndex> places;
    for (std::size_t i = 0; i < next.frontends.size(); ++i) {
      places.emplace(next.frontends[i].name, static_cast<FrontendIndex>(i));
    }
    for (const Frontend& frontend : last.frontends) {
      const auto place = places.find(frontend.name);
      next_.push_back(place == places.end() ? std::nullopt : std::optional(place->second));
    }
  }
  /// Those of `before` that are not in `after`, which is in order.
  [[nodiscard]] std::size_t count(const std::vector<FrontendIndex>& before,
                                  const std::vector<FrontendIndex>& after) const {
    return static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [&](FrontendIndex index) {
      return !next_[index] || !std::binary_search(after.begin(), after.end(), *next_[index]);
    }));
  }

 private:
  std::vector<std::optional<FrontendIndex>> next_;
};

}  // namespace

Result<SharedAtlas> parse_atlas(std::string_view text) {
  if (text.size() > limits::kMaxAtlasOctets) return client_error("steering atlas: it is too long");
  const Result<std::string_view> body = without_sum(text);
  return body ? AtlasReader().read(*body) : body.error();
}

Result<SteeringTable> parse_levels(std::string_view text, const SharedAtlas& atlas, std::string_view atlas_sum) {
  if (text.size() > limits::kMaxLevelsOctets) return client_error("steering levels: they are too long");
  const Result<std::string_view> body = without_sum(text);
  if (!body) return body.error();
  Lines lines(*body);
  LineWords head = lines.next();
  if (head.word() != "ringway-levels" || head.word() != "1") head.fault("these are no steering levels of version 1");
  const auto number = head.number<std::uint64_t>();
  if (head.word() != atlas_sum) head.fault("they are of another atlas");
  if (!head.finished()) return head.error();
  Levels levels;
  while (lines.more()) {
    LineWords line = lines.next();
    read_level(line, levels);
    if (!line.finished()) return line.error();
  }
  if (levels.pops.size() != atlas->pops.size() || levels.frontends.size() != atlas->frontends.size()) {
    return client_error("steering levels: not one for each POP and front-end");
  }
  return SteeringTable(number, atlas, std::move(levels));
}

Result<SteeringTable> parse_table(std::string_view text) {
  const std::size_t end = text.find("\nringway-levels ");
  if (end == std::string_view::npos) return client_error("steering table: there are no levels behind an atlas");
  const std::string_view atlas_part = text.substr(0, end + 1);
  const Result<SharedAtlas> atlas = parse_atlas(atlas_part);
  if (!atlas) return atlas.error();
  return parse_levels(text.substr(end + 1), *atlas, sum_of(atlas_part));
}

Status check_succession(const Atlas& last, const Atlas& next) {
  const GoneFrontends gone_frontends(last, next);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> gone_of;  // by class of the last and of the next
  for (const Site& site : last.sites) {
    const Site* successor = next.find(site.name);
    if (successor == nullptr) return client_error(fmt::format("steering atlas: site {} would be gone", site.name));
    const std::vector<FrontendIndex>& before = last.classes[site.site_class].frontends;
    const auto [counted, fresh] = gone_of.try_emplace({site.site_class, successor->site_class});
    if (fresh) counted->second = gone_frontends.count(before, next.classes[successor->site_class].frontends);
    const std::size_t gone = counted->second;
    if (gone > 1 && static_cast<double>(gone) > limits::kMostFrontendsGone * static_cast<double>(before.size())) {
      return client_error(
          fmt::format("steering atlas: site {} would lose {} of {} front-ends", site.name, gone, before.size()));
    }
  }
  return {};
}

}  // namespace ringway::dns::steering
