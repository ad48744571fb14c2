#include "frontend/client_connection.h"

#include <utility>

namespace ringway::frontend {

namespace {

http::RequestEvents& events_of(http::RequestEvents& events) { return events; }

}  // namespace

ClientConnection::ClientConnection(ConnectionContext& context, std::unique_ptr<ByteStream> stream,
                                   const ClientInfo& client, std::uint32_t number,
                                   std::function<void(ClientConnection&)> on_done)
    : context_(context),
      stream_(std::move(stream)),
      client_(client),
      number_(number),
      on_done_(std::move(on_done)),
      parser_(events_of(*this), context.snapshot.settings->requests),
      last_progress_(context.exchanges.loop.now()),
      timer_(context.exchanges.loop.timers, [this] { on_timeout(); }) {
  stream_->set_handler(this);
  update_timer();
}

// ---- What happens ----

void ClientConnection::on_data(Slice data) {
  if (done_) return;
  last_progress_ = context_.exchanges.loop.now();
  uncredited_ += data.size();
  if (input_over_) {
    credit_client();  // the rest of a request that was refused is read and dropped
    return;
  }
  input_.append(std::move(data));
  pump();
}

/// A client that closes its half while answers are owed is gone, as browsers and curl do it; in a tunnel its
/// half may end on its own.
void ClientConnection::on_end() {
  if (done_) return;
  if (receiving_ != nullptr && receiving_->tunnel()) {
    input_over_ = true;
    receiving_->push_end({});
    return;
  }
  if (exchanges_.empty()) stream_->finish();
  end();
}

void ClientConnection::on_writable() {
  last_progress_ = context_.exchanges.loop.now();
  pump();
}

void ClientConnection::on_stop(StreamCode /*code*/) { end(); }

void ClientConnection::on_abort(const StreamEnd& /*end*/) { end(); }

void ClientConnection::on_exchange_change(Exchange& /*exchange*/) { pump(); }

void ClientConnection::drain() {
  if (!exchanges_.empty()) return;  // `draining` in the context closes it after its answer
  close_after_output();
}

void ClientConnection::abort() {
  stream_->abort(StreamCode::cancelled);
  end();
}

// ---- The one way forward ----

/// Does all that can be done now. Whatever happens calls this, so nothing is forgotten between two events.
void ClientConnection::pump() {
  if (done_ || pumping_) return;  // changes of an exchange from inside are seen by the loops below
  pumping_ = true;
  do {
    parse_input();
  } while (write_output());  // an answer that ended may have made way for a pipelined request
  pumping_ = false;
  if (done_) return;
  credit_client();
  update_timer();
}

void ClientConnection::parse_input() {
  while (!done_ && !input_over_ && !input_.empty()) {
    if (receiving_ != nullptr && receiving_->tunnel()) return pass_tunnel_input();
    if (!may_parse()) return;
    if (parser_.idle()) head_began_ = context_.exchanges.loop.now();
    const Slice data = input_.front();
    const std::size_t taken = parser_.feed(data);
    input_.remove_prefix(taken);
    if (parser_.error() != nullptr) return refuse_malformed();
    if (taken == 0 && !parser_.complete()) return;
  }
}

/// Whether the next octets may be looked at: the present request's content is welcome, or a next request may
/// begin beside those in work.
bool ClientConnection::may_parse() {
  if (!parser_.complete()) return receiving_ == nullptr || receiving_->wants_content();
  if (!exchanges_.empty()) {
    const Exchange& last = *exchanges_.back();
    if (last.closes() || last.upgrading() || !last.safe()) return false;
    if (exchanges_.size() >= context_.snapshot.settings->clients.max_pipelined) return false;
  }
  receiving_ = nullptr;
  parser_.next();
  return true;
}

void ClientConnection::pass_tunnel_input() {
  while (!input_.empty() && receiving_->wants_content()) receiving_->push_content(input_.pop_front());
}

void ClientConnection::on_request_head(http::RequestHead head, http::Content content) {
  head_began_ = kNever;
  const Snapshot& snapshot = context_.snapshot;
  Exchange& exchange = add_exchange();
  receiving_ = &exchange;
  if (!head.keep_alive || context_.draining) exchange.set_closes();
  const Site* site = snapshot.sites->find(head.authority);
  if (site == nullptr) {
    exchange.set_request(std::move(head), content);
    exchange.answer(421, "No site of that name is served here.");
  } else if (content.kind == http::Content::Kind::length && content.length > site->max_content_octets) {
    exchange.set_request(std::move(head), content);
    exchange.fail_request(413, "The content is larger than this site allows.");
  } else {
    parser_.set_content_limit(site->max_content_octets);
    exchange.start(snapshot.settings, *site, std::move(head), content);
  }
}

void ClientConnection::on_request_content(Slice content) { receiving_->push_content(std::move(content)); }

void ClientConnection::on_request_complete(http::Fields trailers) {
  if (!receiving_->upgrading()) receiving_->push_end(std::move(trailers));
}

/// What follows in the input cannot be told from the fault: it is dropped, and the connection closes.
void ClientConnection::refuse_malformed() {
  context_.exchanges.metrics.malformed.add();
  const http::ParseError error = *parser_.error();
  input_over_ = true;
  input_.clear();
  head_began_ = kNever;
  Exchange& exchange = receiving_ != nullptr && !parser_.complete() ? *receiving_ : add_exchange();
  exchange.fail_request(error.status, error.message);
}

Exchange& ClientConnection::add_exchange() {
  ExchangeOwner& owner = *this;
  exchanges_.push_back(std::make_unique<Exchange>(context_.exchanges, owner, client_, number_));
  return *exchanges_.back();
}

// ---- Output ----

/// Returns whether an answer ended and the connection goes on.
bool ClientConnection::write_output() {
  bool ended = false;
  while (!done_ && !exchanges_.empty()) {
    Exchange& front = *exchanges_.front();
    if (!front.output().empty()) {
      stream_->write(front.output());
      last_progress_ = context_.exchanges.loop.now();
    }
    if (stream_->writable() > 0) front.credit();
    if (!front.output().empty()) continue;  // credit may have released more
    if (front.end() == Exchange::End::open) break;
    end_front();
    ended = true;
  }
  return ended && !done_;
}

void ClientConnection::end_front() {
  std::unique_ptr<Exchange> front = std::move(exchanges_.front());
  exchanges_.erase(exchanges_.begin());
  if (receiving_ == front.get()) receiving_ = nullptr;
  front->close();
  if (front->end() == Exchange::End::broken) {
    abort();
  } else if (front->closes() || context_.draining) {
    close_after_output();
  }
  context_.exchanges.loop.deferred.destroy(std::move(front));  // it may be what called
}

/// Everything owed was written: it leaves, and what the client still sends is dropped.
void ClientConnection::close_after_output() {
  stream_->finish();
  end();
}

void ClientConnection::end() {
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  for (const auto& exchange : exchanges_) exchange->close();
  on_done_(*this);
}

/// The client may send more once what it sent has been passed on.
void ClientConnection::credit_client() {
  const bool welcome = input_over_ || (input_.empty() && (receiving_ == nullptr || receiving_->wants_content()));
  if (uncredited_ > 0 && welcome) stream_->consumed(std::exchange(uncredited_, 0));
}

// ---- Time ----

void ClientConnection::update_timer() {
  const ClientLimits& limits = context_.snapshot.settings->clients;
  if (head_began_ != kNever) {
    timer_.arm(head_began_ + limits.head_timeout);  // dribbled octets do not move it
  } else if (exchanges_.empty()) {
    timer_.arm(last_progress_ + limits.idle_timeout);
  } else {
    const bool reading = receiving_ != nullptr && !receiving_->request_complete() && receiving_->wants_content() &&
                         !receiving_->upgrading();
    const bool writing = stream_->writable() == 0;
    timer_.arm(reading || writing ? last_progress_ + limits.stall_timeout : kNever);
  }
}

void ClientConnection::on_timeout() {
  if (done_) return;
  if (head_began_ != kNever) {
    input_over_ = true;
    head_began_ = kNever;
    context_.exchanges.metrics.malformed.add();
    add_exchange().fail_request(408, "The request's head did not come in time.");
    pump();
  } else if (exchanges_.empty()) {
    close_after_output();
  } else if (stream_->writable() == 0) {
    abort();
  } else {
    input_over_ = true;
    receiving_->fail_request(408, "The request's content did not come in time.");
    pump();
  }
}

}  // namespace ringway::frontend
