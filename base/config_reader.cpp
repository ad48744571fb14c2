#include "base/config_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace ringway::config {
namespace {

/// Writes a section for each object, the outermost first.
class ReferencePage {
 public:
  void add(const Description& description) {
    if (description.fields.empty()) {
      if (description.element) add(*description.element);
      return;
    }
    if (!seen_.insert(description.name).second) return;
    out_ += fmt::format("### {}\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n", description.name);
    for (const FieldDescription& field : description.fields) add_row(field);
    out_ += '\n';
    for (const FieldDescription& field : description.fields) add(*field.type);
  }

  std::string take() { return std::move(out_); }

 private:
  void add_row(const FieldDescription& field) {
    std::string value = field.type->name;
    if (!field.type->range.empty()) value += fmt::format(" ({})", field.type->range);
    if (!field.type->allowed.empty()) value = fmt::format("`{}`", fmt::join(field.type->allowed, "`, `"));
    out_ += fmt::format("| `{}` | {} | {} | {} |\n", field.key, value, fallback_text(field.fallback), field.doc);
  }

  static std::string fallback_text(std::string_view json) {
    if (json.empty()) return "*required*";
    if (json == "null" || json == "\"\"" || json == "[]") return "none";
    if (json.front() == '{') return "see below";
    if (json.front() == '"') json = json.substr(1, json.size() - 2);
    return fmt::format("`{}`", json);
  }

  std::string out_;
  std::set<std::string> seen_;
};

}  // namespace

std::string reference_page(const Description& root) {
  ReferencePage page;
  page.add(root);
  return page.take();
}

}  // namespace ringway::config
