#pragma once
// JSON texts of what is only ever told: every member is there, in the order in which it is said.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::manager {

class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  /// With six digits that count; what is not finite is 0.
  JsonObject& real(std::string_view key, double value);
  JsonObject& count(std::string_view key, std::uint64_t value);
  JsonObject& truth(std::string_view key, bool value);
  /// `json` is a value.
  JsonObject& value(std::string_view key, std::string_view json);
  [[nodiscard]] std::string json() const { return text_ + "}"; }

 private:
  void begin(std::string_view key);
  std::string text_ = "{";
};

class JsonList {
 public:
  JsonList& add(std::string_view json);
  [[nodiscard]] std::string json() const { return text_ + "]"; }

 private:
  std::string text_ = "[";
};

[[nodiscard]] std::string json_real(double value);
[[nodiscard]] std::string json_texts(const std::vector<std::string>& texts);

}  // namespace ringway::manager
