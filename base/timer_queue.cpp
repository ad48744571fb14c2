#include "base/timer_queue.h"

#include <utility>

namespace ringway {

void Timer::arm(Time deadline) {
  deadline_ = deadline;
  if (deadline == kNever) {
    cancel();
  } else if (index_ == kOutside || deadline < place_) {
    queue_->place(*this, deadline);
  }
}

void Timer::cancel() {
  deadline_ = kNever;
  if (index_ != kOutside) queue_->remove(*this);
}

void TimerQueue::run(Time now) {
  while (!heap_.empty() && heap_.front()->place_ <= now) {
    Timer& timer = *heap_.front();
    if (timer.deadline_ > now) {  // it was moved later since it was placed
      place(timer, timer.deadline_);
      continue;
    }
    timer.cancel();
    // A copy, for the callback may destroy the timer.
    const std::function<void()> callback = timer.callback_;
    callback();
  }
}

void TimerQueue::place(Timer& timer, Time at) {
  timer.place_ = at;
  if (timer.index_ == Timer::kOutside) {
    heap_.push_back(&timer);
    timer.index_ = heap_.size() - 1;
  }
  sift_up(timer.index_);
  sift_down(timer.index_);
}

void TimerQueue::remove(Timer& timer) {
  const std::size_t index = std::exchange(timer.index_, Timer::kOutside);
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  put(index, last);
  sift_up(index);
  sift_down(last->index_);
}

void TimerQueue::sift_up(std::size_t index) {
  Timer* timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->place_ <= timer->place_) break;
    put(index, heap_[parent]);
    index = parent;
  }
  put(index, timer);
}

void TimerQueue::sift_down(std::size_t index) {
  Timer* timer = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->place_ < heap_[child]->place_) ++child;
    if (heap_[child]->place_ >= timer->place_) break;
    put(index, heap_[child]);
    index = child;
  }
  put(index, timer);
}

void TimerQueue::put(std::size_t index, Timer* timer) {
  heap_[index] = timer;
  timer->index_ = index;
}

void DeferredQueue::run() {
  std::vector<Item> present = std::exchange(items_, std::exchange(spare_, {}));
  for (const Item& item : present) {
    if (item.work) item.work();
  }
  present.clear();
  spare_ = std::move(present);
}

}  // namespace ringway
