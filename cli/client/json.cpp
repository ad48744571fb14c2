#include "cli/client/json.h"

#include <charconv>

#include "base/config_json.h"
#include "base/text.h"

namespace ringway::cli::client {

namespace {

const TreeNode kNothing;

bool is_c1(std::string_view rest) {
  return rest.size() >= 2 && rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0;
}

}  // namespace

Result<TreeNode> read_json(std::string_view text) {
  config::Report report("the manager's answer", text);
  std::optional<TreeNode> tree = config::parse_json(text, report);
  if (!tree) return origin_error("what the manager answers is no JSON: " + report.findings().front().message);
  return std::move(*tree);
}

const TreeNode& member(const TreeNode& node, std::string_view key) {
  const config::Entry* entry = node.find(key);
  return entry == nullptr ? kNothing : entry->value;
}

bool has(const TreeNode& node, std::string_view key) { return member(node, key).kind != TreeNode::Kind::null; }

std::string text_of(const TreeNode& node, std::string_view key) { return printable(member(node, key).scalar); }

double number_of(const TreeNode& node, std::string_view key) {
  const std::string& text = member(node, key).scalar;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool flag_of(const TreeNode& node, std::string_view key) { return member(node, key).scalar == "true"; }

const std::vector<TreeNode>& items_of(const TreeNode& node, std::string_view key) { return member(node, key).items; }

std::vector<std::string> words_of(const TreeNode& node, std::string_view key) {
  std::vector<std::string> words;
  for (const TreeNode& item : items_of(node, key)) {
    if (item.kind == TreeNode::Kind::scalar) words.push_back(printable(item.scalar));
  }
  return words;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool two = is_c1(text.substr(i));
    out += two || octet < 0x20 || octet == 0x7f ? '?' : text[i];
    if (two) ++i;
  }
  return out;
}

}  // namespace ringway::cli::client
