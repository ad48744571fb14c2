#include "base/config_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "base/text.h"

namespace ringway::config {
namespace {

/// Of a source line, what an error shows: a long one is cut around the place.
constexpr std::size_t kShownOctets = 120;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Place place_of(const YAML::Mark& mark) {
  const auto at_least_0 = [](int number) { return static_cast<std::size_t>(std::max(number, 0)); };
  return {at_least_0(mark.line), at_least_0(mark.column)};
}

std::string_view line_at(std::string_view text, std::size_t line) {
  for (; line > 0; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// Beyond a bound. Thrown through yaml-cpp, which offers no other way to stop it.
struct TooLarge : std::runtime_error {
  TooLarge(Place at, const std::string& message) : std::runtime_error(message), place(at) {}
  Place place;
};

/// Builds the tree from the parser's events. yaml-cpp's own nodes forget doubled keys and share aliases.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Report& report) : report_(report) {}
  TreeNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { put(make(TreeNode::Kind::null, mark)); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report_.add(place_of(mark), "aliases are not taken: write the value out");
    put(make(TreeNode::Kind::null, mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    // yaml-cpp gives plain scalars the tag "?" and quoted ones "!".
    refuse_tag(mark, tag == "!" || tag == "?" ? "" : tag);
    TreeNode node = make(TreeNode::Kind::scalar, mark);
    node.scalar = value;
    node.quoted = tag == "!";
    put(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(TreeNode::Kind::list, mark, tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(TreeNode::Kind::map, mark, tag);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    TreeNode node;
    std::optional<TreeNode> key;  // in a map, the key whose value is awaited
  };

  static TreeNode make(TreeNode::Kind kind, const YAML::Mark& mark) {
    TreeNode node;
    node.kind = kind;
    node.place = place_of(mark);
    return node;
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?") return;
    report_.add(place_of(mark), "tags are not taken: types follow from the keys");
  }

  void open(TreeNode::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    if (levels_.size() >= kMaxDepth) {
      throw TooLarge(place_of(mark), fmt::format("nested deeper than {} levels", kMaxDepth));
    }
    refuse_tag(mark, tag);
    levels_.push_back({make(kind, mark), std::nullopt});
  }

  void close() {
    TreeNode node = std::move(levels_.back().node);
    levels_.pop_back();
    put(std::move(node));
  }

  void put(TreeNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
    } else if (levels_.back().node.kind == TreeNode::Kind::list) {
      levels_.back().node.items.push_back(std::move(node));
    } else if (!levels_.back().key) {
      levels_.back().key = std::move(node);
    } else {
      put_entry(levels_.back(), std::move(node));
    }
  }

  void put_entry(Level& level, TreeNode value) {
    const TreeNode key = std::move(*level.key);
    level.key.reset();
    if (key.kind != TreeNode::Kind::scalar) {
      report_.add(key.place, fmt::format("a key must be a word, not {}", kind_name(key.kind)));
    } else if (const Entry* first = level.node.find(key.scalar)) {
      report_.add(key.place, fmt::format("the key \"{}\" stands here a second time, after line {}", key.scalar,
                                         first->place.line + 1));
    } else if (level.node.entries.size() == kMaxKeys) {
      throw TooLarge(key.place, fmt::format("more than {} keys in one map", kMaxKeys));
    } else {
      level.node.entries.push_back({key.scalar, key.place, std::move(value)});
    }
  }

  Report& report_;
  std::vector<Level> levels_;
  TreeNode root_;
};

std::optional<TreeNode> parse_document(std::string_view text, Report& report) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  TreeBuilder builder(report);
  parser.HandleNextDocument(builder);
  TreeNode root = builder.take();
  TreeBuilder rest(report);
  if (parser.HandleNextDocument(rest)) {
    report.add(rest.take().place, "a second document: a file holds one");
  }
  return root;
}

}  // namespace

void Report::add(Place place, std::string message, std::string hint) {
  if (++count_ > kMaxErrors) return;
  // Values stand in messages as they are; control characters must not reach a terminal.
  for (char& c : message) c = is_control(c) ? '?' : c;
  for (char& c : hint) c = is_control(c) ? '?' : c;
  entries_.push_back({place, std::move(message), std::move(hint)});
}

std::string Report::text() const {
  std::vector<Entry> ordered = entries_;
  std::stable_sort(ordered.begin(), ordered.end(), [](const Entry& a, const Entry& b) { return a.place < b.place; });
  std::string out;
  for (const Entry& entry : ordered) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}:{}:{}: {}", file_, entry.place.line + 1, entry.place.column + 1, entry.message);
    write_source(out, entry.place);
    if (!entry.hint.empty()) out += "\n  " + entry.hint;
  }
  if (count_ > kMaxErrors) out += fmt::format("\n{}: and {} more", file_, count_ - kMaxErrors);
  return out;
}

void Report::write_source(std::string& out, Place place) const {
  const std::string_view line = line_at(text_, place.line);
  if (trim(line).empty()) return;
  const std::size_t column = std::min(place.column, line.size());
  const std::size_t first = column < kShownOctets - 20 ? 0 : column - kShownOctets / 2;
  std::string shown = first == 0 ? "  " : "  ...";
  std::string caret(shown.size(), ' ');
  for (std::size_t i = first; i < std::min(line.size(), first + kShownOctets); ++i) {
    shown += is_control(line[i]) ? ' ' : line[i];
    // The octets of one UTF-8 character take one column between them.
    if (i < column && (line[i] & 0xc0) != 0x80) caret += ' ';
  }
  out += fmt::format("\n{}\n{}^", shown, caret);
}

const Entry* TreeNode::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::string_view kind_name(TreeNode::Kind kind) {
  switch (kind) {
    case TreeNode::Kind::null: return "nothing";
    case TreeNode::Kind::scalar: return "a single value";
    case TreeNode::Kind::list: return "a list";
    case TreeNode::Kind::map: return "a map of keys and values";
  }
  return "nothing";
}

std::optional<TreeNode> parse_tree(std::string_view text, Report& report) {
  if (text.size() > kMaxTextOctets) {
    report.add({}, fmt::format("larger than {} MiB", kMaxTextOctets >> 20));
    return std::nullopt;
  }
  try {
    return parse_document(text, report);
  } catch (const TooLarge& fault) {
    report.add(fault.place, fault.what());
  } catch (const YAML::Exception& fault) {
    report.add(place_of(fault.mark), fmt::format("no YAML: {}", fault.msg));
  } catch (const std::exception& fault) {
    report.add({}, fmt::format("no YAML: {}", fault.what()));
  }
  return std::nullopt;
}

}  // namespace ringway::config
