#include "cli/client/several_managers.h"

namespace ringway::cli::client {

Result<Answer> SeveralManagers::ask(const Ask& ask) {
  for (std::size_t tried = 0;; ++tried) {
    Result<Answer> answer = managers_[first_]->ask(ask);
    const bool in_vain = answer ? answer->status == 503 : answer.error().retry == Retry::safe;
    if (!in_vain || tried + 1 == managers_.size()) return answer;
    first_ = (first_ + 1) % managers_.size();
  }
}

}  // namespace ringway::cli::client
