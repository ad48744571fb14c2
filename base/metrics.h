#pragma once
// Counters, gauges and histograms, and their exposition in Prometheus' text format 0.0.4.
//
// Each worker has a Metrics of its own and is the only one to write there, so an increment is a load, an add
// and a store. Any thread may read: what is registered is only ever appended, and values are relaxed atomics.
// Label values come from the configuration, never from a stranger: series are kept until the process ends.

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringway {

/// Goes up only.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.store(value() + count, std::memory_order_relaxed); }
  /// Takes over a total that is counted elsewhere, a link's for instance.
  void set_total(std::uint64_t total) { value_.store(total, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down; several workers' add up.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double change) { set(value() + change); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Counts observations by upper bound.
class Histogram {
 public:
  /// `bounds` rise; an infinite one follows them by itself.
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);
  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
  /// Observations at or below bounds()[index] and above the bound before it; index bounds().size() is the rest.
  [[nodiscard]] std::uint64_t bucket(std::size_t index) const;
  [[nodiscard]] double sum() const { return sum_.value(); }

 private:
  std::vector<double> bounds_;
  std::vector<Counter> buckets_;
  Gauge sum_;
};

/// From 1 ms to 60 s: for everything that a client waits for.
std::span<const double> latency_bounds();

using Labels = std::vector<std::pair<std::string, std::string>>;

/// One worker's metrics. Asking again for the same name and labels gives the same one; references stay good
/// as long as the Metrics. A name keeps its kind and bounds (a programming fault otherwise); its first help counts.
/// Names: `ringway_` first, a base unit, and `_total` for counters.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                       const Labels& labels = {});

 private:
  friend class Exposition;
  struct Family;
  struct Series;
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  Family& family(Kind kind, std::string_view name, std::string_view help);
  static Series& series(Family& family, const Labels& labels, std::span<const double> bounds);

  std::atomic<Family*> families_{nullptr};  // a list that only grows at its head
};

/// Sums the same series of all workers; families and series in alphabetical order.
/// Content-Type: "text/plain; version=0.0.4; charset=utf-8".
std::string prometheus_text(std::span<const Metrics* const> workers);

}  // namespace ringway
