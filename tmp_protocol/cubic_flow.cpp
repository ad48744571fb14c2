#include "tmp_protocol/cubic_flow.h"

#include <algorithm>
#include <cmath>

namespace ringway::tmp {

namespace {

constexpr double kC = 0.4;  // packets / s³
constexpr double kBeta = 0.7;
/// Until its first loss a flow doubles up to so many packets, which flows that begin together reach before they see
/// their queue, and grows by so much a round trip then, as Linux has it.
constexpr double kDoubles = 32;
constexpr double kLosslessGrowth = 1.0 / 20;
constexpr double kRenoGrowth = 3 * (1 - kBeta) / (1 + kBeta);  // RFC 9438 §4.3: alpha_cubic

double cube(double value) { return value * value * value; }

}  // namespace

void CubicFlow::on_ack(double packets, double now, double rtt) {
  if (!in_epoch) {
    in_epoch = true;
    origin = now;
    span = max_window > window ? std::cbrt((max_window - window) / kC) : 0;
    max_window = std::max(max_window, window);
    estimate = window;
  }
  const double elapsed = now - origin;
  const double target = std::clamp(kC * cube(elapsed + rtt - span) + max_window, window, 1.5 * window);
  estimate += (estimate < prior ? kRenoGrowth : 1.0) * packets / window;
  const double cubic = kC * cube(elapsed - span) + max_window;
  const double before = window;
  if (cubic < estimate) {
    window = std::max(window, estimate);
  } else {
    window = std::min(window + packets * (target - window) / window, target);
  }
  if (lossless) window = std::max(window, before + packets * (before < kDoubles ? 1 : kLosslessGrowth));
}

void CubicFlow::back_off(double least) {
  lossless = false;
  prior = window;
  max_window = window < max_window ? window * (1 + kBeta) / 2 : window;  // fast convergence, RFC 9438 §4.7
  window = std::max(std::min(window, least), window * kBeta);
  in_epoch = false;
}

void CubicFlow::scale(double factor) {
  window *= factor;
  max_window *= factor;
  prior *= factor;
  estimate *= factor;
}

}  // namespace ringway::tmp
