#include "tmp_protocol/connection.h"

#include <algorithm>
#include <utility>

namespace ringway::tmp {

namespace {

HandshakeSetup handshake_setup(const ConnectionSetup& setup, TlsPeerSettings tls) {
  HandshakeSetup handshake;
  handshake.end = setup.end;
  handshake.version = setup.version;
  handshake.first_destination = setup.first_destination;
  handshake.local = setup.local;
  handshake.peer = setup.peer;
  handshake.tls = std::move(tls);
  return handshake;
}

CloseCode code_of(StreamFault fault) {
  switch (fault) {
    case StreamFault::flow_control: return CloseCode::flow_control;
    case StreamFault::stream_limit: return CloseCode::stream_limit;
    case StreamFault::final_size: return CloseCode::final_size;
    case StreamFault::stream_state:
    case StreamFault::none: break;
  }
  return CloseCode::stream_state;
}

}  // namespace

Connection::Connection(const ConnectionSetup& setup, std::shared_ptr<const EndpointSettings> settings, Loop loop,
                       std::shared_ptr<const AuthorityMac> mac, ConnectionHost& host)
    : setup_(setup),
      settings_(std::move(settings)),
      loop_(loop),
      host_(host),
      path_(setup.remote, setup.proof),
      fallback_(loop.random),
      recovery_(settings_->congestion, settings_->max_packet_octets, loop.random),
      repair_sender_(settings_->repair_share),
      liveness_(loop.now()),
      begun_(loop.now()) {
  handshake_ =
      std::make_unique<HandshakeSpace>(handshake_setup(setup_, tls_settings()), std::move(mac), loop_.random, now());
  recovery_.set_travel(setup_.remote.travel());
  handshake_->set_travel(setup_.remote.travel());
}

TlsPeerSettings Connection::tls_settings() const {
  TlsPeerSettings tls;
  tls.end = setup_.end;
  tls.identity = settings_->identity;
  tls.wanted.role = settings_->role == Role::frontend ? Role::backend : Role::frontend;
  // Whom settings no longer name is refused at the next handshake inside the link, within the hour.
  tls.wanted.names = setup_.end == End::client ? setup_.names : settings_->accepted_peers;
  tls.wanted.trust = settings_->trust;
  tls.parameters = parameters();
  tls.now = loop_.clock.wall();
  return tls;
}

LinkParameters Connection::parameters() const {
  const StreamLimits limits = StreamSet::first_limits(*settings_);
  LinkParameters parameters;
  parameters.versions = settings_->versions;
  parameters.max_streams = limits.max_streams;
  parameters.max_link_receive_octets = limits.max_data;
  parameters.max_stream_receive_octets = limits.max_stream_data;
  parameters.max_packet_octets = limits::kMaxPacketOctets;
  parameters.max_ack_delay = limits::kMaxAckDelay;
  parameters.reset_token = setup_.reset_token;
  return parameters;
}

std::unique_ptr<LinkStream> Connection::open(const StreamOpening& opening, ByteStreamHandler& handler) {
  if (state_ != State::up || draining_ || peer_draining_) return nullptr;
  std::unique_ptr<LinkStream> stream = streams_->open(opening, handler);
  if (stream != nullptr) host_.on_connection_wakes(*this);
  return stream;
}

LinkQuality Connection::quality() const {
  LinkQuality quality;
  quality.smoothed_rtt = recovery_.rtt().smoothed();
  quality.min_rtt = recovery_.rtt().least();
  quality.sent_loss = recovery_.losses().loss_1s();
  quality.received_loss = peer_quality_.loss_1s_ppm / 1e6;
  quality.mean_burst = recovery_.losses().mean_burst();
  quality.delivery_octets_per_s = static_cast<std::uint64_t>(recovery_.delivery_octets_per_s());
  quality.window_octets = recovery_.window_octets();
  quality.in_flight_octets = recovery_.sent().octets_in_flight();
  quality.queued_octets = streams_ == nullptr ? 0 : streams_->queued_octets();
  quality.hosted = recovery_.hosted();
  quality.silence = liveness_.silence(now());
  quality.travel = path_.remote().travel();
  return quality;
}

LinkCounters Connection::counters() const {
  LinkCounters counters = counters_;
  counters.packets_lost = recovery_.losses().lost();
  if (streams_ == nullptr) return counters;
  counters.octets_resent = streams_->resent_octets();
  std::copy_n(streams_->ring_octets_sent().begin(), kRings, counters.ring_octets_sent);
  return counters;
}

void Connection::drain() {
  if (draining_ || state_ != State::up) return;
  draining_ = true;
  due_.goaway = true;
  host_.on_connection_wakes(*this);
}

void Connection::update(std::shared_ptr<const EndpointSettings> settings) {
  settings_ = std::move(settings);
  recovery_.update(settings_->congestion);
  repair_sender_.set_share(settings_->repair_share);
  if (streams_ != nullptr) streams_->update(*settings_);
  if (state_ == State::proven || state_ == State::up) take_peer(peer_);
}

bool Connection::take_peer(const PeerCertificate& certificate) {
  peer_ = certificate;
  if (!is_revoked(settings_->trust, peer_)) return true;
  close(CloseCode::handshake, "the certificate of '" + peer_.identity.name + "' is revoked");
  return false;
}

void Connection::close(CloseCode code, const std::string& reason) {
  if (state_ == State::closing || state_ == State::gone) return;
  // A peer that never answered has nothing to be told.
  if (handshake_ != nullptr && handshake_->silent()) return end_at_once(reason);
  state_ = State::closing;
  close_code_ = code;
  refused_ = code == CloseCode::handshake || code == CloseCode::version;
  reason_ = reason;
  due_.close = true;
  close_until_ = now() + grace();
  host_.on_connection_wakes(*this);
}

void Connection::end_at_once(const std::string& reason) {
  if (reason_.empty()) reason_ = reason;
  state_ = State::gone;
  host_.on_connection_wakes(*this);
}

void Connection::fail(StreamFault fault) { close(code_of(fault), std::string(stream_fault_name(fault))); }

bool Connection::needs_settle() const {
  if (state_ == State::closing || state_ == State::gone) return !down_told_;
  if (state_ != State::up) return false;
  return !up_told_ || streams_->needs_dispatch() || (peer_draining_ && !draining_told_) || expired_due_ ||
         travel_told_ != path_.remote().travel();
}

void Connection::settle() {
  if (state_ == State::up && !up_told_) {
    up_told_ = true;
    host_.on_connection_up(*this);
  }
  if (state_ == State::up) tell_travel();
  if (state_ == State::up && std::exchange(expired_due_, false)) host_.on_connection_peer_expired(*this);
  while (up_told_ && !down_told_ && streams_->needs_dispatch()) streams_->dispatch();
  if (peer_draining_ && up_told_ && !std::exchange(draining_told_, true)) host_.on_connection_draining(*this);
  if ((state_ == State::closing || state_ == State::gone) && !std::exchange(down_told_, true)) {
    if (streams_ != nullptr) streams_->lose({StreamCode::link_lost, reason_});
    host_.on_connection_down(*this, reason_);
  }
}

}  // namespace ringway::tmp
