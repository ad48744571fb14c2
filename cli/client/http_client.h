#pragma once
// Asks a manager over HTTP/1.1, each question on a connection of its own, and waits for the answer.

#include <memory>
#include <vector>

#include "base/address.h"
#include "cli/client/api.h"
#include "cli/client/location.h"
#include "net/connector.h"
#include "net/worker.h"

namespace ringway::cli::client {

/// From the question to the end of its answer; connecting has a limit of its own (limits::kConnectLimit).
inline constexpr std::chrono::seconds kAnswerLimit{30};

/// The addresses that `host`, a name or an address, has.
Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port);

class HttpClient final : public Api {
 public:
  /// The worker is turned while an answer is awaited.
  HttpClient(net::Worker& worker, Location location, Duration limit = kAnswerLimit);

  /// Addresses that take no connection are followed by the name's next ones.
  Result<Answer> ask(const Ask& ask) override;

 private:
  class Exchange;

  net::Worker& worker_;
  Location location_;
  TlsClientSettings tls_;
  Duration limit_;
  net::TcpConnector connector_;
  std::vector<SocketAddress> addresses_;
};

}  // namespace ringway::cli::client
