#include "tmp_protocol/interval_set.h"

#include <algorithm>

namespace ringway::tmp {

IntervalSet::Iterator IntervalSet::first_ending_at_or_after(std::uint64_t number) {
  return std::lower_bound(intervals_.begin() + static_cast<std::ptrdiff_t>(head_), intervals_.end(), number,
                          [](const Interval& interval, std::uint64_t at) { return interval.end < at; });
}

void IntervalSet::add(Interval interval) {
  if (interval.empty()) return;
  if (empty() || intervals_.back().end < interval.begin) {
    intervals_.push_back(interval);
    total_ += interval.size();
    return;
  }
  const Iterator first = first_ending_at_or_after(interval.begin);
  Iterator last = first;  // [first, last) touch the new one and become one with it
  for (; last != intervals_.end() && last->begin <= interval.end; ++last) {
    interval.begin = std::min(interval.begin, last->begin);
    interval.end = std::max(interval.end, last->end);
    total_ -= last->size();
  }
  total_ += interval.size();
  if (first == last) {
    intervals_.insert(first, interval);
    return;
  }
  *first = interval;
  intervals_.erase(first + 1, last);
}

void IntervalSet::remove(Interval interval) {
  if (interval.empty() || empty()) return;
  Iterator at = first_ending_at_or_after(interval.begin + 1);
  if (at == intervals_.end() || at->begin >= interval.end) return;
  if (at->begin < interval.begin && at->end > interval.end) {
    const Interval rest{interval.end, at->end};
    at->end = interval.begin;
    intervals_.insert(at + 1, rest);
    total_ -= interval.size();
    return;
  }
  if (at->begin < interval.begin) {
    total_ -= at->end - interval.begin;
    at->end = interval.begin;
    ++at;
  }
  Iterator last = at;
  for (; last != intervals_.end() && last->end <= interval.end; ++last) total_ -= last->size();
  if (last != intervals_.end() && last->begin < interval.end) {
    total_ -= interval.end - last->begin;
    last->begin = interval.end;
  }
  erase(at, last);
}

/// At the front only the head moves, so that taking from there again and again is cheap.
void IntervalSet::erase(Iterator first, Iterator last) {
  if (first != intervals_.begin() + static_cast<std::ptrdiff_t>(head_)) {
    intervals_.erase(first, last);
    return;
  }
  head_ += static_cast<std::size_t>(last - first);
  if (head_ == intervals_.size()) {
    intervals_.clear();
    head_ = 0;
  } else if (head_ >= 32 && head_ * 2 >= intervals_.size()) {
    intervals_.erase(intervals_.begin(), intervals_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

void IntervalSet::add_except(Interval interval, const IntervalSet& except) {
  const auto others = except.intervals();
  auto other = std::lower_bound(others.begin(), others.end(), interval.begin,
                                [](const Interval& each, std::uint64_t at) { return each.end <= at; });
  for (; other != others.end() && other->begin < interval.end; ++other) {
    add({interval.begin, other->begin});
    interval.begin = std::max(interval.begin, other->end);
  }
  add(interval);
}

Interval IntervalSet::take_front(std::uint64_t max) {
  const Interval taken{front().begin, front().begin + std::min(max, front().size())};
  remove(taken);
  return taken;
}

void IntervalSet::clear() {
  intervals_.clear();
  head_ = 0;
  total_ = 0;
}

bool IntervalSet::contains(std::uint64_t number) const {
  const auto all = intervals();
  const auto at = std::lower_bound(all.begin(), all.end(), number,
                                   [](const Interval& interval, std::uint64_t n) { return interval.end <= n; });
  return at != all.end() && at->begin <= number;
}

}  // namespace ringway::tmp
