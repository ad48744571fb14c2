// A site has one schema: gateways' files, the REST interface and the OpenAPI document have the same keys of it, each
// with the same type, bounds and words.
#include <gtest/gtest.h>

#include "backend/settings_schema.h"
#include "base/config_schema.h"
#include "frontend/settings_schema.h"
#include "redirector_dns/steering_file.h"
#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using Keys = std::map<std::string, std::string>;  // the JSON Schema of each key

Keys keys_of(const config::Description& description) {
  Keys keys;
  config::SchemaComponents components;
  for (const config::FieldDescription& field : description.fields) {
    keys[field.key] = config::json_schema(*field.type, components) + " else " + field.fallback;
  }
  return keys;
}

TEST(OneSchema, OfASiteInFilesAndTheApi) {
  const ResourceKinds kinds = resource_kinds();
  Keys api = keys_of(kinds.find(kSites)->description());
  // Who serves a site is the manager's to say in files, and in the API it is a wish: how many, and which.
  EXPECT_EQ(api.erase("frontends") + api.erase("backends"), 2U);
  // How it is steered is for redirectors, whose files have the same keys beside a site's name and front-ends.
  EXPECT_EQ(api.erase("steering"), 1U);
  Keys files = keys_of(frontend::site_type()->description);
  for (const auto& [key, schema] : keys_of(backend::site_type()->description)) {
    const auto [found, fresh] = files.emplace(key, schema);
    const bool of_both = key == "name" || key == "hosts" || key == "protocol";
    EXPECT_TRUE(!of_both || !fresh) << key;
  }
  files.erase("frontends");
  files.erase("backends");
  for (const auto& [key, schema] : files) {
    EXPECT_EQ(api.contains(key), true) << key << ": a file has it, the API does not";
  }
  for (const auto& [key, schema] : api) {
    ASSERT_TRUE(files.contains(key)) << key << ": the API has it, no file does";
    EXPECT_EQ(schema, files[key]) << key;
  }
}

TEST(OneSchema, OfASitesSteeringInARedirectorsFileAndTheApi) {
  const config::Type<dns::SteeringFile> file_type = dns::steering_file_type();
  const ResourceKinds resources = resource_kinds();
  const auto field = [](const config::Description& description, const std::string& key) {
    for (const config::FieldDescription& each : description.fields) {
      if (each.key == key) return each.type;
    }
    return std::shared_ptr<const config::Description>();
  };
  Keys file = keys_of(*field(file_type->description, "sites")->element);
  EXPECT_EQ(file.erase("name") + file.erase("frontends"), 2U);
  EXPECT_EQ(file, keys_of(*field(resources.find(kSites)->description(), "steering")));
}

TEST(OneSchema, TheDocumentHasEveryKindAsItIs) {
  testing::Api api;
  testing::Answered document;
  document.body = openapi_document(api.router, "1");
  const config::TreeNode root = document.json();
  ASSERT_EQ(root.kind, config::TreeNode::Kind::map);
  const config::TreeNode& schemas = root.find("components")->value.find("schemas")->value;
  for (const auto& kind : api.ledger.registry().kinds().all()) {
    const config::TreeNode& properties = schemas.find(kind->description().name)->value.find("properties")->value;
    EXPECT_EQ(properties.entries.size(), kind->description().fields.size()) << kind->plural();
    for (const config::FieldDescription& field : kind->description().fields) {
      EXPECT_NE(properties.find(field.key), nullptr) << kind->plural() << " " << field.key;
    }
  }
}

}  // namespace
}  // namespace ringway::manager
