#pragma once
// Several managers over one store: one leads, the others follow and say so. The one that answered last is asked first.

#include <memory>
#include <vector>

#include "cli/client/api.h"

namespace ringway::cli::client {

class SeveralManagers final : public Api {
 public:
  /// At least one.
  explicit SeveralManagers(std::vector<std::unique_ptr<Api>> managers) : managers_(std::move(managers)) {}

  /// Goes on to the next where one cannot be reached, or says that it can do nothing now (503); not where what was
  /// asked may have been done. What the last one says where none is better.
  Result<Answer> ask(const Ask& ask) override;

 private:
  std::vector<std::unique_ptr<Api>> managers_;
  std::size_t first_ = 0;
};

}  // namespace ringway::cli::client
