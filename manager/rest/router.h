#pragma once
// Which function answers which request; what it says of itself becomes the OpenAPI document.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_type.h"
#include "manager/access/permissions.h"
#include "manager/rest/message.h"
#include "manager/rest/problem.h"

namespace ringway::manager {

/// Who may call an operation.
enum class Caller : std::uint8_t {
  permitted,  // whose role may do that with all of the domain
  known,      // every token and user: the operation itself shows and changes only what they may
};

struct Need {
  Action action = Action::read;
  Domain domain = Domain::overlay;
  Caller caller = Caller::permitted;
};

/// The values of a path's parameters, in their order.
using PathValues = std::vector<std::string>;

struct QueryParameter {
  std::string name;
  std::string doc;
};

struct Operation {
  std::string method;   // "GET"
  std::string pattern;  // "/v1/sites/{name}"
  std::string id;       // "getSite"; all different
  std::string summary;
  std::optional<Need> need;  // nothing: open to everyone
  std::vector<QueryParameter> query;
  const config::Description* body = nullptr;   // of the request; null: it has none
  const config::Description* reply = nullptr;  // where all is well; null: any JSON
  std::function<void(const Request&, const PathValues&, Respond)> run;
};

class Router {
 public:
  void add(Operation operation);
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }

  struct Match {
    const Operation* operation = nullptr;  // null: none has that path and method
    PathValues values;
    std::string allowed;  // where only the method is wrong: those that are right, for Allow
  };
  /// HEAD is answered by GET.
  [[nodiscard]] Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Operation> operations_;
};

/// The OpenAPI 3.1 document of all operations.
std::string openapi_document(const Router& router, std::string_view version);

}  // namespace ringway::manager
