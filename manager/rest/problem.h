#pragma once
// What goes wrong with a request, as RFC 9457 tells it.

#include <string>
#include <vector>

#include "manager/resources/resource.h"

namespace ringway::manager {

struct Problem {
  int status = 400;
  std::string code;       // "stale": what programs look at; the end of `type`
  std::string title;      // the same for every problem of that code
  std::string detail;     // of this one
  FieldFaults faults;     // "errors"
  int retry_after_s = 0;  // 0: not said
};

// The problems that several parts tell.

Problem bad_request(std::string detail);            // 400
Problem unauthorised(std::string detail);           // 401
Problem forbidden(std::string detail);              // 403
Problem not_found(std::string detail);              // 404
Problem conflict(std::string detail);               // 409
Problem stale(const std::string& etag);             // 412
Problem too_large(std::string detail);              // 413
Problem invalid(FieldFaults faults);                // 422
Problem precondition_required(std::string detail);  // 428
Problem unavailable(std::string detail);            // 503

/// application/problem+json.
std::string problem_json(const Problem& problem, const std::string& instance, const std::string& request_id);

}  // namespace ringway::manager
