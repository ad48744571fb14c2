#pragma once
// One question to a manager, and its answer.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ringway::cli::client {

struct Ask {
  std::string method = "GET";
  std::string target;     // path and query, encoded
  std::string body = {};  // JSON; empty: none
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string token = {};  // in place of the one that is asked with otherwise; empty: that one
};

struct Answer {
  int status = 0;
  std::string type;
  std::string etag;
  std::string body;
  [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};

class Api {
 public:
  virtual ~Api() = default;
  /// An error where no answer came; it says why and from where, and whether asking again, or another, is safe.
  virtual Result<Answer> ask(const Ask& ask) = 0;
};

/// `text` as one segment of a path, or a value in a query (RFC 3986 §2.1).
std::string encoded(std::string_view text);

}  // namespace ringway::cli::client
