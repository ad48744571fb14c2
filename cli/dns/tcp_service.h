#pragma once
// DNS over TCP on one worker (RFC 7766): queries follow one another on a connection, each behind its length, and are
// answered in their order. Who is silent, or slow with a query, is hung up on, and who has too many connections.

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cli/dns/answerer.h"
#include "net/listener.h"

namespace ringway::cli {

class TcpService final : private net::AcceptHandler {
 public:
  /// The answerer outlives it.
  static Result<std::unique_ptr<TcpService>> open(net::Worker& worker, net::Descriptor bound, Answerer& answerer);
  ~TcpService() override;
  /// Takes no more connections; those that are there go on.
  void leave() { listener_.reset(); }
  [[nodiscard]] std::size_t connections() const { return sessions_.size(); }
  /// For limits::kMaxDnsTcpPerAddress.
  [[nodiscard]] std::uint64_t hung_up() const { return hung_up_; }

 private:
  class Session;

  TcpService(net::Worker& worker, Answerer& answerer);
  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) override;
  void end(Session& session);

  net::Worker& worker_;
  Answerer& answerer_;
  std::vector<std::uint8_t> query_;   // room for the one in work
  std::vector<std::uint8_t> answer_;  // with its length before it
  std::unordered_map<Session*, std::unique_ptr<Session>> sessions_;
  std::map<IpAddress, std::size_t> by_holder_;  // how many of them
  std::uint64_t hung_up_ = 0;
  std::unique_ptr<net::Listener> listener_;
};

}  // namespace ringway::cli
