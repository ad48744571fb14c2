#pragma once
// One HTTP/1.1 client connection: requests in, one after the other; answers out, in the order of their
// requests (RFC 9112 §9.3). Each request is an exchange of its own; safe ones go on side by side.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "frontend/exchange.h"
#include "frontend/site_table.h"
#include "http/parser.h"

namespace ringway::frontend {

/// The settings that new requests go by.
struct Snapshot {
  std::shared_ptr<const Settings> settings;
  std::shared_ptr<const SiteTable> sites;
};

/// What the client connections of one front-end share; outlives them.
struct ConnectionContext {
  ExchangeContext exchanges;
  Snapshot snapshot;
  bool draining = false;  // each connection closes after the answer it is at
};

class ClientConnection final : private ByteStreamHandler, private http::RequestEvents, private ExchangeOwner {
 public:
  /// `on_done` is called once, in the end; it may destroy the connection only later (DeferredQueue).
  ClientConnection(ConnectionContext& context, std::unique_ptr<ByteStream> stream, const ClientInfo& client,
                   std::uint32_t number, std::function<void(ClientConnection&)> on_done);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection() override = default;

  /// Closes when idle, or after the answers that are owed.
  void drain();
  /// Breaks at once.
  void abort();

 private:
  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode code) override;
  void on_abort(const StreamEnd& end) override;
  void on_request_head(http::RequestHead head, http::Content content) override;
  void on_request_content(Slice content) override;
  void on_request_complete(http::Fields trailers) override;
  void on_exchange_change(Exchange& exchange) override;

  void pump();
  void parse_input();
  [[nodiscard]] bool may_parse();
  void pass_tunnel_input();
  void refuse_malformed();
  bool write_output();
  void end_front();
  void credit_client();
  Exchange& add_exchange();
  void close_after_output();
  void end();
  void update_timer();
  void on_timeout();

  ConnectionContext& context_;
  std::unique_ptr<ByteStream> stream_;
  const ClientInfo client_;
  const std::uint32_t number_;
  std::function<void(ClientConnection&)> on_done_;

  http::RequestParser parser_;
  ByteQueue input_;                                   // read and not yet parsed
  std::size_t uncredited_ = 0;                        // octets of the client not yet given back
  std::vector<std::unique_ptr<Exchange>> exchanges_;  // in the order of their requests; few
  Exchange* receiving_ = nullptr;                     // the one whose request's content is coming
  bool input_over_ = false;                           // nothing more is parsed
  bool done_ = false;
  bool pumping_ = false;
  Time head_began_ = kNever;
  Time last_progress_;
  Timer timer_;
};

}  // namespace ringway::frontend
