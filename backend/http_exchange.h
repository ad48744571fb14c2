#pragma once
// One HTTP exchange in the back-end: a stream of the link on one side, an origin on the other.
//
//     reading ──request's head──▶ waiting ──a place at an origin──▶ active ──response whole──▶ done
//                                    ▲                                │
//                                    └──── next origin, where it may be done again

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "backend/origin_connection.h"
#include "backend/site_service.h"
#include "base/loop.h"
#include "http/access_log.h"
#include "http/exchange_codec.h"
#include "tmp_protocol/link.h"

namespace ringway::backend {

/// What the exchanges of a back-end share; outlives them.
struct ExchangeContext {
  Loop loop;
  http::AccessLog* access_log = nullptr;  // null: none
};

class HttpExchange final : private ByteStreamHandler,
                           private http::ExchangeEvents,
                           private OriginUser,
                           private QueueEntry {
 public:
  /// `on_done` is called once, in the end; it may destroy the exchange only later (DeferredQueue).
  HttpExchange(ExchangeContext& context, std::shared_ptr<SiteService> site, std::unique_ptr<tmp::LinkStream> stream,
               const tmp::StreamOpening& opening, std::string frontend, std::function<void(HttpExchange&)> on_done);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange() override;

 private:
  enum class State : std::uint8_t { reading, waiting, active, done };

  // The link's side.
  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode code) override;
  void on_abort(const StreamEnd& end) override;
  void on_exchange_request(http::RequestHead head, http::Content content, http::RequestContext context) override;
  void on_exchange_content(Slice data) override;
  void on_exchange_complete(http::Fields trailers) override;

  // The queue and the origin's side.
  void on_turn(OriginServer& server) override;
  [[nodiscard]] const TriedServers& tried() const override { return tried_; }
  void on_origin_reached() override;
  void on_origin_writable() override;
  void on_origin_read() override { credit_origin(); }
  void on_origin_tunnel(Slice data) override;
  void on_origin_tunnel_end() override;
  void on_origin_failed(const OriginFailure& failure) override;
  void on_interim_head(http::ResponseHead head) override;
  void on_response_head(http::ResponseHead head, http::Content content) override;
  void on_response_content(Slice content) override;
  void on_response_complete(http::Fields trailers) override;

  void begin();
  void find_origin();
  void write_request();
  void write_content(Slice data);
  void write_request_end();
  void pump_request();
  void keep_for_replay(const Slice& data);
  [[nodiscard]] bool may_replay(const OriginFailure& failure) const;
  void end_tunnel();
  void send(ByteQueue& out);
  void credit_link();
  void credit_origin();
  void answer(int status, std::string_view reason);
  void abort(StreamCode code, const std::string& message);
  void release_origin(bool reusable);
  void finish(std::string_view outcome);
  void log(std::string_view outcome);
  void on_timeout();
  void note_progress();
  [[nodiscard]] std::uint32_t microseconds_since(Time since) const;

  ExchangeContext& context_;
  std::shared_ptr<SiteService> site_;
  std::unique_ptr<tmp::LinkStream> stream_;
  const std::uint8_t ring_;
  const std::string frontend_;
  std::function<void(HttpExchange&)> on_done_;

  State state_ = State::reading;
  http::ExchangeReader reader_;
  http::ExchangeWriter writer_;
  http::RequestHead head_;
  http::Content content_;
  http::RequestContext request_;
  http::Fields request_trailers_;
  ByteQueue waiting_content_;  // decoded, not yet written to an origin
  ByteQueue replay_;           // written to the present origin, kept while it may be done again
  bool replayable_ = true;
  bool have_head_ = false;
  bool request_complete_ = false;  // all of it came from the link
  bool request_written_ = false;   // all of it went to the origin
  bool response_begun_ = false;
  bool tunnel_ = false;        // after a 101
  bool origin_ended_ = false;  // its half of the tunnel
  bool origin_keeps_alive_ = false;

  OriginServer* server_ = nullptr;
  std::unique_ptr<OriginConnection> connection_;
  TriedServers tried_;
  bool force_fresh_ = false;  // an idle connection was closed under this request once

  std::size_t uncredited_link_ = 0;
  Time entered_{};  // when the head was here
  Time turn_{};     // when an origin was given
  int status_ = 0;
  std::uint32_t queue_us_ = 0;
  std::uint32_t origin_us_ = 0;
  Timer timer_;
};

}  // namespace ringway::backend
