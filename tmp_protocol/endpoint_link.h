#pragma once
// The link as gateways see it, over the connections that come and go beneath it. Lives as long as its endpoint.
//
//          connect() or a peer's connection
//   +------+ ----------------------------> +--------+  up: first protected packet of the proven peer   +----+
//   | down |                               | making | -----------------------------------------------> | up |
//   +------+ <---------------------------- +--------+                                                  +----+
//       ^      refused or silent: again after a pause, where it was made here                            |
//       +------------------------------------ lost, closed by either end --------------------------------+

#include <optional>
#include <string>

#include "base/loop.h"
#include "tmp_protocol/endpoint.h"
#include "tmp_protocol/frame.h"
#include "tmp_protocol/link.h"

namespace ringway::tmp {

class Connection;
class EndpointCore;

class EndpointLink final : public Link {
 public:
  /// `target` where this end makes the link; without it the peer does.
  EndpointLink(EndpointCore& core, std::string peer, std::optional<SocketAddress> target);
  ~EndpointLink() override = default;

  [[nodiscard]] bool up() const override { return up_; }
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  std::unique_ptr<LinkStream> open(const StreamOpening& opening, ByteStreamHandler& handler) override;
  [[nodiscard]] std::size_t streams() const override;
  [[nodiscard]] LinkQuality quality() const override;
  [[nodiscard]] const LinkCounters& counters() const override;
  void drain() override;
  void close(const std::string& reason) override { close(CloseCode::none, reason); }

  // For the endpoint.
  void close(CloseCode code, const std::string& reason);
  /// Makes it, and keeps it until it is closed; only where it has a target. One that is over may begin again.
  void begin();
  /// It was closed, and nothing is left of its connection.
  [[nodiscard]] bool over() const { return closed_ && connection_ == nullptr; }
  /// The peer's connection, which is up, becomes this link's.
  void adopt(Connection& connection);
  void on_up();
  /// Its connection is over; `reason` says why.
  void on_down(const std::string& reason);
  [[nodiscard]] const std::optional<SocketAddress>& target() const { return target_; }
  [[nodiscard]] Connection* connection() const { return connection_; }

 private:
  void make();
  void make_again_later();

  EndpointCore& core_;
  std::string peer_;
  std::optional<SocketAddress> target_;
  Connection* connection_ = nullptr;  // the endpoint's
  Timer again_;
  bool up_ = false;
  bool closed_ = false;  // by an administrator: not made again
  unsigned failures_ = 0;
  Time made_{};  // when the attempt began
  Time up_since_{};
  std::uint32_t version_ = 0;  // for the next attempt, as the peer asked; 0: the best
  std::string told_reason_;    // what the handler heard last, since the link was up
  LinkCounters past_;          // of earlier connections
  mutable LinkCounters counters_;
};

}  // namespace ringway::tmp
