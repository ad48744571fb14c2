#include "manager/fleet/agent_session.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

Standing standing_of(const AgentPeer& peer, tmp::WallTime now) {
  if (!peer.certificate) return Standing::stranger;
  return now > peer.certificate->expires ? Standing::expired : Standing::member;
}

}  // namespace

AgentSession::AgentSession(std::uint64_t id, std::unique_ptr<ByteStream> stream, AgentPeer peer, Loop loop,
                           AgentHandler& handler)
    : id_(id),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      standing_(standing_of(peer_, loop.clock.wall())),
      loop_(loop),
      handler_(handler),
      silence_(loop.timers, [this] { end("the agent is silent"); }) {
  stream_->set_handler(this);
  silence_.arm(loop_.now() + limits::kAgentHelloLimit);
}

std::string AgentSession::name() const {
  return peer_.certificate ? tmp::identity_text(peer_.certificate->identity) : peer_.remote.text();
}

void AgentSession::on_data(Slice data) {
  stream_->consumed(data.size());
  if (!closing_.empty()) return;
  reader_.add(std::move(data));
  while (!ended_ && closing_.empty()) {
    Result<std::optional<agent::Message>> message = reader_.next();
    if (!message) return end(message.error().message);
    if (!message->has_value()) return;
    take(std::move(**message));
  }
}

void AgentSession::take(agent::Message message) {
  if (standing_ != Standing::member && !message.request) {
    return end(standing_ == Standing::expired ? "its certificate has expired: it must be renewed first"
                                              : "it has no certificate, and asks for none");
  }
  if (standing_ == Standing::member && !greeted_ && !message.hello && !message.request) {
    return end("it says something before hello");
  }
  greeted_ = greeted_ || message.hello.has_value();
  silence_.arm(loop_.now() + (greeted_ ? limits::kAgentSilence : limits::kAgentHelloLimit));
  handler_.on_message(*this, std::move(message));
}

void AgentSession::send(const agent::Message& message) {
  if (ended_ || !closing_.empty()) return;
  agent::write_message(unsent_, message);
  if (unsent_.size() > limits::kMaxAgentUnsentOctets) return end("the agent takes nothing of what it is told");
  flush();
}

void AgentSession::send(const ByteQueue& written) {
  if (ended_ || !closing_.empty()) return;
  for (const Slice& slice : written.slices()) unsent_.append(slice);
  if (unsent_.size() > limits::kMaxAgentUnsentOctets) return end("the agent takes nothing of what it is told");
  flush();
}

void AgentSession::finish(const std::string& reason) {
  closing_ = reason;
  flush();
}

void AgentSession::hang_up(const std::string& reason) {
  if (ended_) return;
  stream_->abort(StreamCode::refused);
  leave(reason);
}

void AgentSession::flush() {
  while (!unsent_.empty() && stream_->writable() > 0) stream_->write(unsent_.pop_front());
  if (!closing_.empty() && unsent_.empty()) end(closing_);
}

void AgentSession::end(const std::string& reason) {
  if (ended_) return;
  stream_->finish();
  leave(reason);
}

void AgentSession::leave(const std::string& reason) {
  ended_ = true;
  silence_.cancel();
  handler_.on_session_end(*this, reason);
}

}  // namespace ringway::manager
