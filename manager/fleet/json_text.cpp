#include "manager/fleet/json_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace ringway::manager {

void JsonObject::begin(std::string_view key) {
  if (text_.size() > 1) text_ += ", ";
  append_json_quoted(text_, key);
  text_ += ": ";
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  begin(key);
  append_json_quoted(text_, value);
  return *this;
}

JsonObject& JsonObject::real(std::string_view key, double value) { return this->value(key, json_real(value)); }

JsonObject& JsonObject::count(std::string_view key, std::uint64_t value) {
  return this->value(key, std::to_string(value));
}

JsonObject& JsonObject::truth(std::string_view key, bool value) { return this->value(key, value ? "true" : "false"); }

JsonObject& JsonObject::value(std::string_view key, std::string_view json) {
  begin(key);
  text_ += json;
  return *this;
}

JsonList& JsonList::add(std::string_view json) {
  if (text_.size() > 1) text_ += ", ";
  text_ += json;
  return *this;
}

std::string json_real(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "0"; }

std::string json_texts(const std::vector<std::string>& texts) {
  JsonList list;
  for (const std::string& text : texts) list.add(json_quote(text));
  return list.json();
}

}  // namespace ringway::manager
