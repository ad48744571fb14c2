#include "base/config_list.h"

#include <fmt/format.h>

namespace ringway::config {
namespace {

std::string count_range(std::size_t least, std::size_t most) {
  if (least == most) return fmt::format("{} of them", least);
  return fmt::format("{} to {} of them", least, most);
}

}  // namespace

Description list_description(std::shared_ptr<const Description> element, std::size_t least, std::size_t most) {
  Description description;
  description.shape = Shape::list;
  description.least = static_cast<double>(least);
  description.most = static_cast<double>(most);
  description.name = "list of " + element->name;
  description.range = count_range(least, most);
  description.element = std::move(element);
  return description;
}

Description dictionary_description(std::shared_ptr<const Description> value) {
  Description description;
  description.shape = Shape::dictionary;
  description.name = "map of names to " + value->name;
  description.element = std::move(value);
  return description;
}

bool check_list(Context& context, const TreeNode& node, const Description& expected, std::size_t least,
                std::size_t most) {
  if (node.kind != TreeNode::Kind::list) {
    context.report.add(node.place, fmt::format("expected a {}, not {}", expected.name, kind_name(node.kind)));
    return false;
  }
  if (node.items.size() >= least && node.items.size() <= most) return true;
  context.report.add(node.place, fmt::format("expected {}, not {}", expected.range, node.items.size()));
  return false;
}

bool check_map(Context& context, const TreeNode& node, const Description& expected) {
  if (node.kind == TreeNode::Kind::map) return true;
  context.report.add(node.place,
                     fmt::format("expected keys and values ({}), not {}", expected.name, kind_name(node.kind)));
  return false;
}

}  // namespace ringway::config
