#pragma once
// An AtlasDrawer on a thread of its own: facts go over, what is drawn comes back on the loop. One at a time.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "manager/steering/atlas_drawer.h"

namespace ringway::manager {

class AtlasThread {
 public:
  /// Runs a call on the loop, soon and in order; it may be called from any thread, and drops nothing.
  using Post = std::function<void(std::function<void()>)>;
  using Then = std::function<void(const Drawn&)>;

  explicit AtlasThread(Post post);
  AtlasThread(const AtlasThread&) = delete;
  AtlasThread& operator=(const AtlasThread&) = delete;
  /// On the loop. Waits for the drawing at work; no answer comes any more.
  ~AtlasThread();

  /// On the loop, when the answer before has come.
  void ask(SteeringFacts facts, WallTime wall, Then then);

 private:
  /// Ends on the loop, whose registry shares what the facts hold.
  struct Job {
    SteeringFacts facts;
    WallTime wall;
    Then then;
    Drawn drawn;
  };

  void run();
  std::shared_ptr<Job> wait();

  Post post_;
  std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);
  AtlasDrawer drawer_;
  std::mutex mutex_;
  std::condition_variable come_;
  std::shared_ptr<Job> job_;
  std::thread thread_;
};

}  // namespace ringway::manager
