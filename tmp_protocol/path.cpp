#include "tmp_protocol/path.h"

#include <limits>

namespace ringway::tmp {

namespace {
constexpr std::uint64_t kAmplification = 3;  // RFC 9000 §8.1
}

std::uint64_t Path::allowance() const {
  if (proven_) return std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t limit = kAmplification * received_octets_;
  return limit > sent_octets_ ? limit - sent_octets_ : 0;
}

void PathValidation::begin(const Route& remote, std::size_t octets, Random& random, Time now) {
  if (!active() || path_->remote() != remote) start(Path(remote, Path::Proof::unproven), random, now);
  path_->on_received(octets);
}

void PathValidation::begin_trial(const Route& remote, Random& random, Time now) {
  start(Path(remote, Path::Proof::proven), random, now);
}

void PathValidation::start(const Path& path, Random& random, Time now) {
  path_ = path;
  random.fill(data_);
  next_challenge_ = now;
  tries_ = 0;
}

void PathValidation::on_challenge(Time now, Duration interval) { next_challenge_ = now + interval * (1 << tries_++); }

bool PathValidation::on_response(const PathChallengeData& data) {
  if (!active() || tries_ == 0 || data != data_) return false;
  cancel();
  return true;
}

void PathValidation::advance(Time now) {
  if (active() && tries_ >= kTries && next_challenge_ <= now) cancel();
}

}  // namespace ringway::tmp
