#pragma once
// One worker: one thread, one epoll, its own timers, clock and randomness. What a room sees of it is a Loop.
//
// A turn:   wait → what is ready → timers → deferred and pending work → turn tasks (TMP leaves here) → wait
//
// Datagrams and writes of one turn leave together at its end. epoll is used edge-triggered and without Asio:
// one system call waits, with nanoseconds (epoll_pwait2), and each socket is registered once in its life.

#include <sys/epoll.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "net/descriptor.h"

namespace ringway::net {

class Worker;

/// Something the worker calls: a socket that is ready, or work that was put off to the end of the turn.
class Source {
 public:
  explicit Source(Worker& worker) : worker_(worker) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  /// Nothing is called any more, not even for events that were already fetched.
  virtual ~Source();

  /// `events` are EPOLL* bits.
  virtual void on_ready(std::uint32_t events) = 0;
  /// After Worker::pend().
  virtual void on_pending() {}

 protected:
  [[nodiscard]] Worker& worker() const { return worker_; }

 private:
  friend class Worker;
  Worker& worker_;
  bool pending_ = false;
  std::size_t adopted_at_ = 0;  // its place among the adopted
};

/// Called at the end of every turn.
class TurnTask {
 public:
  virtual ~TurnTask() = default;
  virtual void end_turn() = 0;
  /// The worker sleeps no longer than until this.
  [[nodiscard]] virtual Time next_deadline() const = 0;
};

class Worker final {
 public:
  static Result<std::unique_ptr<Worker>> make(std::uint8_t index);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Everything that was given this worker is gone before.
  ~Worker();

  [[nodiscard]] std::uint8_t index() const { return index_; }
  [[nodiscard]] Loop loop();
  [[nodiscard]] Time now() const { return clock_.now(); }

  /// Turns until stop(). The thread that runs a worker is the only one to call anything but stop() and post().
  void run();
  /// The same on a thread of its own, until stop() and join().
  void start();
  void join();
  /// From any thread, and from a signal's callback.
  void stop();
  /// Runs `work` in a turn of this worker; from any thread. At most limits::kPostedWork wait: false where full.
  bool post(std::function<void()> work);
  /// Turns until `done` or until `limit` has passed; returns what `done` said last. For tests and orderly ends.
  bool run_until(const std::function<bool()>& done, Duration limit);

  // For the rest of net/.

  /// Registers `fd` for all its life; edge-triggered. Closing the descriptor ends it, where no other is of the same
  /// socket: duplicates and other processes' keep it open, and unwatch() is called before.
  Status watch(int fd, std::uint32_t events, Source& source);
  /// Other events for a watched descriptor.
  void rewatch(int fd, std::uint32_t events, Source& source);
  void unwatch(int fd);
  /// Calls source.on_pending() once before this turn ends, or in the next turn where it was just called.
  void pend(Source& source);
  /// Destroys `source` at the end of the turn: it may be on the call stack now.
  void retire(std::unique_ptr<Source> source);
  /// Keeps `source` until it is released: connections that only flush what they still hold.
  void adopt(std::unique_ptr<Source> source);
  /// The adopted `source` is destroyed at the end of the turn.
  void release(Source& source);
  [[nodiscard]] std::size_t adopted() const { return adopted_.size(); }

  void add(TurnTask& task);
  void remove(TurnTask& task);

  /// Room for one system call's worth of octets, shared by all of this worker's sockets.
  [[nodiscard]] MutableBytes scratch() { return scratch_; }

 private:
  class TurnClock final : public Clock {
   public:
    [[nodiscard]] Time now() const override { return now_; }
    [[nodiscard]] std::chrono::system_clock::time_point wall() const override;
    void turn();

   private:
    Time now_{};
  };
  class Wakeup;
  friend class Source;

  Worker(std::uint8_t index, Descriptor epoll);
  void forget(Source& source);
  void turn(Time wait_until);
  int wait(Time until);
  void dispatch(int count);
  void run_pending();
  void run_posted();
  void end_turn();
  [[nodiscard]] bool has_work() const;
  [[nodiscard]] Time next_deadline() const;

  static constexpr int kMaxEvents = 256;

  std::uint8_t index_;
  Descriptor epoll_;
  TurnClock clock_;
  TimerQueue timers_;
  DeferredQueue deferred_;
  SystemRandom random_;
  std::vector<epoll_event> events_;
  int event_count_ = 0;  // fetched and not yet dispatched: [next_event_, event_count_)
  int next_event_ = 0;
  std::vector<Source*> pending_;
  std::vector<Source*> pending_now_;
  std::vector<std::unique_ptr<Source>> retired_;
  std::vector<std::unique_ptr<Source>> adopted_;
  std::vector<TurnTask*> tasks_;
  std::vector<std::uint8_t> scratch_;
  bool precise_wait_ = true;  // the kernel has epoll_pwait2

  std::unique_ptr<Wakeup> wakeup_;
  std::atomic<bool> stopping_{false};
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  std::thread thread_;
};

}  // namespace ringway::net
