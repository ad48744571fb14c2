#pragma once
// One agent's connection at the manager: whole messages out of octets, and messages into them. Sans-IO.
//
//   stranger ─request─▶ answered ─▶ closed                   no certificate, or one that has expired
//   member ─hello─▶ greeted ─report, status, request, …─▶ until either end goes, or the agent is silent
//
// What a stranger says before or beside its one request ends the connection.

#include <memory>
#include <optional>
#include <string>

#include "agent/messages.h"
#include "base/address.h"
#include "base/byte_stream.h"
#include "base/loop.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

class AgentSession;

class AgentHandler {
 public:
  virtual ~AgentHandler() = default;
  virtual void on_message(AgentSession& session, agent::Message message) = 0;
  /// `session` has ended, and is destroyed before this returns or soon.
  virtual void on_session_end(AgentSession& session, const std::string& reason) = 0;
};

/// From whom a connection comes.
struct AgentPeer {
  IpAddress remote;
  std::optional<tmp::PeerCertificate> certificate;  // that it has proven to hold; it may have expired
};

/// What it may say.
enum class Standing : std::uint8_t { stranger, expired, member };

class AgentSession final : public ByteStreamHandler {
 public:
  /// The handler and the loop outlive it.
  /// `id` tells it from every other one that there was.
  AgentSession(std::uint64_t id, std::unique_ptr<ByteStream> stream, AgentPeer peer, Loop loop, AgentHandler& handler);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const AgentPeer& peer() const { return peer_; }
  [[nodiscard]] Standing standing() const { return standing_; }
  /// Of members alone.
  [[nodiscard]] const tmp::PeerIdentity& identity() const { return peer_.certificate->identity; }
  /// "frontend:pop-1", or its address.
  [[nodiscard]] std::string name() const;

  /// More than limits::kMaxAgentUnsentOctets at a time end the session.
  void send(const agent::Message& message);
  /// Messages as they stand on the connection: what many are told is written once.
  void send(const ByteQueue& written);
  /// What waits for the agent to take it.
  [[nodiscard]] std::size_t unsent() const { return unsent_.size(); }
  /// Once all is sent. Nothing is heard any more.
  void finish(const std::string& reason);
  /// At once.
  void hang_up(const std::string& reason);

  void on_data(Slice data) override;
  void on_end() override { end("the agent has closed"); }
  void on_writable() override { flush(); }
  void on_stop(StreamCode /*code*/) override { end("the agent has closed"); }
  void on_abort(const StreamEnd& why) override { end(why.message); }

 private:
  void take(agent::Message message);
  void flush();
  void end(const std::string& reason);
  void leave(const std::string& reason);

  std::uint64_t id_;
  std::unique_ptr<ByteStream> stream_;
  AgentPeer peer_;
  Standing standing_;
  Loop loop_;
  AgentHandler& handler_;
  agent::MessageReader reader_;
  ByteQueue unsent_;
  Timer silence_;
  std::string closing_;  // why, once what is unsent has left; empty: it stays
  bool greeted_ = false;
  bool ended_ = false;
};

}  // namespace ringway::manager
