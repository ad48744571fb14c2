#include "base/config_schema.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/text.h"

namespace ringway::config {
namespace {

/// The members of one JSON object, in order.
class Members {
 public:
  void add(std::string_view key, std::string_view json) {
    out_ += out_.empty() ? "{" : ", ";
    append_json_quoted(out_, key);
    out_ += ": ";
    out_ += json;
  }
  [[nodiscard]] std::string text() const { return out_.empty() ? "{}" : out_ + "}"; }

 private:
  std::string out_;
};

std::string number_text(double value) { return fmt::format("{}", value); }

std::string words(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& word : all) out += (out.empty() ? "[" : ", ") + json_quote(word);
  return out + "]";
}

std::string what_it_is(const Description& description) {
  return description.range.empty() ? description.name : fmt::format("{} ({})", description.name, description.range);
}

void add_bounds(Members& schema, const Description& description, const char* least, const char* most) {
  if (description.least) schema.add(least, number_text(*description.least));
  if (description.most) schema.add(most, number_text(*description.most));
}

std::string list_schema(const Description& description, SchemaComponents& components) {
  const std::string item = json_schema(*description.element, components);
  Members list;
  list.add("type", "\"array\"");
  list.add("items", item);
  add_bounds(list, description, "minItems", "maxItems");
  return description.lone ? fmt::format("{{\"anyOf\": [{}, {}]}}", item, list.text()) : list.text();
}

std::string object_schema(const Description& description, SchemaComponents& components) {
  Members properties;
  std::vector<std::string> required;
  for (const FieldDescription& field : description.fields) {
    if (field.fallback.empty()) required.push_back(field.key);
    Members property;
    property.add("allOf", "[" + json_schema(*field.type, components) + "]");
    property.add("description", json_quote(field.doc));
    if (!field.fallback.empty() && field.fallback != "null") property.add("default", field.fallback);
    properties.add(field.key, property.text());
  }
  Members schema;
  schema.add("type", "\"object\"");
  schema.add("properties", properties.text());
  if (!required.empty()) schema.add("required", words(required));
  schema.add("additionalProperties", "false");
  return schema.text();
}

std::string text_schema(const Description& description) {
  Members schema;
  if (!description.allowed.empty()) {
    schema.add("enum", words(description.allowed));
  } else {
    // Sizes and durations of no unit may stand without quotes, as in files.
    schema.add("type", R"(["string", "number"])");
    schema.add("title", json_quote(what_it_is(description)));
  }
  return schema.text();
}

std::string number_schema(const Description& description, const char* type) {
  Members schema;
  schema.add("type", type);
  add_bounds(schema, description, "minimum", "maximum");
  return schema.text();
}

std::string referred(const Description& description, SchemaComponents& components) {
  const auto [entry, fresh] = components.try_emplace(description.name);
  if (fresh) {
    std::string schema = object_schema(description, components);
    components[description.name] = std::move(schema);
  }
  return fmt::format("{{\"$ref\": \"#/components/schemas/{}\"}}", description.name);
}

std::string plain_schema(const Description& description, SchemaComponents& components) {
  switch (description.shape) {
    case Shape::text: return text_schema(description);
    case Shape::number: return number_schema(description, "\"integer\"");
    case Shape::real: return number_schema(description, "\"number\"");
    case Shape::boolean: return "{\"type\": \"boolean\"}";
    case Shape::list: return list_schema(description, components);
    case Shape::dictionary:
      return "{\"type\": \"object\", \"additionalProperties\": " + json_schema(*description.element, components) + "}";
    case Shape::object: return referred(description, components);
    case Shape::any: return "true";
  }
  return "{}";
}

}  // namespace

std::string json_schema(const Description& description, SchemaComponents& components) {
  const std::string schema = plain_schema(description, components);
  return description.nullable ? fmt::format("{{\"anyOf\": [{}, {{\"type\": \"null\"}}]}}", schema) : schema;
}

}  // namespace ringway::config
