#include "cli/client/status_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "cli/client/rollout.h"
#include "cli/client/table.h"

namespace ringway::cli::client {

namespace {

constexpr double kBusy = 0.8;
constexpr double kFull = 0.95;
constexpr double kLossy = 0.01;
constexpr std::size_t kNamesShown = 4;

using Nodes = std::vector<const TreeNode*>;

Colour by_share(double share) {
  return share >= kFull ? Colour::bad : share >= kBusy ? Colour::warning : Colour::plain;
}

Cell share_cell(double share) { return {percent(share), by_share(share)}; }

/// "pop-1, pop-2 and 3 more".
std::string names_text(std::vector<std::string> names) {
  if (names.empty()) return "none";
  const std::size_t rest = names.size() > kNamesShown ? names.size() - kNamesShown : 0;
  names.resize(names.size() - rest);
  return fmt::format("{}{}", fmt::join(names, ", "), rest == 0 ? "" : fmt::format(" and {} more", rest));
}

Nodes all_of(const TreeNode& status, const char* key) {
  Nodes nodes;
  for (const TreeNode& item : items_of(status, key)) nodes.push_back(&item);
  return nodes;
}

Cell rate_cell(const TreeNode& site, const char* key) {
  const double rate = number_of(site, key);
  return {short_number(rate), rate > 0 ? Colour::bad : Colour::plain};
}

/// Whole percents of the five rings.
std::string rings_text(const TreeNode& site) {
  std::string out;
  for (const TreeNode& ring : items_of(site, "rings")) {
    TreeNode whole;
    whole.entries.push_back({"share", {}, ring});
    out += fmt::format("{}{:.0f}", out.empty() ? "" : "/", number_of(whole, "share") * 100);
  }
  return out;
}

Cell origins_cell(const TreeNode& site) {
  // An origin is reported by each back-end that has the site: it is up where one of them reaches it.
  std::vector<std::string> known;
  std::vector<std::string> up;
  std::vector<std::string> draining;
  double pending = 0;
  double capacity = 0;
  for (const TreeNode& origin : items_of(site, "origins")) {
    const std::string name = text_of(origin, "name");
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
    std::vector<std::string>& kept = flag_of(origin, "draining") ? draining : up;
    const bool counts = flag_of(origin, "draining") || flag_of(origin, "up");
    if (counts && std::find(kept.begin(), kept.end(), name) == kept.end()) kept.push_back(name);
    pending += number_of(origin, "pending");
    capacity += number_of(origin, "capacity");
  }
  if (known.empty()) return "-";
  const Colour colour = up.empty() ? Colour::bad : up.size() < known.size() ? Colour::warning : Colour::plain;
  const std::string drained = draining.empty() ? "" : fmt::format(", {} draining", draining.size());
  return {fmt::format("{} of {} up{}, {:.6g}/{:.6g}", up.size(), known.size(), drained, pending, capacity), colour};
}

Table sites_table(const Nodes& sites) {
  Table table({{"SITE"},
               {"REQ/S", Align::right},
               {"ERR/S", Align::right},
               {"REFUSED/S", Align::right},
               {"P95", Align::right},
               {"RINGS %"},
               {"FRONT-ENDS"},
               {"BACK-ENDS"},
               {"ORIGINS, PENDING"}});
  for (const TreeNode* site : sites) {
    const bool served = !items_of(*site, "frontends").empty() && !items_of(*site, "backends").empty();
    const Colour colour = !served ? Colour::bad : text_of(*site, "shortage").empty() ? Colour::strong : Colour::warning;
    table.add({{text_of(*site, "name"), colour},
               short_number(number_of(*site, "requests_per_s")),
               rate_cell(*site, "errors_per_s"),
               rate_cell(*site, "refused_per_s"),
               milliseconds(number_of(*site, "p95_ms")),
               rings_text(*site),
               names_text(words_of(*site, "frontends")),
               names_text(words_of(*site, "backends")),
               origins_cell(*site)});
  }
  return table;
}

Colour state_colour(const std::string& state) {
  return state == "serving" ? Colour::good : state == "draining" ? Colour::warning : Colour::bad;
}

/// "17 applied", "16, 17 refused: …".
Cell revision_cell(const TreeNode& gateway) {
  const std::string stage = text_of(gateway, "stage");
  const std::string has_now = text_of(gateway, "revision");
  const std::string wanted = text_of(gateway, "wanted");
  if (stage == "refused") return {fmt::format("{}, refused {}", has_now, wanted), Colour::bad};
  if (has_now != wanted) return {fmt::format("{}, to {}", has_now, wanted), Colour::warning};
  return {has_now, stage == "applied" ? Colour::plain : Colour::warning};
}

Table gateways_table(const Nodes& gateways) {
  Table table({{"GATEWAY"},
               {"ROLE"},
               {"PLACE"},
               {"STATE"},
               {"REVISION"},
               {"CPU", Align::right},
               {"MEMORY", Align::right},
               {"EXCH/S", Align::right},
               {"TRAFFIC", Align::right},
               {"CONNECTIONS", Align::right},
               {"HEARD", Align::right},
               {"RELEASE"}});
  for (const TreeNode* gateway : gateways) {
    const std::string state = text_of(*gateway, "state");
    table.add({{text_of(*gateway, "name"), Colour::strong},
               text_of(*gateway, "role") == "frontend" ? "front-end" : "back-end",
               text_of(*gateway, "place"),
               {state, state_colour(state)},
               revision_cell(*gateway),
               share_cell(number_of(*gateway, "cpu")),
               short_octets(number_of(*gateway, "memory_octets")),
               short_number(number_of(*gateway, "exchanges_per_s")),
               short_bit_rate(number_of(*gateway, "bits_per_s")),
               short_number(number_of(*gateway, "connections")),
               has(*gateway, "heard_s") ? seconds_text(number_of(*gateway, "heard_s")) + " ago" : "never",
               text_of(*gateway, "release")});
  }
  return table;
}

Cell loss_cell(const TreeNode& link, const char* key) {
  const double loss = number_of(link, key);
  return {percent(loss), loss >= kLossy ? Colour::warning : Colour::plain};
}

Table links_table(const Nodes& links) {
  Table table({{"LINK"},
               {""},
               {"RTT", Align::right},
               {"LOSS OUT", Align::right},
               {"LOSS IN", Align::right},
               {"USED", Align::right}});
  for (const TreeNode* link : links) {
    table.add({text_of(*link, "frontend"), text_of(*link, "backend"), milliseconds(number_of(*link, "rtt_ms")),
               loss_cell(*link, "loss_out"), loss_cell(*link, "loss_in"), share_cell(number_of(*link, "used"))});
  }
  return table;
}

Table drains_table(const Nodes& drains) {
  Table table({{"DRAIN"}, {"SINCE"}, {"BY"}, {"LEFT"}});
  for (const TreeNode* drain : drains) {
    const bool done = flag_of(*drain, "done");
    const std::string left = fmt::format("{:.6g} {}", number_of(*drain, "left"), text_of(*drain, "unit"));
    table.add({text_of(*drain, "target"), text_of(*drain, "since"), text_of(*drain, "by"),
               done ? Cell("done", Colour::good) : Cell(left, Colour::warning)});
  }
  return table;
}

/// What somebody should look at, a line each.
std::vector<std::string> troubles(const TreeNode& status) {
  std::vector<std::string> lines;
  for (const TreeNode& site : items_of(status, "sites")) {
    const std::string shortage = text_of(site, "shortage");
    if (!shortage.empty()) lines.push_back(fmt::format("{}: {}", text_of(site, "name"), shortage));
  }
  for (const TreeNode& gateway : items_of(status, "gateways")) {
    const std::string reason = text_of(gateway, "reason");
    if (reason.empty()) continue;
    const std::string what = text_of(gateway, "stage") == "refused" ? "refused revision " + text_of(gateway, "wanted")
                                                                    : text_of(gateway, "state");
    lines.push_back(fmt::format("{}: {}: {}", text_of(gateway, "name"), what, reason));
  }
  return lines;
}

std::string headline(const TreeNode& status, ScreenSize size, Paint paint) {
  const std::string leader = text_of(status, "leader");
  std::string line = fmt::format("Manager {}", text_of(status, "manager"));
  if (flag_of(status, "leads")) {
    line += " leads";
  } else {
    line += leader.empty() ? ", nobody leads" : fmt::format(", {} leads", leader);
  }
  line += fmt::format(" · revision {:.0f} · {}", number_of(status, "revision"), text_of(status, "time"));
  std::string out = painted(cut(line, size.columns), leader.empty() ? Colour::bad : Colour::strong, paint) + "\n";
  const TreeNode& rollout = member(status, "rollout");
  if (rollout.kind == TreeNode::Kind::null) return out;
  const std::string state = text_of(rollout, "state");
  const Colour colour = state == "stopped" ? Colour::bad : state == "done" ? Colour::plain : Colour::warning;
  return out + painted(cut("Rollout of " + rollout_text(rollout), size.columns), colour, paint) + "\n";
}

std::string troubles_text(const TreeNode& status, ScreenSize size, Paint paint) {
  std::string out;
  for (const std::string& line : troubles(status))
    out += painted(cut("! " + line, size.columns), Colour::bad, paint) + "\n";
  return out;
}

/// Pairs of what a table's lines are sorted by: the greater first, then by name.
Nodes sorted(Nodes nodes, const char* key) {
  std::stable_sort(nodes.begin(), nodes.end(), [key](const TreeNode* a, const TreeNode* b) {
    const double left = key == nullptr ? 0 : number_of(*a, key);
    const double right = key == nullptr ? 0 : number_of(*b, key);
    return left != right ? left > right : member(*a, "name").scalar < member(*b, "name").scalar;
  });
  return nodes;
}

const char* site_key(SortBy sort) {
  switch (sort) {
    case SortBy::load: return "requests_per_s";
    case SortBy::errors: return "errors_per_s";
    case SortBy::p95: return "p95_ms";
    case SortBy::name: break;
  }
  return nullptr;
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// The first `most` lines; the last of them says how many more there were.
std::string first_lines(const std::string& text, std::size_t most) {
  if (lines_in(text) <= most) return text;
  std::size_t end = 0;
  for (std::size_t line = 0; line < most; ++line) end = text.find('\n', end) + 1;
  return text.substr(0, end);
}

}  // namespace

Result<SortBy> parse_sort(const std::string& word) {
  if (word == "load") return SortBy::load;
  if (word == "errors") return SortBy::errors;
  if (word == "p95") return SortBy::p95;
  if (word == "name") return SortBy::name;
  return client_error(fmt::format("--sort: \"{}\" is none of load, errors, p95, name", word));
}

std::string status_text(const TreeNode& status, ScreenSize size, Paint paint) {
  std::string text = headline(status, size, paint) + troubles_text(status, size, paint);
  const Table tables[] = {sites_table(all_of(status, "sites")), gateways_table(all_of(status, "gateways")),
                          links_table(all_of(status, "links")), drains_table(all_of(status, "drains"))};
  for (const Table& table : tables) {
    if (!table.empty()) text += "\n" + table.text(size.columns, paint);
  }
  return text;
}

std::string top_text(const TreeNode& status, SortBy sort, ScreenSize size, Paint paint) {
  const std::string head = headline(status, size, paint) + troubles_text(status, size, paint);
  const Table sites = sites_table(sorted(all_of(status, "sites"), site_key(sort)));
  const Table gateways =
      gateways_table(sorted(all_of(status, "gateways"), sort == SortBy::name ? nullptr : "exchanges_per_s"));
  const std::size_t lines = size.lines == 0 ? 0 : size.lines - 1;
  const std::size_t used = lines_in(head) + 4;  // two blank lines, two of titles
  const std::size_t room = lines > used ? lines - used : 0;
  // Gateways get what sites leave, and at least half of it all.
  const std::size_t for_sites = std::min(sites.size(), std::max(room / 2, room - std::min(room, gateways.size())));
  const std::string text = head + "\n" + sites.text(size.columns, paint, for_sites) + "\n" +
                           gateways.text(size.columns, paint, room - for_sites);
  return first_lines(text, lines);
}

}  // namespace ringway::cli::client
