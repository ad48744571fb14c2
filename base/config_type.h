#pragma once
// What a type of configuration values is: a description, a reader from the tree, a writer of JSON.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config_tree.h"

namespace ringway::config {

/// Files and the REST API refuse keys that a type does not have; what other releases say of theirs is passed over.
enum class UnknownKeys : std::uint8_t { refused, passed_over };

/// What readers share: where errors go, and how the names of files are taken.
struct Context {
  Report& report;
  std::string directory;  // put before relative paths; empty: nothing is
  bool files_must_be_readable = true;
  UnknownKeys unknown_keys = UnknownKeys::refused;
};

/// The part of a path before its last "/", with it; empty where there is none.
std::string directory_of(const std::string& path);

struct Description;

struct FieldDescription {
  std::string key;
  std::string doc;
  std::string fallback;  // as JSON; empty: the key is required
  std::shared_ptr<const Description> type;
};

/// What a value is in JSON.
enum class Shape : std::uint8_t {
  text,    // in files without quotes as well: a plain word or number
  number,  // whole
  real,    // a number, or a fraction
  boolean,
  list,
  dictionary,
  object,
  any
};

/// What documents and messages say of a type.
struct Description {
  Shape shape = Shape::text;
  std::string name;                            // "duration", "list of site"
  std::string range;                           // "1 to 64"; empty: none
  std::vector<std::string> allowed;            // of a choice, every word
  std::vector<FieldDescription> fields;        // of an object
  std::shared_ptr<const Description> element;  // of a list or a dictionary
  std::optional<double> least;                 // of a number; of items in a list
  std::optional<double> most;
  bool lone = false;      // a list: its one item may stand by itself
  bool nullable = false;  // null is as if it were left out
};

/// How values of type T are read from a tree and written as JSON.
template <class T>
class TypeBase {
 public:
  TypeBase() = default;
  explicit TypeBase(Description described) : description(std::move(described)) {}
  virtual ~TypeBase() = default;
  /// Fills `out`, or reports what is wrong and returns false.
  virtual bool read(Context& context, const TreeNode& node, T& out) const = 0;
  [[nodiscard]] virtual std::string json(const T& value) const = 0;

  Description description;
};

template <class T>
using Type = std::shared_ptr<const TypeBase<T>>;

template <class T>
std::shared_ptr<const Description> describe(const Type<T>& type) {
  return {type, &type->description};
}

}  // namespace ringway::config
