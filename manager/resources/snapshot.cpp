#include "manager/resources/snapshot.h"

#include <utility>

namespace ringway::manager {

ResourcePtr Snapshot::find(std::string_view kind, std::string_view name) const {
  const ResourceMap& resources = all(kind);
  const auto found = resources.find(name);
  return found == resources.end() ? nullptr : found->second;
}

const ResourceMap& Snapshot::all(std::string_view kind) const {
  static const ResourceMap kNone;
  const auto found = kinds_.find(kind);
  return found == kinds_.end() ? kNone : *found->second;
}

std::size_t Snapshot::size() const {
  std::size_t sum = 0;
  for (const auto& [kind, resources] : kinds_) sum += resources->size();
  return sum;
}

void Snapshot::put(const std::string& kind, ResourcePtr resource) {
  const std::string name = resource->name;
  owned(kind)[name] = std::move(resource);
}

void Snapshot::remove(const std::string& kind, std::string_view name) {
  ResourceMap& resources = owned(kind);
  const auto found = resources.find(name);
  if (found != resources.end()) resources.erase(found);
}

ResourceMap& Snapshot::owned(const std::string& kind) {
  std::shared_ptr<ResourceMap>& resources = kinds_[kind];
  if (resources == nullptr) {
    resources = std::make_shared<ResourceMap>();
  } else if (resources.use_count() > 1) {
    resources = std::make_shared<ResourceMap>(*resources);
  }
  return *resources;
}

}  // namespace ringway::manager
