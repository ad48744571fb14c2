#pragma once
// A process of this same program, which ends with the one that began it.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace ringway::cli {

class Child {
 public:
  /// `ringway WORDS…` in `directory`; what it prints goes to DIRECTORY/NAME.log.
  static Result<std::unique_ptr<Child>> start(std::string name, const std::vector<std::string>& words,
                                              const std::string& directory);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Kills it where it still runs.
  ~Child();

  [[nodiscard]] const std::string& name() const { return name_; }
  void signal(int number) const;
  [[nodiscard]] bool running();
  /// Waits so long at most; whether it has ended.
  bool wait(Duration limit);
  /// Its exit code, or 128 and the signal that ended it; where it has ended.
  [[nodiscard]] int exit_code() const { return exit_code_; }
  /// What it has printed so far.
  [[nodiscard]] std::string output() const;

 private:
  Child(std::string name, std::string log, pid_t process)
      : name_(std::move(name)), log_(std::move(log)), process_(process) {}

  std::string name_;
  std::string log_;
  pid_t process_;
  bool ended_ = false;
  int exit_code_ = 0;
};

}  // namespace ringway::cli
