#include "frontend/exchange.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "frontend/classifier.h"
#include "http/gateway_answer.h"
#include "http/serializer.h"

namespace ringway::frontend {

namespace {

/// How often an exchange that could begin again elsewhere looks whether its link is silent.
constexpr Duration kLookInterval = std::chrono::milliseconds(250);

/// A change to another version of HTTP or to TLS would take requests past this gateway's rules.
bool may_upgrade_to(std::string_view protocol) {
  return !protocol.starts_with("h2c") && !protocol.starts_with("http") && !protocol.starts_with("HTTP") &&
         !protocol.starts_with("tls") && !protocol.starts_with("TLS");
}

}  // namespace

Exchange::Exchange(ExchangeContext& context, ExchangeOwner& owner, const ClientInfo& client, std::uint32_t connection)
    : context_(context),
      owner_(owner),
      client_(client),
      connection_(connection),
      request_id_(context.request_ids.next()),
      began_wall_(context.loop.clock.wall()),
      began_(context.loop.now()),
      timer_(context.loop.timers, [this] { on_timeout(); }) {
  context_.metrics.exchanges.add(1);
}

/// A stream whose request was whole would go on by itself: the origin must not work for a client that has left.
Exchange::~Exchange() {
  if (stream_ != nullptr && end_ == End::open) stream_->abort(StreamCode::cancelled);
}

bool Exchange::safe() const { return head_.method == "GET" || head_.method == "HEAD" || head_.method == "OPTIONS"; }

// ---- The request ----

void Exchange::start(std::shared_ptr<const Settings> settings, const Site& site, http::RequestHead head,
                     http::Content content) {
  settings_ = std::move(settings);
  site_ = &site;
  head_ = std::move(head);
  content_ = content;
  if (content.kind != http::Content::Kind::none || !may_upgrade_to(head_.upgrade)) head_.upgrade.clear();
  prepare_request(head_, client_, settings_->gateway.name, request_id_);
  const Classification classification = classify(site, head_, client_.remote.ip);
  ring_ = classification.ring;
  ring_undecided_ = classification.undecided;
  request_complete_ = content.kind == http::Content::Kind::none && !upgrading();
  attempt(StreamCode::refused);
}

/// Opens a stream on the best link that was not tried and sends what there is of the request.
/// `before` is how the attempt before ended.
void Exchange::attempt(StreamCode before) {
  while (attempts_ < limits::kMaxAttempts) {
    link_ = context_.dispatcher.choose(*site_, tried_);
    if (link_ == nullptr) break;
    tried_.push_back(link_);
    ++attempts_;
    if (!open_stream()) continue;
    send_head();
    return;
  }
  context_.metrics.no_backend.add();
  if (before == StreamCode::refused || before == StreamCode::link_lost) {
    answer(503, "No back-end of this site can be reached now.");
  } else {
    answer(502, "The connection to the site broke off.");
  }
}

bool Exchange::open_stream() {
  tmp::StreamOpening opening;
  opening.kind = tmp::StreamKind::http;
  opening.ring = ring_;
  opening.connection = connection_;
  opening.site = site_->name;
  stream_ = link_->open(opening, *this);
  return stream_ != nullptr;
}

void Exchange::send_head() {
  if (attempts_ > 1) context_.metrics.retries.add();
  writer_ = std::make_unique<http::ExchangeWriter>();
  http::ExchangeEvents& events = *this;
  reader_ = std::make_unique<http::ExchangeReader>(http::ExchangeReader::Direction::response, events);
  head_sent_ = context_.loop.now();
  ByteQueue out;
  writer_->request_head(out, head_, content_, {request_id_});
  for (const Slice& kept : replay_.slices()) writer_->content(out, kept);
  if (request_complete_) writer_->complete(out, request_trailers_);
  stream_->write(out);
  if (request_complete_) stream_->finish();
  arm_timer();
}

void Exchange::push_content(Slice data) {
  request_octets_ += data.size();
  if (stream_ == nullptr || end_ != End::open) return;
  keep_for_replay(data);
  send_content(std::move(data));
}

void Exchange::send_content(Slice data) {
  ByteQueue out;
  writer_->content(out, std::move(data));
  stream_->write(out);
}

void Exchange::push_end(http::Fields trailers) {
  if (request_complete_) return;  // its end went with its head
  request_complete_ = true;
  request_trailers_ = std::move(trailers);
  if (stream_ == nullptr || end_ != End::open) return;
  ByteQueue out;
  writer_->complete(out, request_trailers_);
  stream_->write(out);
  stream_->finish();
  arm_timer();
}

bool Exchange::wants_content() const { return stream_ == nullptr || stream_->writable() > 0; }

void Exchange::keep_for_replay(const Slice& data) {
  if (!replayable_) return;
  if (replay_.size() + data.size() <= limits::kMaxReplayOctets) {
    replay_.append(data);
  } else {
    replayable_ = false;
    replay_.clear();
  }
}

void Exchange::fail_request(int status, std::string_view reason) {
  if (end_ != End::open) return;
  closes_ = true;
  drop_stream(StreamCode::malformed);
  if (answered_) {
    set_end(End::broken, reason);
  } else {
    answer(status, reason);
  }
}

// ---- The response ----

void Exchange::on_data(Slice data) {
  uncredited_ += data.size();
  read(data);
}

void Exchange::read(const Slice& data) {
  const Status status = reader_->feed(data);
  if (!status) {
    drop_stream(StreamCode::malformed);
    begin_again_or_fail(StreamCode::malformed);
    return;
  }
  arm_timer();
  changed();
}

void Exchange::on_end() {
  if (end_ != End::open || reader_->complete() || reader_->pending()) return;
  drop_stream(StreamCode::malformed);
  begin_again_or_fail(StreamCode::malformed);
}

void Exchange::on_writable() { changed(); }

/// The back-end reads no more of the request; its answer still comes.
void Exchange::on_stop(StreamCode /*code*/) { closes_ = closes_ || !request_over(); }

void Exchange::on_abort(const StreamEnd& end) {
  const bool unsent = !stream_->left();
  context_.loop.deferred.destroy(std::move(stream_));
  begin_again_or_fail(unsent ? StreamCode::refused : end.code);
}

void Exchange::on_exchange_interim(http::ResponseHead head) {
  if (head_.minor_version == 0) return;  // RFC 9110 §15.2
  http::write_response_head(output_, head, {}, "");
}

void Exchange::on_exchange_response(http::ResponseHead head, http::Content content, http::ResponseContext context) {
  origin_ = std::move(context);
  to_head_ = context_.loop.now() - head_sent_;
  replay_.clear();
  replayable_ = false;
  http::remove_hop_by_hop(head.fields);
  prepare_response(head, settings_->gateway.name, request_id_);
  move_ring(head);
  tunnel_ = head.status == 101;
  write_head(head, content);
}

void Exchange::move_ring(const http::ResponseHead& head) {
  if (!ring_undecided_) return;
  const std::uint8_t ring =
      classify_answer(*site_, head_, client_.remote.ip, head.fields.find("content-type").value_or(""));
  if (ring != ring_) stream_->set_ring(ring);
  ring_ = ring;
}

bool Exchange::has_no_content(int status) const {
  return head_.method == "HEAD" || status == 204 || status == 304 || status / 100 == 1;
}

void Exchange::write_head(const http::ResponseHead& head, http::Content content) {
  using Kind = http::Content::Kind;
  status_ = head.status;
  answered_ = true;
  if (!request_over()) closes_ = true;  // what is left of the request is not waited for
  if (tunnel_) {
    closes_ = true;
    framing_ = Framing::plain;
  } else if (!has_no_content(head.status)) {
    if (content.kind == Kind::until_close) content.kind = Kind::chunked;
    if (content.kind == Kind::chunked && head_.minor_version == 0) {
      content.kind = Kind::until_close;
      closes_ = true;
    }
    framing_ = content.kind == Kind::chunked ? Framing::chunked : Framing::plain;
    length_announced_ = content.kind == Kind::length || content.kind == Kind::none;
    content_left_ = content.kind == Kind::length ? content.length : 0;
  }
  const std::string_view connection = closes_ ? "close" : head_.minor_version == 0 ? "keep-alive" : "";
  http::write_response_head(output_, head, content, connection);
}

void Exchange::on_exchange_content(Slice data) {
  if (end_ != End::open || (framing_ == Framing::none && !tunnel_)) return;
  response_octets_ += data.size();
  if (length_announced_ && data.size() > content_left_) {
    return set_end(End::broken, "the answer is longer than announced");
  }
  content_left_ -= length_announced_ ? data.size() : 0;
  if (framing_ == Framing::chunked) {
    http::write_chunk(output_, std::move(data));
  } else {
    output_.append(std::move(data));
  }
}

void Exchange::on_exchange_complete(http::Fields trailers) {
  if (end_ != End::open) return;
  if (length_announced_ && content_left_ > 0) return set_end(End::broken, "the answer is shorter than announced");
  if (framing_ == Framing::chunked) http::write_last_chunk(output_, trailers);
  if (!request_complete_) stream_->stop(StreamCode::unwanted);
  set_end(End::whole, origin_.from_gateway ? "gateway" : "ok");
}

void Exchange::credit() {
  if (stream_ == nullptr) return;
  if (uncredited_ > 0) stream_->consumed(std::exchange(uncredited_, 0));
  if (end_ == End::open && reader_->pending()) read(Slice());
}

// ---- Ends ----

/// Nothing reached an origin, or doing it twice is the same as once, and the client has seen nothing yet.
bool Exchange::may_begin_again(StreamCode code) const {
  if (answered_ || !replayable_) return false;
  return code == StreamCode::refused || (http::is_idempotent(head_.method) && code != StreamCode::timed_out);
}

void Exchange::begin_again_or_fail(StreamCode code) {
  if (end_ != End::open) return;
  uncredited_ = 0;
  if (may_begin_again(code)) {
    attempt(code);
  } else if (answered_) {
    set_end(End::broken, stream_code_name(code));
  } else if (code == StreamCode::timed_out) {
    answer(504, "The site did not answer in time.");
  } else {
    answer(502, "The connection to the site broke off.");
  }
}

void Exchange::answer(int status, std::string_view reason) {
  if (end_ != End::open) return;
  drop_stream(StreamCode::cancelled);
  http::GatewayAnswer page = http::gateway_answer(status, reason, request_id_);
  write_head(page.head, {http::Content::Kind::length, page.body.size()});
  if (framing_ == Framing::plain) {
    output_.append(std::string_view(page.body));
    response_octets_ = page.body.size();
  }
  set_end(End::whole, "gateway");
  changed();
}

void Exchange::drop_stream(StreamCode code) {
  if (stream_ == nullptr) return;
  stream_->abort(code);
  context_.loop.deferred.destroy(std::move(stream_));
}

void Exchange::set_end(End end, std::string_view outcome) {
  end_ = end;
  outcome_ = outcome;
  timer_.cancel();
  if (end == End::broken) {
    drop_stream(StreamCode::cancelled);
    changed();
  }
}

/// The back-end has its own time-outs; this one is for a back-end that is silent altogether.
void Exchange::arm_timer() {
  if (end_ != End::open || site_ == nullptr) return;
  deadline_ = context_.loop.now() + (tunnel_ ? site_->idle_timeout : site_->answer_timeout);
  wait();
}

/// While it could begin again elsewhere the exchange looks at its link now and then.
void Exchange::wait() {
  const bool may_leave = stream_ != nullptr && attempts_ < limits::kMaxAttempts && may_begin_again(lost_code());
  timer_.arm(may_leave ? std::min(deadline_, context_.loop.now() + kLookInterval) : deadline_);
}

/// What the loss of the link would mean now.
StreamCode Exchange::lost_code() const { return stream_->left() ? StreamCode::link_lost : StreamCode::refused; }

/// A link that is silent is given up for this exchange before it is for all, where that loses nothing.
void Exchange::leave_silent_link() {
  if (!context_.dispatcher.should_leave(*site_, tried_)) return wait();
  const StreamCode code = lost_code();
  drop_stream(code);
  begin_again_or_fail(code);
  changed();
}

void Exchange::on_timeout() {
  if (context_.loop.now() < deadline_) return leave_silent_link();
  if (!request_over()) return arm_timer();  // the client's pace is its connection's business
  drop_stream(StreamCode::timed_out);
  begin_again_or_fail(StreamCode::timed_out);
  changed();
}

void Exchange::changed() { owner_.on_exchange_change(*this); }

void Exchange::close() {
  context_.metrics.exchanges.add(-1);
  FrontendMetrics::SiteSeries& series = context_.metrics.site(site_ == nullptr ? std::string() : site_->name);
  series.responses[static_cast<std::size_t>(std::clamp(status_ / 100, 0, 5))]->add();
  if (status_ == 503) series.refused->add();
  if (site_ != nullptr) series.rings[ring_]->add();
  series.request_octets->add(request_octets_);
  series.response_octets->add(response_octets_);
  series.seconds->observe(to_seconds(context_.loop.now() - began_));
  if (writer_ != nullptr) {
    context_.metrics.link_content_before.add(writer_->content_in() + reader_->content_out());
    context_.metrics.link_content_after.add(writer_->content_out() + reader_->content_in());
  }
  if (context_.access_log != nullptr) log();
}

void Exchange::log() const {
  http::AccessRecord record;
  record.time = began_wall_;
  record.request_id = request_id_;
  record.client = client_.remote.ip.text();
  record.site = site_ == nullptr ? std::string() : site_->name;
  record.method = head_.method;
  record.authority = head_.authority;
  record.target = head_.target;
  record.referer = head_.fields.find("referer").value_or("");
  record.user_agent = head_.fields.find("user-agent").value_or("");
  record.status = status_;
  record.ring = site_ == nullptr ? -1 : ring_;
  record.link = link_ == nullptr ? std::string() : link_->peer();
  record.origin = origin_.origin;
  record.outcome = outcome_.empty() ? "cancelled" : outcome_;
  record.attempts = attempts_;
  record.request_octets = request_octets_;
  record.response_octets = response_octets_;
  record.total = context_.loop.now() - began_;
  record.queue = std::chrono::microseconds(origin_.queue_us);
  record.origin_time = std::chrono::microseconds(origin_.origin_us);
  record.link_time = std::max(Duration{}, to_head_ - record.queue - record.origin_time);
  context_.access_log->write(record);
}

}  // namespace ringway::frontend
