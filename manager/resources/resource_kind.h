#pragma once
// One kind of resource ("sites"): its schema is said once, and REST, files and the OpenAPI document follow from it.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config_json.h"
#include "base/config_type.h"
#include "manager/access/permissions.h"
#include "manager/resources/resource.h"
#include "manager/resources/snapshot.h"

namespace ringway::manager {

class ResourceKind {
 public:
  struct Words {
    std::string plural;    // "sites": in paths
    std::string singular;  // "site": in messages
    std::string doc;
    Domain domain = Domain::overlay;  // who may read and change it
  };

  explicit ResourceKind(Words words) : words_(std::move(words)) {}
  virtual ~ResourceKind() = default;

  [[nodiscard]] const std::string& plural() const { return words_.plural; }
  [[nodiscard]] const std::string& singular() const { return words_.singular; }
  [[nodiscard]] const std::string& doc() const { return words_.doc; }
  [[nodiscard]] Domain domain() const { return words_.domain; }
  [[nodiscard]] virtual const config::Description& description() const = 0;

  /// The resource called `name` that `tree` describes, or null where something is wrong, which `report` has then.
  [[nodiscard]] virtual ResourcePtr read(const config::TreeNode& tree, config::Report& report,
                                         std::uint64_t revision) const = 0;
  /// The sites that a resource is of: who owns all of them may see it and, where the role says so, change it. Of a kind
  /// of another domain it says nothing.
  [[nodiscard]] virtual std::vector<std::string> sites_of(const Resource& resource) const = 0;
  /// What must hold between its resources and all others.
  virtual void check(const Snapshot& snapshot, ResourceFaults& faults) const = 0;

 private:
  Words words_;
};

template <class T>
const std::string& name_of(const T& value) {
  return value.name;
}

/// A site's own; what belongs to sites by a key of its own overloads this beside name_of().
template <class T>
std::vector<std::string> sites_of(const T& value) {
  return {name_of(value)};
}

/// A kind whose content is a T, which name_of() names.
template <class T>
class TypedKind final : public ResourceKind {
 public:
  /// Called for each resource in order of names.
  using Check = std::function<void(const T&, const Snapshot&, const SayFault&)>;

  /// `make_check` is called once for each snapshot that is judged; null where nothing is to be checked.
  TypedKind(Words words, config::Type<T> type, Check (*make_check)())
      : ResourceKind(std::move(words)), type_(std::move(type)), make_check_(make_check) {}

  [[nodiscard]] const config::Description& description() const override { return type_->description; }

  [[nodiscard]] ResourcePtr read(const config::TreeNode& tree, config::Report& report,
                                 std::uint64_t revision) const override {
    // Files that a resource names are the gateways', not the manager's.
    config::Context context{report, {}, false};
    auto value = std::make_shared<T>();
    if (!type_->read(context, tree, *value) || !report.empty()) return nullptr;
    auto resource = std::make_shared<Resource>();
    resource->name = name_of(*value);
    resource->json = type_->json(*value);
    resource->revision = revision;
    resource->value = std::move(value);
    return resource;
  }

  [[nodiscard]] std::vector<std::string> sites_of(const Resource& resource) const override {
    using manager::sites_of;
    return sites_of(resource.as<T>());
  }

  void check(const Snapshot& snapshot, ResourceFaults& faults) const override {
    if (make_check_ == nullptr) return;
    const Check check = make_check_();
    for (const auto& [name, resource] : snapshot.all(plural())) {
      check(resource->template as<T>(), snapshot, [&, &name = name](FieldFault fault) {
        faults.push_back({plural(), name, std::move(fault)});
      });
    }
  }

 private:
  config::Type<T> type_;
  Check (*make_check_)();
};

/// All kinds, in the order in which a file or an `apply` names what depends on what before it.
class ResourceKinds {
 public:
  void add(std::unique_ptr<ResourceKind> kind) { kinds_.push_back(std::move(kind)); }
  /// By plural; null where there is none.
  [[nodiscard]] const ResourceKind* find(std::string_view plural) const;
  [[nodiscard]] const std::vector<std::unique_ptr<ResourceKind>>& all() const { return kinds_; }

 private:
  std::vector<std::unique_ptr<ResourceKind>> kinds_;
};

/// Says at `pointer` that `name` is none of that kind; nothing where it is one.
void check_reference(const std::string& name, const std::string& pointer, const char* kind, const Snapshot& snapshot,
                     const SayFault& say);

/// The resource that `json` describes, or null and what is wrong with it.
[[nodiscard]] ResourcePtr read_resource(const ResourceKind& kind, std::string_view json, std::uint64_t revision,
                                        FieldFaults& faults);

}  // namespace ringway::manager
