#pragma once
// Between a store and its PostgreSQL: a relay that cuts the connection, or swallows everything, when it is told to.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/manager/store/support.h"

namespace ringway::manager::testing {

class Relay {
 public:
  /// From a socket in a folder of its own to the one in `to`.
  explicit Relay(const std::string& to);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay();

  [[nodiscard]] const std::string& socket_folder() const { return folder_.path(); }
  /// The `count`-th answer (from 1) from now on is not handed on: its connection is cut instead.
  void cut_at_answer(int count) { answers_left_ = count; }
  /// The `count`-th question from now on is not handed on, and its connection is cut.
  void cut_at_question(int count) { questions_left_ = count; }
  [[nodiscard]] bool has_cut() const { return answers_left_ == 0 && questions_left_ == 0; }
  /// Hands nothing on while it is so; the connections stay.
  void set_silent(std::atomic<bool>::value_type silent) { silent_ = silent; }

 private:
  void accept_all();
  void pump(int client);
  bool hand_on(int from, int to, std::atomic<int>& left);

  TempFolder folder_;
  std::string to_;
  int listener_ = -1;
  std::atomic<int> answers_left_{0};
  std::atomic<int> questions_left_{0};
  std::atomic<bool> silent_{false};
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::vector<std::thread> pumps_;
  std::thread acceptor_;
};

}  // namespace ringway::manager::testing
