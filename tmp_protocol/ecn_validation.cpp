#include "tmp_protocol/ecn_validation.h"

#include <algorithm>

namespace ringway::tmp {

namespace {

constexpr std::uint64_t kTestPackets = 10;
constexpr std::uint32_t kSilentProbes = 2;

}  // namespace

void EcnValidation::on_sent(std::uint64_t number) {
  if (!marks()) return;
  first_marked_ = std::min(first_marked_, number);
  ++sent_;
}

void EcnValidation::on_ack(const EcnCounts& counts, std::uint64_t newly) {
  silent_ = false;
  if (state_ == State::failed) return;
  acked_ += newly;
  const bool mangled = state_ == State::testing && counts.ect0 == 0 && counts.ce >= kTestPackets;
  if (impossible(counts, newly) || mangled) {
    state_ = State::failed;
  } else if (acked_ != 0 && (counts.ect0 != 0 || counts.ce >= kTestPackets)) {
    state_ = State::capable;
  }
  known_ = counts;
}

/// Fewer marks than packets, or more than were sent, or marks that nobody sends.
bool EcnValidation::impossible(const EcnCounts& counts, std::uint64_t newly) const {
  if (counts.ect1 != 0 || counts.ect0 > sent_ || counts.ce > sent_) return true;
  if (counts.ect0 < known_.ect0 || counts.ce < known_.ce) return true;
  return counts.ect0 + counts.ce - known_.ect0 - known_.ce < newly;
}

void EcnValidation::on_pto(std::uint32_t count) {
  if (count < kSilentProbes || silent_ || state_ == State::failed) return;
  if (state_ == State::testing && acked_ == 0) {
    state_ = State::failed;
    return;
  }
  begin_test();
  silent_ = true;
}

void EcnValidation::begin_test() {
  state_ = State::testing;
  silent_ = false;
  acked_ = 0;
  first_marked_ = UINT64_MAX;
}

}  // namespace ringway::tmp
