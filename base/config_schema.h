#pragma once
// Types of configuration as JSON Schema (draft 2020-12), which is what OpenAPI 3.1 documents hold.

#include <map>
#include <string>

#include "base/config_type.h"

namespace ringway::config {

/// JSON texts by name: "#/components/schemas/NAME". Object types of one document differ in name or are the same.
using SchemaComponents = std::map<std::string, std::string>;

/// The schema of a value; objects become components and are referred to.
std::string json_schema(const Description& description, SchemaComponents& components);

}  // namespace ringway::config
