#include "base/config_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "base/config_tree_builder.h"
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

/// The builder takes no more, and has said why. Thrown through yaml-cpp, which offers no other way to stop it.
struct Stopped {};

/// Hands yaml-cpp's events on to the builder. Its own nodes forget doubled keys and share aliases.
class YamlEvents final : public YAML::EventHandler {
 public:
  explicit YamlEvents(Report& report) : report_(report), builder_(report) {}
  TreeNode take() { return builder_.take(); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { go_on(builder_.put_null(place_of(mark))); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report_.add(place_of(mark), "aliases are not taken: write the value out");
    go_on(builder_.put_null(place_of(mark)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    // yaml-cpp gives plain scalars the tag "?" and quoted ones "!".
    refuse_tag(mark, tag == "!" ? "" : tag);
    go_on(builder_.put_scalar(place_of(mark), value, tag == "!"));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(TreeNode::Kind::list, mark, tag);
  }
  void OnSequenceEnd() override { go_on(builder_.close()); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(TreeNode::Kind::map, mark, tag);
  }
  void OnMapEnd() override { go_on(builder_.close()); }

 private:
  static void go_on(bool taken) {
    if (!taken) throw Stopped();
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?") return;
    report_.add(place_of(mark), "tags are not taken: types follow from the keys");
  }

  void open(TreeNode::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    refuse_tag(mark, tag);
    go_on(builder_.open(kind, place_of(mark)));
  }

  Report& report_;
  TreeBuilder builder_;
};

std::optional<TreeNode> parse_document(std::string_view text, Report& report) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  YamlEvents events(report);
  parser.HandleNextDocument(events);
  TreeNode root = events.take();
  YamlEvents rest(report);
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
  findings_.push_back({place, std::move(message), std::move(hint)});
}

std::vector<Finding> Report::findings() const {
  std::vector<Finding> ordered = findings_;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Finding& a, const Finding& b) { return a.place < b.place; });
  return ordered;
}

std::string Report::text() const {
  std::string out;
  for (const Finding& finding : findings()) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}:{}:{}: {}", file_, finding.place.line + 1, finding.place.column + 1, finding.message);
    write_source(out, finding.place);
    if (!finding.hint.empty()) out += "\n  " + finding.hint;
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
  } catch (const Stopped&) {
    return std::nullopt;
  } catch (const YAML::Exception& fault) {
    report.add(place_of(fault.mark), fmt::format("no YAML: {}", fault.msg));
  } catch (const std::exception& fault) {
    report.add({}, fmt::format("no YAML: {}", fault.what()));
  }
  return std::nullopt;
}

}  // namespace ringway::config
