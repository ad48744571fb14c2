#pragma once
// Sets of 62-bit numbers as disjoint, sorted intervals: octet ranges of a stream, stream ids. Finding is O(log n) in
// the number of intervals, and adding or taking at either end of the set is O(1) amortized. The owner bounds n.

#include <cstdint>
#include <span>
#include <vector>

namespace ringway::tmp {

/// The numbers [begin, end).
struct Interval {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  [[nodiscard]] bool empty() const { return begin >= end; }
  bool operator==(const Interval&) const = default;
};

class IntervalSet {
 public:
  void add(Interval interval);
  void remove(Interval interval);
  /// Adds what of `interval` is not in `except`.
  void add_except(Interval interval, const IntervalSet& except);
  /// Takes the lowest numbers away, at most `max` of one interval; the set is not empty.
  Interval take_front(std::uint64_t max);
  void clear();

  [[nodiscard]] bool contains(std::uint64_t number) const;
  [[nodiscard]] bool empty() const { return head_ == intervals_.size(); }
  /// How many numbers are in it.
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// In rising order, with a gap between each two.
  [[nodiscard]] std::span<const Interval> intervals() const { return std::span(intervals_).subspan(head_); }
  [[nodiscard]] const Interval& front() const { return intervals_[head_]; }

 private:
  using Iterator = std::vector<Interval>::iterator;
  Iterator first_ending_at_or_after(std::uint64_t number);
  void erase(Iterator first, Iterator last);

  std::vector<Interval> intervals_;
  std::size_t head_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace ringway::tmp
