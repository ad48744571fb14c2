#include "manager/rest/problem.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"

namespace ringway::manager {

namespace {

Problem problem(int status, const char* code, const char* title, std::string detail) {
  Problem made;
  made.status = status;
  made.code = code;
  made.title = title;
  made.detail = std::move(detail);
  return made;
}

std::string faults_json(const FieldFaults& faults) {
  std::string out;
  for (const FieldFault& fault : faults) {
    out += fmt::format("{}{{\"pointer\": {}, \"message\": {}", out.empty() ? "" : ", ", json_quote(fault.pointer),
                       json_quote(fault.message));
    if (!fault.hint.empty()) out += ", \"hint\": " + json_quote(fault.hint);
    out += "}";
  }
  return "[" + out + "]";
}

}  // namespace

Problem bad_request(std::string detail) {
  return problem(400, "bad-request", "The request cannot be understood", std::move(detail));
}
Problem unauthorised(std::string detail) {
  return problem(401, "unauthorised", "Who asks is not known", std::move(detail));
}
Problem forbidden(std::string detail) {
  return problem(403, "forbidden", "Who asks may not do this", std::move(detail));
}
Problem not_found(std::string detail) { return problem(404, "not-found", "There is no such thing", std::move(detail)); }
Problem conflict(std::string detail) {
  return problem(409, "conflict", "Something else stands against it", std::move(detail));
}
Problem stale(const std::string& etag) {
  return problem(412, "stale", "It was changed since it was read",
                 fmt::format("its ETag is {} now; read it again", etag));
}
Problem too_large(std::string detail) { return problem(413, "too-large", "That is too much", std::move(detail)); }
Problem invalid(FieldFaults faults) {
  Problem made = problem(422, "invalid", "The content is not right", "");
  made.detail = fmt::format("{} of its fields {} wrong", faults.size(), faults.size() == 1 ? "is" : "are");
  made.faults = std::move(faults);
  return made;
}
Problem precondition_required(std::string detail) {
  return problem(428, "precondition-required", "A change must say what it changes", std::move(detail));
}
Problem unavailable(std::string detail) {
  Problem made = problem(503, "unavailable", "Nothing can be written now", std::move(detail));
  made.retry_after_s = 1;
  return made;
}

std::string problem_json(const Problem& problem, const std::string& instance, const std::string& request_id) {
  std::string out =
      fmt::format(R"({{"type": {}, "title": {}, "status": {}, "detail": {}, "instance": {}, "request": {})",
                  json_quote("urn:ringway:problem:" + problem.code), json_quote(problem.title), problem.status,
                  json_quote(problem.detail), json_quote(instance), json_quote(request_id));
  if (!problem.faults.empty()) out += ", \"errors\": " + faults_json(problem.faults);
  return out + "}\n";
}

}  // namespace ringway::manager
