#pragma once
// What one worker of a front-end counts. Series are made when first used and kept.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/metrics.h"
#include "tmp_protocol/link.h"

namespace ringway::frontend {

class FrontendMetrics {
 public:
  explicit FrontendMetrics(Metrics& metrics);

  struct SiteSeries {
    std::array<Counter*, 6> responses;  // by status / 100; 0: none
    std::array<Counter*, tmp::kRings> rings;
    Counter* refused;  // answered with 503
    Counter* request_octets;
    Counter* response_octets;
    Histogram* seconds;
  };
  /// `site` is a configured name, or "" for requests without one.
  SiteSeries& site(const std::string& site);
  [[nodiscard]] const std::map<std::string, SiteSeries>& sites() const { return sites_; }

  Gauge& connections;
  Counter& accepted;
  Gauge& exchanges;
  Counter& malformed;  // requests answered with 400, 408, 413, 414, 431 and their like
  Counter& retries;    // exchanges begun again on another back-end
  Counter& no_backend;
  Counter& link_content_before;  // octets of content before and after the link's coding, both directions
  Counter& link_content_after;

 private:
  Metrics& metrics_;
  std::map<std::string, SiteSeries> sites_;
};

}  // namespace ringway::frontend
