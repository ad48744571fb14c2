#pragma once
// One client connection of a raw TCP site, joined to a stream of a link.

#include <functional>
#include <memory>

#include "base/splice.h"
#include "frontend/exchange.h"

namespace ringway::frontend {

class TcpTunnel {
 public:
  /// Null where no back-end of the site has a link: the client is then refused.
  static std::unique_ptr<TcpTunnel> open(ExchangeContext& context, const Site& site, std::unique_ptr<ByteStream> client,
                                         const ClientInfo& info, std::uint32_t number,
                                         std::function<void(TcpTunnel&)> on_done);
  TcpTunnel(const TcpTunnel&) = delete;
  TcpTunnel& operator=(const TcpTunnel&) = delete;
  ~TcpTunnel() = default;

  void abort();

 private:
  TcpTunnel(ExchangeContext& context, const Site& site, std::function<void(TcpTunnel&)> on_done);
  void on_timeout();
  void end(StreamCode code);

  ExchangeContext& context_;
  FrontendMetrics::SiteSeries& series_;
  const Duration idle_timeout_;
  http::AccessRecord record_;
  Time began_;
  std::function<void(TcpTunnel&)> on_done_;
  std::unique_ptr<Splice> splice_;
  std::uint64_t passed_before_ = 0;  // octets at the last look
  bool done_ = false;
  Timer timer_;
};

}  // namespace ringway::frontend
