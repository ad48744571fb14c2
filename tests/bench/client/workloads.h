#pragma once
// What the bench's clients do. Each prints one line of JSON for each thing it measured.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/client/http_connection.h"
#include "tests/bench/client/poll_loop.h"

namespace ringway::wan {

/// As the command line gives them; each workload reads those that it knows.
struct Options {
  Server server;
  std::string target = "/";
  std::uint64_t connections = 1;
  std::uint64_t objects = 60;  ///< Of a page: TARGET, then /object/0, /object/1, …
  std::uint64_t rounds = 0;    ///< Page loads; 0: until the time is over.
  double seconds = 0;          ///< 0: until the rounds are done.
  double gap_ms = 0;           ///< Between the end of one and the beginning of the next.
  double every_ms = 100;       ///< From one probe to the next, or between two lines of a download.
};

class Workload {
 public:
  Workload(PollLoop& loop, const Options& options);
  virtual ~Workload() = default;
  virtual void begin() = 0;
  /// The time is over: says what is still under way.
  virtual void end() {}

 protected:
  HttpConnection& connection(std::size_t index) { return *connections_[index]; }
  [[nodiscard]] std::size_t connection_count() const { return connections_.size(); }
  /// One that is idle; makes another where none is.
  HttpConnection& idle_connection();
  void after(double milliseconds, std::function<void()> action);

  PollLoop& loop_;
  const Options options_;

 private:
  std::vector<std::unique_ptr<HttpConnection>> connections_;
};

/// TARGET, then all its objects at once, over as many connections as there are: {"ms", "first_ms", "octets"} for each
/// load, {"unfinished_ms"} for the one at the end.
class PageLoads final : public Workload {
 public:
  using Workload::Workload;
  void begin() override;
  void end() override;

 private:
  void load();
  void ask_more();
  void on_object(const Answer& answer);
  void on_loaded();

  std::uint64_t loads_ = 0, asked_ = 0, answered_ = 0, octets_ = 0;
  Time begun_, first_;
};

/// TARGET again and again on every connection without a pause: {"ms", "octets": [of each connection]} every so often,
/// counted since the beginning. With rounds, only so many times, and the last line at the end.
class Downloads final : public Workload {
 public:
  using Workload::Workload;
  void begin() override;
  void end() override { report(); }

 private:
  void ask(std::size_t index, std::uint64_t left);
  void report();
  void report_again();

  Time begun_;
  std::uint64_t running_ = 0;
};

/// TARGET at a steady pace, whether the last one is answered or not: {"ms"} for each answer, {"unfinished_ms"} for
/// those that never came.
class Probes final : public Workload {
 public:
  using Workload::Workload;
  void begin() override;
  void end() override;

 private:
  std::vector<Time> pending_;
};

/// TARGET on each connection, thinking between an answer and the next request: {"ms"} for each.
class SmallAnswers final : public Workload {
 public:
  using Workload::Workload;
  void begin() override;

 private:
  void ask(std::size_t index);
};

}  // namespace ringway::wan
