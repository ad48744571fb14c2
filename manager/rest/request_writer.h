#pragma once
// Writes what requests ask for, and answers them: what is written and what is answered are decided together, when the
// request's turn has come, and an answer that must not be lost is written with what it is about.

#include <functional>
#include <variant>

#include "manager/rest/message.h"
#include "manager/rest/problem.h"
#include "manager/rest/remembered_replies.h"
#include "manager/revisions/writer.h"

namespace ringway::manager {

class RequestWriter {
 public:
  /// What a request comes to: what is to be written, and the reply once it is.
  struct Outcome {
    Writing writing;
    Reply reply;
    Repeat repeat = Repeat::answered_again;
  };
  using Prepare = std::function<std::variant<Outcome, Problem>(const Ledger&)>;

  /// All outlive it.
  RequestWriter(const Ledger& ledger, Writer& writer, RememberedReplies& remembered)
      : ledger_(ledger), writer_(writer), remembered_(remembered) {}

  /// With ?dry_run nothing is written, and the reply is that of the outcome all the same.
  void submit(const Request& request, const Prepare& prepare, const Respond& respond);

 private:
  const Ledger& ledger_;
  Writer& writer_;
  RememberedReplies& remembered_;
};

}  // namespace ringway::manager
