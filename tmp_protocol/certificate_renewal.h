#pragma once
// When a gateway asks for its next certificate: once a third of the life of the present one is over, at a moment of its
// own, so that those enrolled together do not all come at once; after a refusal again with growing pauses. Dates are
// judged by the wall clock each time, pauses measured by the monotonic one: a stepped clock brings a renewal forward or
// puts it off, and never stops it.

#include <chrono>

#include "base/random.h"
#include "base/time.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

struct CertificateSpan {
  WallTime begins;
  WallTime expires;
};

/// From a third of the life on, each gateway at its own moment within so large a part of it.
inline constexpr int kRenewalPart = 3;
inline constexpr int kRenewalSpreadPart = 12;
inline constexpr std::chrono::seconds kMinRenewalPause{10};
inline constexpr std::chrono::seconds kMaxRenewalPause{3600};
inline constexpr std::chrono::hours kExpiryWarningPause{1};

class CertificateRenewal {
 public:
  /// `random` outlives it.
  CertificateRenewal(const CertificateSpan& span, Random& random) : random_(random) { begin(span); }

  /// A new certificate is in use.
  void begin(const CertificateSpan& span);
  /// Whether to ask now.
  [[nodiscard]] bool due(WallTime wall, Time now) const { return wall >= renew_at_ && now >= again_at_; }
  /// Asking brought nothing.
  void on_failed(Time now);
  /// Whether to warn now that the certificate has expired and peers take it by grace alone; true at most once an hour.
  bool warns(WallTime wall, Time now);
  [[nodiscard]] WallTime renew_at() const { return renew_at_; }

 private:
  Random& random_;
  CertificateSpan span_;
  WallTime renew_at_;
  Time again_at_{};
  Time warned_until_{};
  unsigned failures_ = 0;
};

}  // namespace ringway::tmp
