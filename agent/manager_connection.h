#pragma once
// One lasting connection to whichever manager of a list can be reached.
//
//   pausing ──▶ connecting ──▶ open ──▶ pausing …
//
// Pauses are of random length, longer the more often all addresses failed (limits::kMinManagerPause to
// kMaxManagerPause): a thousand agents that lost their manager do not come back in one moment.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/address.h"
#include "base/byte_stream.h"
#include "base/loop.h"

namespace ringway::agent {

/// What is heard of it. The connection is not destroyed in any of these calls.
class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  virtual void on_connected(const SocketAddress& manager) = 0;
  virtual void on_message(Message message) = 0;
  /// Also where it could not be made. It is made again by itself.
  virtual void on_lost(const SocketAddress& manager, const std::string& reason) = 0;
};

class ManagerConnection final : private ByteStreamHandler {
 public:
  /// Begins a connection that proves both ends; `handler` hears on_open() or on_abort().
  using Dial = std::function<std::unique_ptr<ByteStream>(const SocketAddress& address, ByteStreamHandler& handler)>;

  /// `addresses`: at least one. The user outlives it.
  ManagerConnection(Loop loop, std::vector<SocketAddress> addresses, Dial dial, ConnectionUser& user);

  void start() { connect(); }
  /// For good.
  void stop();
  /// The manager answered as one does: the next pause is a short one.
  void settle() { failures_ = 0; }
  /// And connects again.
  void hang_up(const std::string& reason);

  [[nodiscard]] bool open() const { return open_; }
  /// Dropped where it is not open.
  void send(const Message& message);
  /// Whether what was sent before is on its way: reports wait for it.
  [[nodiscard]] bool writable() const { return open_ && stream_->writable() > 0; }

 private:
  void on_open() override;
  void on_data(Slice data) override;
  void on_end() override { hang_up("the manager hung up"); }
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& end) override { hang_up(end.message); }

  void connect();
  [[nodiscard]] Duration pause();

  Loop loop_;
  std::vector<SocketAddress> addresses_;
  Dial dial_;
  ConnectionUser& user_;
  std::unique_ptr<ByteStream> stream_;
  MessageReader reader_;
  bool open_ = false;
  std::size_t turn_ = 0;      // of the addresses
  std::size_t failures_ = 0;  // in a row
  Timer again_;
};

}  // namespace ringway::agent
