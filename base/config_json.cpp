#include "base/config_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse_options.hpp>
#include <utility>

#include "base/config_tree_builder.h"
#include "base/text.h"

namespace ringway::config {
namespace {

using boost::json::error_code;
using boost::json::string_view;

/// What Boost.JSON's parser calls. Each function returns whether to go on.
class JsonEvents {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;  // the builder has bounds of its own
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  explicit JsonEvents(Report& report) : builder_(report) {}
  TreeNode take() { return builder_.take(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& code) { return go_on(code, builder_.open(TreeNode::Kind::map, next())); }
  bool on_object_end(std::size_t, error_code& code) { return go_on(code, builder_.close()); }
  bool on_array_begin(error_code& code) { return go_on(code, builder_.open(TreeNode::Kind::list, next())); }
  bool on_array_end(std::size_t, error_code& code) { return go_on(code, builder_.close()); }
  bool on_key_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_key(string_view part, std::size_t, error_code& code) { return put(part, code, true); }
  bool on_string_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_string(string_view part, std::size_t, error_code& code) { return put(part, code, true); }
  bool on_number_part(string_view part, error_code&) { return gather(part); }
  bool on_int64(std::int64_t, string_view part, error_code& code) { return put(part, code, false); }
  bool on_uint64(std::uint64_t, string_view part, error_code& code) { return put(part, code, false); }
  bool on_double(double, string_view part, error_code& code) { return put(part, code, false); }
  bool on_bool(bool value, error_code& code) { return put(value ? "true" : "false", code, false); }
  bool on_null(error_code& code) { return go_on(code, builder_.put_null(next())); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  Place next() { return {nodes_++, 0}; }

  static bool go_on(error_code& code, bool taken) {
    if (!taken) code = boost::json::error::too_deep;  // any: the builder has said why
    return taken;
  }

  bool gather(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool put(string_view part, error_code& code, bool quoted) {
    gather(part);
    return go_on(code, builder_.put_scalar(next(), std::exchange(text_, {}), quoted));
  }

  TreeBuilder builder_;
  std::string text_;  // of the value that is being read
  std::size_t nodes_ = 0;
};

std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return fmt::format("line {}, column {}", line, column + 1);
}

/// RFC 6901 §3.
std::string escaped(std::string_view token) {
  std::string out;
  for (const char c : token) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

/// Whether `node` or something in it stands at `place`; then the way to it is put before `pointer`.
bool lead_to(const TreeNode& node, Place place, std::string& pointer) {
  if (node.place == place) return true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (!lead_to(node.items[i], place, pointer)) continue;
    pointer.insert(0, fmt::format("/{}", i));
    return true;
  }
  for (const Entry& entry : node.entries) {
    if (entry.place != place && !lead_to(entry.value, place, pointer)) continue;
    pointer.insert(0, "/" + escaped(entry.key));
    return true;
  }
  return false;
}

/// RFC 8259 §6.
bool is_json_number(std::string_view text) {
  const auto digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    const bool leading_zero = count > 1 && text.front() == '0';
    text.remove_prefix(count);
    return std::pair(count > 0, leading_zero);
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto [whole, leading_zero] = digits();
  if (!whole || leading_zero) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!digits().first) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!digits().first) return false;
  }
  return text.empty();
}

/// What stands without quotes in YAML may need them here.
bool is_plain_json(const std::string& text) { return text == "true" || text == "false" || is_json_number(text); }

void write_json(std::string& out, const TreeNode& node) {
  switch (node.kind) {
    case TreeNode::Kind::null: out += "null"; return;
    case TreeNode::Kind::scalar:
      out += node.quoted || !is_plain_json(node.scalar) ? json_quote(node.scalar) : node.scalar;
      return;
    case TreeNode::Kind::list:
      out += '[';
      for (const TreeNode& item : node.items) {
        if (&item != &node.items.front()) out += ", ";
        write_json(out, item);
      }
      out += ']';
      return;
    case TreeNode::Kind::map:
      out += '{';
      for (const Entry& entry : node.entries) {
        if (&entry != &node.entries.front()) out += ", ";
        out += json_quote(entry.key) + ": ";
        write_json(out, entry.value);
      }
      out += '}';
      return;
  }
}

}  // namespace

std::string json_text(const TreeNode& node) {
  std::string out;
  write_json(out, node);
  return out;
}

std::optional<TreeNode> parse_json(std::string_view text, Report& report) {
  if (text.size() > kMaxTextOctets) {
    report.add({}, fmt::format("larger than {} MiB", kMaxTextOctets >> 20));
    return std::nullopt;
  }
  boost::json::parse_options options;
  options.max_depth = kMaxDepth + 1;  // the builder stops before
  boost::json::basic_parser<JsonEvents> parser(options, report);
  error_code code;
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), code);
  const std::size_t reported = report.size();
  if (!code && taken == text.size()) return parser.handler().take();
  const std::string why = code ? code.message() : std::string("something follows the value");
  if (code != boost::json::error::too_deep || reported == 0) {
    report.add({}, fmt::format("no JSON: {} at {}", why, line_and_column(text, taken)));
  }
  return std::nullopt;
}

std::string json_pointer(const TreeNode& root, Place place) {
  std::string pointer;
  lead_to(root, place, pointer);
  return pointer;
}

}  // namespace ringway::config
