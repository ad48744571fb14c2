#pragma once
// All resources as of one revision. A value; copies share what is the same in both.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "manager/resources/resource.h"

namespace ringway::manager {

using ResourceMap = std::map<std::string, ResourcePtr, std::less<>>;

class Snapshot {
 public:
  /// Of the revision before the first: nothing.
  Snapshot() = default;

  /// Null where there is none.
  [[nodiscard]] ResourcePtr find(std::string_view kind, std::string_view name) const;
  [[nodiscard]] const ResourceMap& all(std::string_view kind) const;
  /// All of one kind, as values of its type, by name.
  template <class T, class Visit>
  void each(std::string_view kind, Visit visit) const {
    for (const auto& [name, resource] : all(kind)) visit(resource->template as<T>());
  }
  [[nodiscard]] std::size_t size() const;

  void put(const std::string& kind, ResourcePtr resource);
  void remove(const std::string& kind, std::string_view name);

 private:
  /// Its own, copied where another snapshot shares it.
  ResourceMap& owned(const std::string& kind);

  std::map<std::string, std::shared_ptr<ResourceMap>, std::less<>> kinds_;
};

}  // namespace ringway::manager
