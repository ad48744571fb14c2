#include "manager/steering/atlas_thread.h"

#include <utility>

namespace ringway::manager {

AtlasThread::AtlasThread(Post post) : post_(std::move(post)) {
  thread_ = std::thread([this] { run(); });
}

AtlasThread::~AtlasThread() {
  {
    const std::lock_guard lock(mutex_);
    *ended_ = true;
  }
  come_.notify_one();
  thread_.join();
}

void AtlasThread::ask(SteeringFacts facts, WallTime wall, Then then) {
  {
    const std::lock_guard lock(mutex_);
    job_ = std::make_shared<Job>(Job{std::move(facts), wall, std::move(then), {}});
  }
  come_.notify_one();
}

void AtlasThread::run() {
  while (std::shared_ptr<Job> job = wait()) {
    job->drawn = drawer_.draw(job->facts, job->wall);
    post_([ended = ended_, job = std::move(job)] {
      if (!*ended) job->then(job->drawn);
    });
  }
}

/// Null at the end.
std::shared_ptr<AtlasThread::Job> AtlasThread::wait() {
  std::unique_lock lock(mutex_);
  come_.wait(lock, [this] { return *ended_ || job_ != nullptr; });
  return *ended_ ? nullptr : std::exchange(job_, nullptr);
}

}  // namespace ringway::manager
