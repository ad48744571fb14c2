#pragma once
// Signals as calls on a worker.

#include <functional>
#include <initializer_list>
#include <memory>

#include "base/result.h"
#include "net/worker.h"

namespace ringway::net {

class Signals {
 public:
  /// Blocks `signals` (SIGTERM, SIGINT, SIGHUP) for this thread and those it starts from now on, so it is made
  /// before other workers start. `callback` gets the signal's number, on the worker. SIGPIPE is ignored from then on.
  static Result<std::unique_ptr<Signals>> open(Worker& worker, std::initializer_list<int> signals,
                                               std::function<void(int)> callback);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  /// The signals stay blocked.
  ~Signals();

 private:
  class Impl;
  explicit Signals(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net
