// Any text as the file of either gateway: refused with a report, or read, written as JSON and read again the same.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "backend/settings_schema.h"
#include "base/config_reader.h"
#include "frontend/settings_schema.h"

namespace {

using namespace ringway;  // NOLINT(google-build-using-namespace)

template <class T>
void read(const config::Type<T>& type, const std::string& text) {
  const auto settings = config::read_text(type, text, "fuzz.yaml", config::Files::not_looked_at);
  if (!settings) {
    assert(settings.error().message.starts_with("fuzz.yaml:"));
    return;
  }
  const std::string json = type->json(**settings);
  // What is as by default is not written, and a file without a manager must say `sites`, be it that there are none.
  if ((*settings)->sites.empty()) return;
  // Paths are relative to the file's directory, which this one has not.
  const auto again = config::read_text(type, json, "fuzz.json", config::Files::not_looked_at);
  assert(again.ok());
  assert(type->json(**again) == json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const config::Type<frontend::Settings> kFrontend = frontend::settings_type();
  static const config::Type<backend::Settings> kBackend = backend::settings_type();
  const std::string text(reinterpret_cast<const char*>(data), size);
  read(kFrontend, text);
  read(kBackend, text);
  return 0;
}
