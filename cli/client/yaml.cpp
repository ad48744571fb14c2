#include "cli/client/yaml.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config_json.h"
#include "base/text.h"

namespace ringway::cli::client {

namespace {

constexpr std::size_t kInlineColumns = 60;
/// Lists above it are compared as a whole: a comparison item by item takes the product of their lengths.
constexpr std::size_t kComparedItems = 2000;

bool is_word_of_yaml(const std::string& text) {
  static const std::vector<std::string> kWords = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  return std::find(kWords.begin(), kWords.end(), to_lower(text)) != kWords.end();
}

bool is_plain(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
  };
  const char first = text.empty() ? '-' : text.front();
  const bool begins = first != '-' && first != '.' && (first < '0' || first > '9');
  return begins && std::all_of(text.begin(), text.end(), fits) && !is_word_of_yaml(text);
}

/// JSON's escapes are YAML's (YAML 1.2 §5.7); what a terminal takes for a command is escaped as well.
std::string quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x7f') {
      out += "\\u007f";
    } else if (text[i] == '\xc2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++i]));
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string scalar_text(const std::string& text, bool is_text) {
  return is_text && !is_plain(text) ? quoted(json_quote(text)) : text;
}

/// On one line; empty where it does not belong on one.
std::string inline_text(const TreeNode& node) {
  switch (node.kind) {
    case TreeNode::Kind::null: return "null";
    case TreeNode::Kind::scalar: return scalar_text(node.scalar, node.quoted);
    case TreeNode::Kind::map: return node.entries.empty() ? "{}" : "";
    case TreeNode::Kind::list: break;
  }
  std::string out;
  for (const TreeNode& item : node.items) {
    if (item.kind != TreeNode::Kind::scalar) return "";
    out += (out.empty() ? "" : ", ") + scalar_text(item.scalar, item.quoted);
  }
  return out.size() > kInlineColumns ? "" : "[" + out + "]";
}

std::string key_text(const std::string& key) { return scalar_text(key, true) + ":"; }

/// `lead` stands in front of the node on its first line: "key:", "-", or nothing.
void write(std::vector<YamlLine>& lines, std::size_t depth, const std::string& lead, const TreeNode& node) {
  const std::string space = lead.empty() ? "" : " ";
  if (const std::string text = inline_text(node); !text.empty()) {
    lines.push_back({depth, lead + space + text});
    return;
  }
  const std::size_t first = lines.size();
  const std::size_t inner = lead.empty() ? depth : depth + 1;
  if (!lead.empty() && (lead != "-" || node.kind == TreeNode::Kind::list)) lines.push_back({depth, lead});
  for (const TreeNode& item : node.items) write(lines, inner, "-", item);
  for (const config::Entry& entry : node.entries) write(lines, inner, key_text(entry.key), entry.value);
  // The first key of a list's item stands behind its dash.
  if (lead == "-" && node.kind == TreeNode::Kind::map) lines[first] = {depth, "- " + lines[first].text};
}

/// By what a list's item is found again.
std::string identity_of(const TreeNode& item) {
  for (const char* key : {"name", "address"}) {
    const TreeNode& value = member(item, key);
    if (value.kind == TreeNode::Kind::scalar) return std::string(key) + "=" + value.scalar;
  }
  return config::json_text(item);
}

class Comparison {
 public:
  void compare(std::size_t depth, const std::string& lead, const TreeNode& before, const TreeNode& after) {
    if (config::json_text(before) == config::json_text(after)) return;
    const bool maps = before.kind == TreeNode::Kind::map && after.kind == TreeNode::Kind::map;
    const bool lists = before.kind == TreeNode::Kind::list && after.kind == TreeNode::Kind::list &&
                       std::max(before.items.size(), after.items.size()) <= kComparedItems;
    if (!maps && !lists) {
      put(Mark::removed, depth, lead, before);
      put(Mark::added, depth, lead, after);
      return;
    }
    if (!lead.empty()) lines_.push_back({Mark::same, {depth, lead}});
    const std::size_t inner = lead.empty() ? depth : depth + 1;
    maps ? compare_maps(inner, before, after) : compare_lists(inner, before, after);
  }

  void put(Mark mark, std::size_t depth, const std::string& lead, const TreeNode& node) {
    std::vector<YamlLine> lines;
    write(lines, depth, lead, node);
    for (YamlLine& line : lines) lines_.push_back({mark, std::move(line)});
  }

  std::vector<DiffLine> take() { return std::move(lines_); }

 private:
  /// Keys in the order in which they stand; where the trees differ in it, in that of `after`.
  void compare_maps(std::size_t depth, const TreeNode& before, const TreeNode& after) {
    std::size_t next = 0;
    const auto remove_up_to_common = [&] {
      for (; next < before.entries.size() && after.find(before.entries[next].key) == nullptr; ++next) {
        put(Mark::removed, depth, key_text(before.entries[next].key), before.entries[next].value);
      }
    };
    for (const config::Entry& entry : after.entries) {
      const config::Entry* old = before.find(entry.key);
      remove_up_to_common();
      if (old == nullptr) {
        put(Mark::added, depth, key_text(entry.key), entry.value);
        continue;
      }
      ++next;
      compare(depth, key_text(entry.key), old->value, entry.value);
    }
    remove_up_to_common();
  }

  /// The longest common subsequence of identities stays; what is around it came or went.
  void compare_lists(std::size_t depth, const TreeNode& before, const TreeNode& after) {
    const std::vector<std::string> a = identities(before);
    const std::vector<std::string> b = identities(after);
    std::vector<std::vector<std::uint16_t>> common(a.size() + 1, std::vector<std::uint16_t>(b.size() + 1, 0));
    for (std::size_t i = a.size(); i-- > 0;) {
      for (std::size_t j = b.size(); j-- > 0;) {
        const auto longer = std::max(common[i + 1][j], common[i][j + 1]);
        common[i][j] = a[i] == b[j] ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1) : longer;
      }
    }
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a[i] == b[j]) {
        compare_items(depth, before.items[i++], after.items[j++]);
      } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
        put(Mark::removed, depth, "-", before.items[i++]);
      } else {
        put(Mark::added, depth, "-", after.items[j++]);
      }
    }
  }

  /// Two items with one identity: the key that gives it leads to what differs.
  void compare_items(std::size_t depth, const TreeNode& before, const TreeNode& after) {
    if (config::json_text(before) == config::json_text(after)) return;
    const std::string identity = identity_of(after);
    const std::string key = identity.substr(0, identity.find('='));
    const std::string value = inline_text(member(after, key));
    lines_.push_back({Mark::same, {depth, fmt::format("- {} {}", key_text(key), value)}});
    compare_maps(depth + 1, before, after);
  }

  static std::vector<std::string> identities(const TreeNode& list) {
    std::vector<std::string> all;
    for (const TreeNode& item : list.items) all.push_back(identity_of(item));
    return all;
  }

  std::vector<DiffLine> lines_;
};

}  // namespace

std::vector<YamlLine> yaml_lines(const TreeNode& node) {
  std::vector<YamlLine> lines;
  write(lines, 0, "", node);
  return lines;
}

std::string yaml_text(const TreeNode& node) {
  std::string out;
  for (const YamlLine& line : yaml_lines(node)) out += std::string(line.depth * 2, ' ') + line.text + "\n";
  return out;
}

std::vector<DiffLine> diff_lines(const TreeNode& before, const TreeNode& after) {
  Comparison comparison;
  if (before.kind == TreeNode::Kind::null && after.kind != TreeNode::Kind::null) {
    comparison.put(Mark::added, 0, "", after);
  } else if (after.kind == TreeNode::Kind::null && before.kind != TreeNode::Kind::null) {
    comparison.put(Mark::removed, 0, "", before);
  } else {
    comparison.compare(0, "", before, after);
  }
  return comparison.take();
}

std::string diff_text(const std::vector<DiffLine>& lines, Paint paint) {
  std::string out;
  for (const DiffLine& each : lines) {
    const char mark = each.mark == Mark::added ? '+' : each.mark == Mark::removed ? '-' : ' ';
    const Colour colour = each.mark == Mark::added     ? Colour::good
                          : each.mark == Mark::removed ? Colour::bad
                                                       : Colour::plain;
    out +=
        painted(fmt::format("  {} {}{}", mark, std::string(each.line.depth * 2, ' '), each.line.text), colour, paint);
    out += "\n";
  }
  return out;
}

}  // namespace ringway::cli::client
