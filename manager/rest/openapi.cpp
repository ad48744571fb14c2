// The OpenAPI 3.1 document, made of what the router's operations say of themselves.

#include <fmt/format.h>

#include <map>

#include "base/config_schema.h"
#include "base/text.h"
#include "manager/rest/router.h"

namespace ringway::manager {

namespace {

using config::SchemaComponents;

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

std::string parameter(std::string_view name, std::string_view place, std::string_view doc) {
  return fmt::format(R"({{"name": {}, "in": "{}", "required": {}, "description": {}, "schema": {{"type": "string"}}}})",
                     json_quote(name), place, place == "path" ? "true" : "false", json_quote(doc));
}

std::vector<std::string> path_parameters(std::string_view pattern) {
  std::vector<std::string> all;
  for (std::size_t at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at + 1)) {
    const std::size_t end = pattern.find('}', at);
    all.push_back(parameter(pattern.substr(at + 1, end - at - 1), "path", "Which one."));
  }
  return all;
}

std::string parameters(const Operation& operation) {
  std::vector<std::string> all = path_parameters(operation.pattern);
  for (const QueryParameter& each : operation.query) all.push_back(parameter(each.name, "query", each.doc));
  const bool changes = operation.method == "PUT" || operation.method == "PATCH" || operation.method == "DELETE";
  if (changes) {
    all.push_back(parameter("If-Match", "header", "The ETag of what is changed; 428 without, 412 if stale."));
  }
  if (operation.method == "PUT") {
    all.push_back(parameter("If-None-Match", "header", "*: to make what is not there yet."));
  }
  if (operation.method == "POST") {
    all.push_back(parameter("Idempotency-Key", "header", "The same key within a day gives the same reply again."));
  }
  return joined(all);
}

std::string content(const config::Description* description, const char* type, SchemaComponents& components) {
  const std::string schema = description == nullptr ? "true" : config::json_schema(*description, components);
  return fmt::format(R"({{"{}": {{"schema": {}}}}})", type, schema);
}

std::string responses(const Operation& operation, SchemaComponents& components) {
  return fmt::format(R"({{"2XX": {{"description": "Done.", "content": {}}}, )"
                     R"("default": {{"$ref": "#/components/responses/Problem"}}}})",
                     content(operation.reply, "application/json", components));
}

std::string operation_json(const Operation& operation, SchemaComponents& components) {
  std::string out = fmt::format(R"({{"operationId": {}, "summary": {}, "parameters": [{}], )", json_quote(operation.id),
                                json_quote(operation.summary), parameters(operation));
  if (operation.body != nullptr) {
    const char* const type = operation.method == "PATCH" ? "application/merge-patch+json" : "application/json";
    out += fmt::format(R"("requestBody": {{"required": true, "content": {}}}, )",
                       content(operation.method == "PATCH" ? nullptr : operation.body, type, components));
  }
  if (!operation.need) out += R"("security": [], )";
  return out + R"("responses": )" + responses(operation, components) + "}";
}

constexpr const char* kProblemSchema =
    R"({"type": "object", "required": ["type", "title", "status"], "properties": {"type": {"type": "string"}, )"
    R"("title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}, )"
    R"("instance": {"type": "string"}, "request": {"type": "string"}, "errors": {"type": "array", "items": )"
    R"({"type": "object", "required": ["pointer", "message"], "properties": {"pointer": {"type": "string"}, )"
    R"("message": {"type": "string"}, "hint": {"type": "string"}}}}}})";

std::string members(const std::map<std::string, std::string>& all) {
  std::string out;
  for (const auto& [key, json] : all) out += fmt::format("{}{}: {}", out.empty() ? "" : ",\n", json_quote(key), json);
  return "{" + out + "}";
}

}  // namespace

std::string openapi_document(const Router& router, std::string_view version) {
  SchemaComponents components;
  components["Problem"] = kProblemSchema;
  std::map<std::string, std::map<std::string, std::string>> paths;
  for (const Operation& operation : router.operations()) {
    paths[operation.pattern][to_lower(operation.method)] = operation_json(operation, components);
  }
  std::map<std::string, std::string> path_texts;
  for (const auto& [pattern, methods] : paths) path_texts[pattern] = members(methods);
  return fmt::format(
      R"({{"openapi": "3.1.0",
"info": {{"title": "Ringway manager", "version": {}, "license": {{"name": "Apache-2.0", "identifier": "Apache-2.0"}}}},
"security": [{{"token": []}}],
"paths": {},
"components": {{"securitySchemes": {{"token": {{"type": "http", "scheme": "bearer"}}}},
"responses": {{"Problem": {{"description": "What went wrong (RFC 9457).", "content":
{{"application/problem+json": {{"schema": {{"$ref": "#/components/schemas/Problem"}}}}}}}}}},
"schemas": {}}}}}
)",
      json_quote(version), members(path_texts), members(components));
}

}  // namespace ringway::manager
