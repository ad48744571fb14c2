#pragma once
// Faults of a message that are known before any text is made of them.

#include <string_view>

namespace ringway::http {

/// `message` is a literal; empty: no fault.
struct Fault {
  int status = 400;
  std::string_view message;

  explicit operator bool() const { return !message.empty(); }
};

}  // namespace ringway::http
