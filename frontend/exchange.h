#pragma once
// One HTTP exchange in the front-end: a request of a client connection on one side, a stream of a link on the
// other. Begins again on another back-end where that cannot do anything twice.
//
//     open ──stream made──▶ waiting ──response's head──▶ answering ──all of it──▶ done
//      ▲                       │                            │
//      └───── next back-end ───┴── gateway's answer ────────┴── aborted: the client's connection breaks

#include <cstdint>
#include <memory>
#include <string>

#include "base/loop.h"
#include "frontend/dispatcher.h"
#include "frontend/forwarding.h"
#include "frontend/frontend_metrics.h"
#include "frontend/request_ids.h"
#include "frontend/settings.h"
#include "http/access_log.h"
#include "http/exchange_codec.h"
#include "tmp_protocol/link.h"

namespace ringway::frontend {

class Exchange;

/// What the exchanges of one front-end share; outlives them.
struct ExchangeContext {
  Loop loop;
  Dispatcher dispatcher;
  RequestIds request_ids;
  FrontendMetrics& metrics;
  http::AccessLog* access_log = nullptr;  // null: none
};

/// The client connection that an exchange belongs to. Any call may destroy nothing: exchanges end by being
/// taken out by their owner, later.
class ExchangeOwner {
 public:
  virtual ~ExchangeOwner() = default;
  /// There is output, the exchange ended, or it takes request content again.
  virtual void on_exchange_change(Exchange& exchange) = 0;
};

class Exchange final : private ByteStreamHandler, private http::ExchangeEvents {
 public:
  Exchange(ExchangeContext& context, ExchangeOwner& owner, const ClientInfo& client, std::uint32_t connection);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() override;

  /// Sends the request to a back-end of `site`, which is of `settings`; the fields are prepared here.
  void start(std::shared_ptr<const Settings> settings, const Site& site, http::RequestHead head, http::Content content);
  /// What is answered without a back-end, for the log.
  void set_request(http::RequestHead head, http::Content content) {
    head_ = std::move(head);
    content_ = content;
  }
  /// Answers in the gateway's own name instead.
  void answer(int status, std::string_view reason);

  void push_content(Slice data);
  void push_end(http::Fields trailers);
  /// Whether request content is welcome now.
  [[nodiscard]] bool wants_content() const;
  [[nodiscard]] bool request_complete() const { return request_complete_; }
  /// The client's request broke off in its content: answered with `status` where nothing was answered yet.
  void fail_request(int status, std::string_view reason);

  /// HTTP/1.1 octets for the client, in order after those of earlier exchanges.
  [[nodiscard]] ByteQueue& output() { return output_; }
  /// The client took output: the back-end may send as much again.
  void credit();

  enum class End : std::uint8_t {
    open,   // goes on
    whole,  // the answer is complete
    broken  // the answer cannot be completed; the connection must break
  };
  [[nodiscard]] End end() const { return end_; }
  /// After the answer's end the connection cannot carry another request.
  [[nodiscard]] bool closes() const { return closes_; }
  void set_closes() { closes_ = true; }
  [[nodiscard]] bool upgrading() const { return !head_.upgrade.empty(); }
  /// A 101 was answered: octets both ways from now on.
  [[nodiscard]] bool tunnel() const { return tunnel_; }
  [[nodiscard]] bool safe() const;

  /// Writes the counters and the access log; called once, when the last octet went to the client, or it left. After it
  /// the exchange may outlive its context.
  void close();

 private:
  // The link's side.
  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode code) override;
  void on_abort(const StreamEnd& end) override;
  void on_exchange_interim(http::ResponseHead head) override;
  void on_exchange_response(http::ResponseHead head, http::Content content, http::ResponseContext context) override;
  void on_exchange_content(Slice data) override;
  void on_exchange_complete(http::Fields trailers) override;

  void attempt(StreamCode before);
  bool open_stream();
  void send_head();
  void send_content(Slice data);
  void read(const Slice& data);
  void keep_for_replay(const Slice& data);
  [[nodiscard]] bool may_begin_again(StreamCode code) const;
  void begin_again_or_fail(StreamCode code);
  void drop_stream(StreamCode code);
  void move_ring(const http::ResponseHead& head);
  void write_head(const http::ResponseHead& head, http::Content content);
  /// Nothing of the request is owed; an upgrade's octets come only after a 101.
  [[nodiscard]] bool request_over() const { return request_complete_ || content_.kind == http::Content::Kind::none; }
  [[nodiscard]] bool has_no_content(int status) const;
  void set_end(End end, std::string_view outcome);
  [[nodiscard]] StreamCode lost_code() const;
  void arm_timer();
  void wait();
  void leave_silent_link();
  void on_timeout();
  void changed();
  void log() const;

  ExchangeContext& context_;
  ExchangeOwner& owner_;
  const ClientInfo& client_;
  const std::uint32_t connection_;
  const std::string request_id_;
  std::shared_ptr<const Settings> settings_;  // keeps site_
  const Site* site_ = nullptr;

  http::RequestHead head_;
  http::Content content_;
  http::Fields request_trailers_;
  std::uint8_t ring_ = tmp::kDefaultRing;
  bool ring_undecided_ = false;

  tmp::Link* link_ = nullptr;
  std::unique_ptr<tmp::LinkStream> stream_;
  std::unique_ptr<http::ExchangeWriter> writer_;
  std::unique_ptr<http::ExchangeReader> reader_;
  TriedLinks tried_;
  ByteQueue replay_;  // request content sent so far, while it may have to be sent again
  bool replayable_ = true;
  bool request_complete_ = false;

  ByteQueue output_;
  enum class Framing : std::uint8_t { none, plain, chunked };
  Framing framing_ = Framing::none;  // of the answer's content towards the client
  std::uint64_t content_left_ = 0;   // of an announced length
  bool length_announced_ = false;
  bool answered_ = false;  // the answer's head was written
  bool tunnel_ = false;
  bool closes_ = false;
  End end_ = End::open;
  std::size_t uncredited_ = 0;

  // For the log.
  int status_ = 0;
  unsigned attempts_ = 0;
  std::string outcome_;
  std::uint64_t request_octets_ = 0;
  std::uint64_t response_octets_ = 0;
  http::ResponseContext origin_;
  std::chrono::system_clock::time_point began_wall_;
  Time began_;
  Time head_sent_{};
  Duration to_head_{};
  Time deadline_ = kNever;  // of the answer
  Timer timer_;             // for it, or to look at the link
};

}  // namespace ringway::frontend
