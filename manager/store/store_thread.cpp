#include "manager/store/store_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>

#include "base/limits.h"

namespace ringway::manager {

namespace {

// Only how often a thread without work looks whether there is any: it is woken when there is.
constexpr std::chrono::milliseconds kLongestWait{10'000};

}  // namespace

std::unique_ptr<StoreThread> StoreThread::make(std::unique_ptr<Store> store, Post post, std::function<void()> on_news) {
  const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) return nullptr;
  return std::unique_ptr<StoreThread>(new StoreThread(std::move(store), std::move(post), std::move(on_news), event));
}

StoreThread::StoreThread(std::unique_ptr<Store> store, Post post, std::function<void()> on_news, int event)
    : store_(std::move(store)), post_(std::move(post)), on_news_(std::move(on_news)), event_(event) {
  thread_ = std::thread([this] { run(); });
}

StoreThread::~StoreThread() {
  shared_->ended = true;
  wake();
  thread_.join();
  ::close(event_);
}

bool StoreThread::enqueue(Job job) {
  if (shared_->unanswered >= limits::kMaxStoreJobs) return false;
  ++shared_->unanswered;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake();
  return true;
}

void StoreThread::run() {
  while (!shared_->ended) {
    std::vector<Job> jobs = take_jobs();
    work_off(jobs);
    if (!jobs.empty() || !store_->wait_for_news(kLongestWait, event_)) continue;
    post_([shared = shared_, on_news = on_news_] {
      if (!shared->ended) on_news();
    });
  }
}

void StoreThread::work_off(std::vector<Job>& jobs) {
  for (Job& job : jobs) {
    if (shared_->ended) return;
    post_([shared = shared_, answer = job(*store_)] {
      --shared->unanswered;
      if (!shared->ended) answer();
    });
    job = nullptr;  // what it held need not wait for those after it
  }
}

std::vector<StoreThread::Job> StoreThread::take_jobs() {
  eventfd_t count = 0;
  ::eventfd_read(event_, &count);
  const std::lock_guard lock(mutex_);
  return std::exchange(jobs_, {});
}

void StoreThread::wake() const { ::eventfd_write(event_, 1); }

}  // namespace ringway::manager
