#pragma once
// One raw TCP connection in the back-end: a stream of the link joined to a connection to an origin.

#include <functional>
#include <memory>
#include <string>

#include "backend/http_exchange.h"
#include "backend/site_service.h"
#include "base/splice.h"
#include "tmp_protocol/link.h"

namespace ringway::backend {

class TcpExchange final : private ByteStreamHandler, private QueueEntry {
 public:
  /// `on_done` is called once, in the end; it may destroy the exchange only later (DeferredQueue).
  TcpExchange(ExchangeContext& context, std::shared_ptr<SiteService> site, std::unique_ptr<tmp::LinkStream> stream,
              const tmp::StreamOpening& opening, std::function<void(TcpExchange&)> on_done);
  TcpExchange(const TcpExchange&) = delete;
  TcpExchange& operator=(const TcpExchange&) = delete;
  ~TcpExchange() override;

  /// Looks for an origin; called once, after construction.
  void start();

 private:
  /// Hears of the origin's connection until it is open.
  class Connecting final : public ByteStreamHandler {
   public:
    explicit Connecting(TcpExchange& owner) : owner_(owner) {}
    void on_open() override { owner_.on_connected(); }
    void on_data(Slice /*data*/) override {}
    void on_end() override {}
    void on_writable() override {}
    void on_stop(StreamCode /*code*/) override {}
    void on_abort(const StreamEnd& end) override { owner_.on_connect_failed(end); }

   private:
    TcpExchange& owner_;
  };

  // The link's side until the origin is there.
  void on_data(Slice data) override { early_.append(std::move(data)); }
  void on_end() override { link_ended_ = true; }
  void on_writable() override {}
  void on_stop(StreamCode code) override { on_abort({code, {}}); }
  void on_abort(const StreamEnd& end) override;

  void on_turn(OriginServer& server) override;
  [[nodiscard]] const TriedServers& tried() const override { return tried_; }
  void on_connected();
  void on_connect_failed(const StreamEnd& end);
  void find_origin();
  void on_timeout();
  void give_up(StreamCode code);
  void finish();

  ExchangeContext& context_;
  std::shared_ptr<SiteService> site_;
  std::unique_ptr<tmp::LinkStream> stream_;
  const std::uint8_t ring_;
  std::function<void(TcpExchange&)> on_done_;
  Connecting connecting_;
  ByteQueue early_;
  bool link_ended_ = false;
  bool done_ = false;
  OriginServer* server_ = nullptr;
  std::unique_ptr<ByteStream> origin_;
  std::unique_ptr<Splice> splice_;
  TriedServers tried_;
  std::uint64_t passed_before_ = 0;  // octets at the last look
  Timer timer_;
};

}  // namespace ringway::backend
