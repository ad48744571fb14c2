#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace ringway {

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), buckets_(bounds.size() + 1) {
  assert(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  buckets_[static_cast<std::size_t>(bound - bounds_.begin())].add();
  sum_.add(value);
}

std::uint64_t Histogram::bucket(std::size_t index) const { return buckets_[index].value(); }

std::span<const double> latency_bounds() {
  static constexpr std::array kBounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2,
                                         0.5,   1.0,   2.0,   5.0,  10.0, 20.0, 60.0};
  return kBounds;
}

struct Metrics::Series {
  Labels labels;
  Counter counter;
  Gauge gauge;
  std::optional<Histogram> histogram;
  Series* next = nullptr;
};

struct Metrics::Family {
  Kind kind;
  std::string name;
  std::string help;
  std::atomic<Series*> series{nullptr};
  Family* next = nullptr;
};

Metrics::Metrics() = default;

Metrics::~Metrics() {
  Family* family = families_.load(std::memory_order_relaxed);
  while (family != nullptr) {
    Series* series = family->series.load(std::memory_order_relaxed);
    while (series != nullptr) delete std::exchange(series, series->next);
    delete std::exchange(family, family->next);
  }
}

Metrics::Family& Metrics::family(Kind kind, std::string_view name, std::string_view help) {
  Family* const head = families_.load(std::memory_order_relaxed);
  for (Family* family = head; family != nullptr; family = family->next) {
    if (family->name != name) continue;
    assert(family->kind == kind);
    return *family;
  }
  auto* fresh = new Family{kind, std::string(name), std::string(help), {nullptr}, head};
  families_.store(fresh, std::memory_order_release);
  return *fresh;
}

Metrics::Series& Metrics::series(Family& family, const Labels& labels, std::span<const double> bounds) {
  Series* const head = family.series.load(std::memory_order_relaxed);
  for (Series* series = head; series != nullptr; series = series->next) {
    if (series->labels == labels) return *series;
  }
  auto* fresh = new Series;
  fresh->labels = labels;
  fresh->next = head;
  if (family.kind == Kind::histogram) fresh->histogram.emplace(bounds);
  family.series.store(fresh, std::memory_order_release);
  return *fresh;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return series(family(Kind::counter, name, help), labels, {}).counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return series(family(Kind::gauge, name, help), labels, {}).gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                              const Labels& labels) {
  Histogram& histogram = *series(family(Kind::histogram, name, help), labels, bounds).histogram;
  assert(std::equal(bounds.begin(), bounds.end(), histogram.bounds().begin(), histogram.bounds().end()));
  return histogram;
}

/// Adds up the workers' metrics and writes the sums.
class Exposition {
 public:
  void add(const Metrics& metrics);
  [[nodiscard]] std::string text() const;

 private:
  struct Sum {
    std::uint64_t count = 0;
    double gauge = 0;
    std::vector<double> bounds;
    std::vector<std::uint64_t> buckets;
    double observed = 0;
  };
  struct Group {
    Metrics::Kind kind{};
    std::string help;
    std::map<Labels, Sum> sums;
  };

  static void add(Sum& sum, const Metrics::Series& series);
  static void write(std::string& out, const std::string& name, const Group& group);
  static void write_histogram(std::string& out, const std::string& name, const Labels& labels, const Sum& sum);

  std::map<std::string, Group> groups_;
};

namespace {

/// Help texts escape backslash and newline; label values the double quote as well.
std::string escape(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string label_text(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "{" : ",", name, escape(value, "\\\""));
  }
  if (!out.empty()) out += '}';
  return out;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void Exposition::add(const Metrics& metrics) {
  const Metrics::Family* family = metrics.families_.load(std::memory_order_acquire);
  for (; family != nullptr; family = family->next) {
    Group& group = groups_[family->name];
    group.kind = family->kind;
    group.help = family->help;
    const Metrics::Series* series = family->series.load(std::memory_order_acquire);
    for (; series != nullptr; series = series->next) add(group.sums[series->labels], *series);
  }
}

void Exposition::add(Sum& sum, const Metrics::Series& series) {
  sum.count += series.counter.value();
  sum.gauge += series.gauge.value();
  if (!series.histogram) return;
  sum.bounds = series.histogram->bounds();
  sum.buckets.resize(sum.bounds.size() + 1);
  for (std::size_t i = 0; i < sum.buckets.size(); ++i) sum.buckets[i] += series.histogram->bucket(i);
  sum.observed += series.histogram->sum();
}

std::string Exposition::text() const {
  std::string out;
  for (const auto& [name, group] : groups_) write(out, name, group);
  return out;
}

void Exposition::write(std::string& out, const std::string& name, const Group& group) {
  static constexpr std::string_view kKindNames[] = {"counter", "gauge", "histogram"};
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escape(group.help, "\\"), name,
                     kKindNames[static_cast<std::size_t>(group.kind)]);
  for (const auto& [labels, sum] : group.sums) {
    switch (group.kind) {
      case Metrics::Kind::counter: out += fmt::format("{}{} {}\n", name, label_text(labels), sum.count); break;
      case Metrics::Kind::gauge:
        out += fmt::format("{}{} {}\n", name, label_text(labels), number_text(sum.gauge));
        break;
      case Metrics::Kind::histogram: write_histogram(out, name, labels, sum); break;
    }
  }
}

void Exposition::write_histogram(std::string& out, const std::string& name, const Labels& labels, const Sum& sum) {
  std::uint64_t at_most = 0;
  for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
    at_most += sum.buckets[i];
    Labels with_bound = labels;
    with_bound.emplace_back("le", i < sum.bounds.size() ? number_text(sum.bounds[i]) : "+Inf");
    out += fmt::format("{}_bucket{} {}\n", name, label_text(with_bound), at_most);
  }
  // The count is the sum of the buckets read here, so that it always agrees with them.
  out += fmt::format("{}_sum{} {}\n{}_count{} {}\n", name, label_text(labels), number_text(sum.observed), name,
                     label_text(labels), at_most);
}

std::string prometheus_text(std::span<const Metrics* const> workers) {
  Exposition exposition;
  for (const Metrics* metrics : workers) exposition.add(*metrics);
  return exposition.text();
}

}  // namespace ringway
