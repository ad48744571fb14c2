#include "tmp_protocol/certificate_renewal.h"

#include <algorithm>

namespace ringway::tmp {

void CertificateRenewal::begin(const CertificateSpan& span) {
  span_ = span;
  const double life = std::chrono::duration<double>(span.expires - span.begins).count();
  const double after = life / kRenewalPart + random_.unit() * life / kRenewalSpreadPart;
  renew_at_ = span.begins + std::chrono::seconds(static_cast<std::int64_t>(after));
  again_at_ = Time{};
  failures_ = 0;
}

void CertificateRenewal::on_failed(Time now) {
  const auto longest =
      std::min<std::chrono::seconds>(kMaxRenewalPause, kMinRenewalPause * (1LL << std::min(failures_, 10U)));
  ++failures_;
  again_at_ = now + from_seconds(to_seconds(longest) * (0.5 + random_.unit() / 2));
}

bool CertificateRenewal::warns(WallTime wall, Time now) {
  if (wall < span_.expires || now < warned_until_) return false;
  warned_until_ = now + kExpiryWarningPause;
  return true;
}

}  // namespace ringway::tmp
