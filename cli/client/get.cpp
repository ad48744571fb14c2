// ringway get.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/config_json.h"
#include "base/text.h"
#include "cli/client/change.h"
#include "cli/client/commands.h"
#include "cli/client/pages.h"
#include "cli/client/table.h"
#include "cli/client/yaml.h"

namespace ringway::cli::client {

namespace {

constexpr std::size_t kMaxColumns = 8;
/// Of a log, where nobody says how many: it may be as long as the manager is old.
constexpr std::size_t kLogItems = 100;

/// That managers have had so far: for suggestions alone.
const std::vector<std::string>& known_kinds() {
  static const std::vector<std::string> kKinds = {
      "sites",        "zones",       "redirectors", "networks",    "pops",     "frontends", "backends",   "revisions",
      "nodes",        "links",       "drains",      "assignments", "rollouts", "events",    "enrolments", "tokens",
      "certificates", "revocations", "users",       "roles",       "clients",  "audit"};
  return kKinds;
}

/// By what a list's item is called in one word: itself, where it is one.
const TreeNode& label_of(const TreeNode& item) {
  for (const char* key : {"name", "gateway", "address"}) {
    if (has(item, key)) return member(item, key);
  }
  return item;
}

/// As a cell shows it; nothing where it is more than a cell holds.
std::optional<std::string> cell_text(const TreeNode& value) {
  switch (value.kind) {
    case TreeNode::Kind::null: return "";
    case TreeNode::Kind::scalar: return printable(value.scalar);
    case TreeNode::Kind::map: return std::nullopt;
    case TreeNode::Kind::list: break;
  }
  std::vector<std::string> words;
  for (const TreeNode& item : value.items) {
    const TreeNode& shown = label_of(item);
    if (shown.kind != TreeNode::Kind::scalar) return std::to_string(value.items.size());
    words.push_back(printable(shown.scalar));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Nobody reads them; those who compare them take JSON.
bool is_hash(const std::string& key) { return key.ends_with("hash"); }

/// The keys that fit cells, as they come.
std::vector<std::string> keys_of(const std::vector<TreeNode>& items) {
  std::vector<std::string> keys;
  for (const TreeNode& item : items) {
    for (const config::Entry& entry : item.entries) {
      if (keys.size() == kMaxColumns) return keys;
      const bool known = std::find(keys.begin(), keys.end(), entry.key) != keys.end();
      if (!known && !is_hash(entry.key) && cell_text(entry.value)) keys.push_back(entry.key);
    }
  }
  return keys;
}

std::string title_of(std::string key) {
  for (char& c : key) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '_' ? ' ' : c;
  return printable(key);
}

std::string items_table(const std::vector<TreeNode>& items, ScreenSize size, Paint paint) {
  const std::vector<std::string> keys = keys_of(items);
  std::vector<Column> columns;
  columns.reserve(keys.size());
  for (const std::string& key : keys) columns.push_back({title_of(key), Align::left});
  Table table(std::move(columns));
  for (const TreeNode& row : items) {
    std::vector<Cell> cells;
    cells.reserve(keys.size());
    for (const std::string& key : keys) cells.emplace_back(cell_text(member(row, key)).value_or("…"));
    table.add(std::move(cells));
  }
  return table.text(size.columns, paint);
}

/// `kind: [ items ]`: what apply takes.
TreeNode as_file(const std::string& kind, std::vector<TreeNode> items) {
  TreeNode list;
  list.kind = TreeNode::Kind::list;
  list.items = std::move(items);
  TreeNode root;
  root.kind = TreeNode::Kind::map;
  root.entries.push_back({kind, {}, std::move(list)});
  return root;
}

std::size_t usual_items(const std::string& kind) { return kind == "events" || kind == "audit" ? kLogItems : SIZE_MAX; }

int show_list(Session& session, const std::string& kind, std::size_t most) {
  const std::optional<std::vector<TreeNode>> items = get_pages(session, "/v1/" + encoded(kind), most);
  if (!items) {
    const std::string near = did_you_mean(kind, known_kinds());
    if (session.exit_code() == kNotThere && !near.empty() && near != kind) {
      session.console().note(fmt::format("Did you mean \"{}\"?\n", near));
    }
    return session.exit_code();
  }
  if (session.output() == Output::json) {
    session.console().out(config::json_text(as_file("items", *items)) + "\n");
  } else if (session.output() == Output::yaml) {
    session.console().out(yaml_text(as_file(kind, *items)));
  } else if (items->empty()) {
    session.console().note(fmt::format("There are no {}.\n", kind));
  } else {
    session.console().out(items_table(*items, session.console().size(), session.paint()));
  }
  return kFine;
}

int show_one(Session& session, const std::string& kind, const std::string& name) {
  Ask ask;
  ask.target = fmt::format("/v1/{}/{}", encoded(kind), encoded(name));
  const std::optional<Answer> answer = session.ask(ask);
  if (!answer) return session.exit_code();
  if (session.output() == Output::json) {
    session.console().out(answer->body);
    return kFine;
  }
  Result<TreeNode> tree = read_json(answer->body);
  if (!tree) return session.fail(kFailed, tree.error().message);
  // A revision is read for what it changed.
  if (has(*tree, "diff")) {
    session.console().out(plan_text({"", *tree, ""}, session.paint()));
  } else {
    session.console().out(yaml_text(has(*tree, "name") ? as_file(kind, {*tree}) : *tree));
  }
  return kFine;
}

}  // namespace

int run_get(Session& session, const Arguments& arguments) {
  std::vector<std::string> operands = arguments.operands();
  if (operands.size() == 1 && operands[0].find('/') != std::string::npos) {
    const std::size_t slash = operands[0].find('/');
    operands = {operands[0].substr(0, slash), operands[0].substr(slash + 1)};
  }
  if (operands.empty() || operands.size() > 2) return session.misused("say KIND, or KIND and NAME");
  if (operands.size() == 2) return show_one(session, operands[0], operands[1]);
  std::size_t most = usual_items(operands[0]);
  if (arguments.has("limit")) {
    const auto limit = parse_decimal(arguments.get("limit"));
    if (!limit || *limit == 0) return session.misused("--limit is a number from 1");
    most = static_cast<std::size_t>(*limit);
  }
  return show_list(session, operands[0], most);
}

}  // namespace ringway::cli::client
