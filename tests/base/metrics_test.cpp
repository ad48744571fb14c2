#include "base/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

namespace ringway {
namespace {

std::string text_of(const Metrics& metrics) {
  const Metrics* const one[] = {&metrics};
  return prometheus_text(one);
}

TEST(Metrics, AreWrittenAsPrometheusWantsThem) {
  Metrics metrics;
  metrics.counter("ringway_requests_total", "Requests taken.", {{"site", "shop"}, {"code", "200"}}).add(3);
  metrics.counter("ringway_requests_total", "Requests taken.", {{"site", "db"}}).add();
  metrics.gauge("ringway_link_rtt_seconds", "Smoothed round trip.", {{"peer", "host-1"}}).set(0.0815);
  static constexpr double kBounds[] = {0.1, 1, 10};
  Histogram& histogram = metrics.histogram("ringway_wait_seconds", "Waiting.", kBounds, {{"site", "shop"}});
  for (const double value : {0.05, 0.1, 0.5, 99.0}) histogram.observe(value);
  EXPECT_EQ(text_of(metrics),
            "# HELP ringway_link_rtt_seconds Smoothed round trip.\n"
            "# TYPE ringway_link_rtt_seconds gauge\n"
            "ringway_link_rtt_seconds{peer=\"host-1\"} 0.0815\n"
            "# HELP ringway_requests_total Requests taken.\n"
            "# TYPE ringway_requests_total counter\n"
            "ringway_requests_total{site=\"db\"} 1\n"
            "ringway_requests_total{site=\"shop\",code=\"200\"} 3\n"
            "# HELP ringway_wait_seconds Waiting.\n"
            "# TYPE ringway_wait_seconds histogram\n"
            "ringway_wait_seconds_bucket{site=\"shop\",le=\"0.1\"} 2\n"
            "ringway_wait_seconds_bucket{site=\"shop\",le=\"1\"} 3\n"
            "ringway_wait_seconds_bucket{site=\"shop\",le=\"10\"} 3\n"
            "ringway_wait_seconds_bucket{site=\"shop\",le=\"+Inf\"} 4\n"
            "ringway_wait_seconds_sum{site=\"shop\"} 99.65\n"
            "ringway_wait_seconds_count{site=\"shop\"} 4\n");
}

TEST(Metrics, EscapeLabelsAndHelp) {
  Metrics metrics;
  metrics.gauge("ringway_a", "one\ntwo \\ \"three\"", {{"path", "a\"b\\c\nd"}}).set(1);
  EXPECT_EQ(text_of(metrics),
            "# HELP ringway_a one\\ntwo \\\\ \"three\"\n"
            "# TYPE ringway_a gauge\n"
            "ringway_a{path=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(Metrics, WriteEveryNumber) {
  const auto written = [](double value) {
    Metrics metrics;
    metrics.gauge("g", "h").set(value);
    return text_of(metrics).substr(std::string("# HELP g h\n# TYPE g gauge\ng ").size());
  };
  EXPECT_EQ(written(0), "0\n");
  EXPECT_EQ(written(-2.5), "-2.5\n");
  EXPECT_EQ(written(1e20), "1e+20\n");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "+Inf\n");
  EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "-Inf\n");
  EXPECT_EQ(written(std::nan("")), "NaN\n");
}

TEST(Metrics, GiveTheSameSeriesForTheSameLabels) {
  Metrics metrics;
  Counter& first = metrics.counter("c_total", "h", {{"a", "1"}});
  Counter& other = metrics.counter("c_total", "h", {{"a", "2"}});
  EXPECT_EQ(&first, &metrics.counter("c_total", "another help", {{"a", "1"}}));
  EXPECT_NE(&first, &other);
}

TEST(Metrics, OfAllWorkersAddUp) {
  Metrics one;
  Metrics two;
  one.counter("c_total", "h", {{"site", "a"}}).add(1);
  two.counter("c_total", "h", {{"site", "a"}}).add(10);
  two.counter("c_total", "h", {{"site", "b"}}).set_total(100);
  one.gauge("g", "h").set(1.5);
  two.gauge("g", "h").add(2);
  static constexpr double kBounds[] = {1};
  one.histogram("w_seconds", "h", kBounds).observe(0.5);
  two.histogram("w_seconds", "h", kBounds).observe(2);
  const Metrics* const workers[] = {&one, &two};
  EXPECT_EQ(prometheus_text(workers),
            "# HELP c_total h\n# TYPE c_total counter\nc_total{site=\"a\"} 11\nc_total{site=\"b\"} 100\n"
            "# HELP g h\n# TYPE g gauge\ng 3.5\n"
            "# HELP w_seconds h\n# TYPE w_seconds histogram\n"
            "w_seconds_bucket{le=\"1\"} 1\nw_seconds_bucket{le=\"+Inf\"} 2\nw_seconds_sum 2.5\nw_seconds_count 2\n");
}

TEST(Metrics, AreReadWhileTheirWorkerRegistersMore) {
  Metrics metrics;
  std::thread worker([&metrics] {
    for (int i = 0; i < 300; ++i) metrics.counter("c_total", "h", {{"site", std::to_string(i)}}).add();
    static constexpr double kBounds[] = {1, 2};
    metrics.histogram("w_seconds", "h", kBounds).observe(1);
  });
  std::size_t longest = 0;
  for (int i = 0; i < 50; ++i) {
    const std::size_t length = text_of(metrics).size();
    EXPECT_GE(length, longest);
    longest = length;
  }
  worker.join();
  EXPECT_NE(text_of(metrics).find("c_total{site=\"299\"} 1\n"), std::string::npos);
}

TEST(Histogram, CountsByTheFirstBoundThatHolds) {
  Histogram histogram(latency_bounds());
  histogram.observe(0.001);
  histogram.observe(0.0011);
  histogram.observe(61);
  EXPECT_EQ(histogram.bucket(0), 1U);
  EXPECT_EQ(histogram.bucket(1), 1U);
  EXPECT_EQ(histogram.bucket(latency_bounds().size()), 1U);
}

}  // namespace
}  // namespace ringway
