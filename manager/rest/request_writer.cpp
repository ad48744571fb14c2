#include "manager/rest/request_writer.h"

#include <memory>
#include <utility>

#include "manager/rest/answer.h"

namespace ringway::manager {

void RequestWriter::submit(const Request& request, const Prepare& prepare, const Respond& respond) {
  if (request.asks("dry_run")) {
    const auto outcome = prepare(ledger_);
    const Problem* problem = std::get_if<Problem>(&outcome);
    return respond(problem != nullptr ? problem_reply(*problem, request) : std::get<Outcome>(outcome).reply);
  }
  auto reply = std::make_shared<Reply>();
  writer_.submit(
      [this, request, prepare, reply](const Ledger& ledger) -> std::variant<Writing, Problem> {
        auto prepared = prepare(ledger);
        if (Problem* problem = std::get_if<Problem>(&prepared)) return std::move(*problem);
        auto& outcome = std::get<Outcome>(prepared);
        remembered_.add_to(outcome.writing.records, request, outcome.reply, outcome.repeat);
        *reply = std::move(outcome.reply);
        return std::move(outcome.writing);
      },
      [request, reply, respond](const std::optional<Problem>& problem) {
        respond(problem ? problem_reply(*problem, request) : *reply);
      });
}

}  // namespace ringway::manager
