#pragma once
// Types of structs: one declarative description says the keys, types, defaults and documentation of each.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/config_type.h"
#include "base/text.h"

namespace ringway::config {

/// For checks across keys: reports at the place of what `path` leads to.
class Checker {
 public:
  Checker(Context& context, const TreeNode& node) : context_(context), node_(node) {}
  /// `path` holds keys, and indices of list items in decimal. Where it ends early, its last place is meant.
  void error(const std::vector<std::string>& path, std::string message, std::string hint = {});
  /// Whether the object says something of `key` itself.
  [[nodiscard]] bool says(std::string_view key) const { return node_.find(key) != nullptr; }

 private:
  Context& context_;
  const TreeNode& node_;
};

/// Reports keys of `node` that `expected` does not have, and required ones that are missing.
bool check_keys(Context& context, const TreeNode& node, const Description& expected);

template <class T>
class ObjectType final : public TypeBase<T> {
 public:
  bool read(Context& context, const TreeNode& node, T& out) const override {
    if (!check_map(context, node, this->description)) return false;
    bool good = check_keys(context, node, this->description);
    for (const Field& field : fields_) {
      const Entry* entry = node.find(field.key);
      if (entry != nullptr) good &= field.read(context, entry->value, out);
    }
    const std::size_t before = context.report.size();
    Checker checker(context, node);
    // Only what is right in its parts is judged as a whole: no error follows from another.
    for (const auto& check : checks_) {
      if (good) check(out, checker);
    }
    return good && context.report.size() == before;
  }

  [[nodiscard]] std::string json(const T& value) const override {
    std::string out;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const std::string member = fields_[i].json(value);
      // What is as it is by default is left out, as a person would.
      if (member == this->description.fields[i].fallback) continue;
      out += (out.empty() ? "{" : ", ") + json_quote(fields_[i].key) + ": " + member;
    }
    return out.empty() ? "{}" : out + "}";
  }

 private:
  template <class Whole>
  friend class Object;

  struct Field {
    std::string key;
    std::function<bool(Context&, const TreeNode&, T&)> read;
    std::function<std::string(const T&)> json;
  };

  std::vector<Field> fields_;  // as description.fields
  std::vector<std::function<void(const T&, Checker&)>> checks_;
};

/// Builds the type of a struct.
template <class T>
class Object {
 public:
  explicit Object(std::string name) : type_(std::make_shared<ObjectType<T>>()) {
    type_->description.shape = Shape::object;
    type_->description.name = std::move(name);
  }

  template <class M>
  Object& required(std::string key, M T::*member, Type<M> type, std::string doc) {
    return add(std::move(key), member, std::move(type), std::move(doc), "");
  }

  template <class M>
  Object& optional(std::string key, M T::*member, Type<M> type, std::string doc) {
    std::string fallback = type->json(T{}.*member);
    return add(std::move(key), member, std::move(type), std::move(doc), std::move(fallback));
  }

  /// The keys of `part` become keys of this object.
  template <class M>
  Object& merged(M T::*member, const Object<M>& part) {
    for (const auto& field : part.type_->fields_) {
      type_->fields_.push_back({field.key,
                                [member, read = field.read](Context& context, const TreeNode& node, T& out) {
                                  return read(context, node, out.*member);
                                },
                                [member, json = field.json](const T& value) { return json(value.*member); }});
    }
    for (const auto& check : part.type_->checks_) {
      type_->checks_.push_back([member, check](const T& value, Checker& checker) { check(value.*member, checker); });
    }
    const auto& described = part.type_->description.fields;
    type_->description.fields.insert(type_->description.fields.end(), described.begin(), described.end());
    return *this;
  }

  /// What must hold between keys.
  Object& check(std::function<void(const T&, Checker&)> check) {
    type_->checks_.push_back(std::move(check));
    return *this;
  }

  operator Type<T>() const { return type_; }  // NOLINT(google-explicit-constructor)

 private:
  template <class Whole>
  friend class Object;

  template <class M>
  Object& add(std::string key, M T::*member, Type<M> type, std::string doc, std::string fallback) {
    type_->description.fields.push_back({key, std::move(doc), std::move(fallback), describe(type)});
    type_->fields_.push_back({std::move(key),
                              [member, type](Context& context, const TreeNode& node, T& out) {
                                return type->read(context, node, out.*member);
                              },
                              [member, type](const T& value) { return type->json(value.*member); }});
    return *this;
  }

  std::shared_ptr<ObjectType<T>> type_;
};

}  // namespace ringway::config
