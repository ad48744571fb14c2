#pragma once
// One resource as a value, and what may be wrong with one.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ringway::manager {

/// What is wrong with one field of what somebody sent.
struct FieldFault {
  std::string pointer;  // RFC 6901, from the resource
  std::string message;
  std::string hint;  // the allowed values and what was probably meant; may be empty
  friend bool operator==(const FieldFault&, const FieldFault&) = default;
};
using FieldFaults = std::vector<FieldFault>;
using SayFault = std::function<void(FieldFault)>;

/// A resource, and what of it does not fit to the others.
struct ResourceFault {
  std::string kind;
  std::string name;
  FieldFault fault;
};
using ResourceFaults = std::vector<ResourceFault>;

/// One resource as it is in some revision; immutable.
struct Resource {
  std::string name;
  std::string json;                   // canonical: keys in the schema's order, what is as by default left out
  std::uint64_t revision = 0;         // that last changed it
  std::shared_ptr<const void> value;  // of the kind's type

  template <class T>
  [[nodiscard]] const T& as() const {
    return *static_cast<const T*>(value.get());
  }
};
using ResourcePtr = std::shared_ptr<const Resource>;

}  // namespace ringway::manager
