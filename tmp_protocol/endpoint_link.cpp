#include "tmp_protocol/endpoint_link.h"

#include <algorithm>
#include <utility>

#include "tmp_protocol/connection.h"
#include "tmp_protocol/endpoint_core.h"

namespace ringway::tmp {

namespace {

void add(LinkCounters& sum, const LinkCounters& other) {
  sum.packets_sent += other.packets_sent;
  sum.packets_received += other.packets_received;
  sum.packets_lost += other.packets_lost;
  sum.octets_sent += other.octets_sent;
  sum.octets_received += other.octets_received;
  sum.octets_resent += other.octets_resent;
  sum.packets_dropped += other.packets_dropped;
  sum.times_carried += other.times_carried;
  sum.times_returned += other.times_returned;
  for (int ring = 0; ring < kRings; ++ring) sum.ring_octets_sent[ring] += other.ring_octets_sent[ring];
}

}  // namespace

EndpointLink::EndpointLink(EndpointCore& core, std::string peer, std::optional<SocketAddress> target)
    : core_(core), peer_(std::move(peer)), target_(target), again_(core.timers(), [this] { make(); }) {}

std::unique_ptr<LinkStream> EndpointLink::open(const StreamOpening& opening, ByteStreamHandler& handler) {
  return up_ ? connection_->open(opening, handler) : nullptr;
}

std::size_t EndpointLink::streams() const { return connection_ == nullptr ? 0 : connection_->streams(); }

LinkQuality EndpointLink::quality() const { return up_ ? connection_->quality() : LinkQuality{}; }

const LinkCounters& EndpointLink::counters() const {
  counters_ = past_;
  if (connection_ != nullptr) add(counters_, connection_->counters());
  return counters_;
}

void EndpointLink::drain() {
  if (up_) connection_->drain();
}

void EndpointLink::close(CloseCode code, const std::string& reason) {
  closed_ = true;
  again_.cancel();
  if (connection_ != nullptr) connection_->close(code, reason);
}

void EndpointLink::begin() {
  closed_ = false;
  failures_ = 0;
  told_reason_.clear();
  make();
}

void EndpointLink::make() {
  made_ = core_.loop().now();
  connection_ = &core_.connect(*this, version_);
}

void EndpointLink::adopt(Connection& connection) { connection_ = &connection; }

void EndpointLink::on_up() {
  up_ = true;
  up_since_ = core_.loop().now();
  told_reason_.clear();
  ++past_.times_up;
  core_.handler().on_link_up(*this);
}

void EndpointLink::on_down(const std::string& reason) {
  add(past_, connection_->counters());
  version_ = connection_->offered_version();
  connection_ = nullptr;
  if (std::exchange(up_, false) && core_.loop().now() - up_since_ >= limits::kMaxReconnectDelay) failures_ = 0;
  if (target_ && !closed_) make_again_later();
  if (reason == told_reason_) return;
  told_reason_ = reason;
  core_.handler().on_link_down(*this, reason);
}

void EndpointLink::make_again_later() {
  const Duration longest =
      std::min<Duration>(limits::kMaxReconnectDelay, limits::kMinReconnectDelay * (1LL << std::min(failures_, 10U)));
  ++failures_;
  // Between half of it and all, so that many gateways do not come back in step; an attempt that took long has waited.
  const Duration pause = from_seconds(to_seconds(longest) * (0.5 + core_.loop().random.unit() / 2));
  again_.arm(std::max(core_.loop().now(), made_ + pause));
}

}  // namespace ringway::tmp
