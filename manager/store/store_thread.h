#pragma once
// A store on a thread of its own, asked from a loop that must not wait: jobs go over by a bounded queue and are done in
// their order; each answer comes back on the loop, in the same order. Nothing is tried again here.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "manager/store/store.h"

namespace ringway::manager {

class StoreThread {
 public:
  /// Runs a call on the loop, soon and in order; it may be called from any thread, and drops nothing.
  using Post = std::function<void(std::function<void()>)>;

  /// Null where the process has no descriptor left. `on_news` is called on the loop when another manager has, or may
  /// have, written.
  static std::unique_ptr<StoreThread> make(std::unique_ptr<Store> store, Post post, std::function<void()> on_news);
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;
  /// On the loop. Waits for the job at work (the store's own bounds hold); those after it are dropped, and no answer
  /// comes any more. Whoever wants the lease released asks for it and waits for the answer first.
  ~StoreThread();

  /// Runs `work(Store&)` on the store's thread and `then(answer)` on the loop:
  ///   thread.ask([batch, epoch](Store& store) { return store.write(batch, epoch); }, [this](WriteResult r) { … });
  /// False, and nothing happens, where limits::kMaxStoreJobs are not answered yet. From the loop alone.
  template <class Work, class Then>
  [[nodiscard]] bool ask(Work work, Then then) {
    return enqueue([work = std::move(work), then = std::move(then)](Store& store) mutable -> Answer {
      auto answer = std::make_shared<decltype(work(store))>(work(store));
      return [answer = std::move(answer), then = std::move(then)]() mutable { then(std::move(*answer)); };
    });
  }

 private:
  using Answer = std::function<void()>;
  using Job = std::function<Answer(Store&)>;

  /// What an answer on its way needs, even when the thread's owner is gone.
  struct Shared {
    std::atomic<std::size_t> unanswered{0};
    std::atomic<bool> ended{false};
  };

  StoreThread(std::unique_ptr<Store> store, Post post, std::function<void()> on_news, int event);
  bool enqueue(Job job);
  void run();
  void work_off(std::vector<Job>& jobs);
  std::vector<Job> take_jobs();
  void wake() const;

  std::unique_ptr<Store> store_;
  Post post_;
  std::function<void()> on_news_;
  int event_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::mutex mutex_;
  std::vector<Job> jobs_;
  std::thread thread_;
};

}  // namespace ringway::manager
