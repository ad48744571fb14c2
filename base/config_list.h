#pragma once
// Types made of others: lists, arrays, dictionaries, and what may be absent.

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config_type.h"
#include "base/text.h"

namespace ringway::config {

/// Reports where `node` is no list of `least` to `most` items.
bool check_list(Context& context, const TreeNode& node, const Description& expected, std::size_t least,
                std::size_t most);
Description list_description(std::shared_ptr<const Description> element, std::size_t least, std::size_t most);

enum class Lone : std::uint8_t { refused, taken };  // whether one value may stand for a list of it

template <class T>
class List final : public TypeBase<std::vector<T>> {
 public:
  List(Type<T> element, std::size_t least, std::size_t most, Lone lone)
      : TypeBase<std::vector<T>>(list_description(describe(element), least, most)),
        element_(std::move(element)),
        least_(least),
        most_(most) {
    this->description.lone = lone == Lone::taken;
  }

  bool read(Context& context, const TreeNode& node, std::vector<T>& out) const override {
    out.clear();
    if (this->description.lone && node.kind != TreeNode::Kind::list) return read_item(context, node, out);
    bool good = check_list(context, node, this->description, least_, most_);
    for (const TreeNode& item : node.items) good &= read_item(context, item, out);
    return good;
  }

  [[nodiscard]] std::string json(const std::vector<T>& value) const override {
    std::string out;
    for (const T& item : value) out += (out.empty() ? "[" : ", ") + element_->json(item);
    return out.empty() ? "[]" : out + "]";
  }

 private:
  bool read_item(Context& context, const TreeNode& node, std::vector<T>& out) const {
    return element_->read(context, node, out.emplace_back());
  }

  Type<T> element_;
  std::size_t least_;
  std::size_t most_;
};

template <class T>
Type<std::vector<T>> list(Type<T> element, std::size_t least, std::size_t most) {
  return std::make_shared<List<T>>(std::move(element), least, most, Lone::refused);
}

/// A list, or its one item by itself.
template <class T>
Type<std::vector<T>> one_or_list(Type<T> element, std::size_t most) {
  return std::make_shared<List<T>>(std::move(element), 1, most, Lone::taken);
}

/// Exactly N values.
template <class T, std::size_t N>
class Array final : public TypeBase<std::array<T, N>> {
 public:
  explicit Array(Type<T> element)
      : TypeBase<std::array<T, N>>(list_description(describe(element), N, N)), element_(std::move(element)) {}

  bool read(Context& context, const TreeNode& node, std::array<T, N>& out) const override {
    bool good = check_list(context, node, this->description, N, N);
    for (std::size_t i = 0; i < std::min(N, node.items.size()); ++i) {
      good &= element_->read(context, node.items[i], out[i]);
    }
    return good;
  }

  [[nodiscard]] std::string json(const std::array<T, N>& value) const override {
    std::string out;
    for (const T& item : value) out += (out.empty() ? "[" : ", ") + element_->json(item);
    return out + "]";
  }

 private:
  Type<T> element_;
};

template <std::size_t N, class T>
Type<std::array<T, N>> array(Type<T> element) {
  return std::make_shared<Array<T, N>>(std::move(element));
}

/// Reports where `node` is no map.
bool check_map(Context& context, const TreeNode& node, const Description& expected);
Description dictionary_description(std::shared_ptr<const Description> value);

/// A map with keys of the operator's choice, as a list of structs with a member for each key and value.
template <class T>
class Dictionary final : public TypeBase<std::vector<T>> {
 public:
  Dictionary(std::string T::*key, std::string T::*value, Type<std::string> value_type)
      : TypeBase<std::vector<T>>(dictionary_description(describe(value_type))),
        key_(key),
        value_(value),
        value_type_(std::move(value_type)) {}

  bool read(Context& context, const TreeNode& node, std::vector<T>& out) const override {
    out.clear();
    bool good = check_map(context, node, this->description);
    for (const Entry& entry : node.entries) {
      T& item = out.emplace_back();
      item.*key_ = entry.key;
      good &= value_type_->read(context, entry.value, item.*value_);
    }
    return good;
  }

  [[nodiscard]] std::string json(const std::vector<T>& value) const override {
    std::string out;
    for (const T& item : value) {
      out += (out.empty() ? "{" : ", ") + json_quote(item.*key_) + ": " + value_type_->json(item.*value_);
    }
    return out.empty() ? "{}" : out + "}";
  }

 private:
  std::string T::*key_;
  std::string T::*value_;
  Type<std::string> value_type_;
};

template <class T>
Type<std::vector<T>> dictionary(std::string T::*key, std::string T::*value, Type<std::string> value_type) {
  return std::make_shared<Dictionary<T>>(key, value, std::move(value_type));
}

/// A value that may be absent: the key left out, or null.
template <class T>
class Maybe final : public TypeBase<std::optional<T>> {
 public:
  explicit Maybe(Type<T> element) : element_(std::move(element)) {
    this->description = element_->description;
    this->description.nullable = true;
  }

  bool read(Context& context, const TreeNode& node, std::optional<T>& out) const override {
    out.reset();
    return node.kind == TreeNode::Kind::null || element_->read(context, node, out.emplace());
  }

  [[nodiscard]] std::string json(const std::optional<T>& value) const override {
    return value ? element_->json(*value) : "null";
  }

 private:
  Type<T> element_;
};

template <class T>
Type<std::optional<T>> maybe(Type<T> element) {
  return std::make_shared<Maybe<T>>(std::move(element));
}

/// A T that files write as an S.
template <class T, class S>
class Converted final : public TypeBase<T> {
 public:
  Converted(Type<S> written, std::function<T(S)> from, std::function<S(const T&)> to)
      : TypeBase<T>(written->description), written_(std::move(written)), from_(std::move(from)), to_(std::move(to)) {}

  bool read(Context& context, const TreeNode& node, T& out) const override {
    S written{};
    if (!written_->read(context, node, written)) return false;
    out = from_(std::move(written));
    return true;
  }

  [[nodiscard]] std::string json(const T& value) const override { return written_->json(to_(value)); }

 private:
  Type<S> written_;
  std::function<T(S)> from_;
  std::function<S(const T&)> to_;
};

}  // namespace ringway::config
