#include "backend/tcp_exchange.h"

#include <utility>

namespace ringway::backend {

TcpExchange::TcpExchange(ExchangeContext& context, std::shared_ptr<SiteService> site,
                         std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening,
                         std::function<void(TcpExchange&)> on_done)
    : context_(context),
      site_(std::move(site)),
      stream_(std::move(stream)),
      ring_(opening.ring),
      on_done_(std::move(on_done)),
      connecting_(*this),
      timer_(context.loop.timers, [this] { on_timeout(); }) {
  stream_->set_handler(this);
}

TcpExchange::~TcpExchange() {
  site_->leave(*this);
  if (server_ != nullptr) server_->remove_pending();
}

void TcpExchange::start() { find_origin(); }

void TcpExchange::find_origin() {
  timer_.arm(context_.loop.now() + site_->settings().timeouts.queue);
  switch (site_->enter(*this, ring_)) {
    case SiteService::Place::taken:
    case SiteService::Place::waiting: break;
    case SiteService::Place::full: give_up(StreamCode::refused); break;
    case SiteService::Place::none_left: give_up(StreamCode::origin_failed); break;
  }
}

void TcpExchange::on_turn(OriginServer& server) {
  server_ = &server;
  server.add_pending();
  timer_.arm(context_.loop.now() + site_->settings().timeouts.connect);
  const Origin& origin = server.settings();
  origin_ = server.connector().connect(origin.address, origin.tls ? &*origin.tls : nullptr, connecting_);
}

void TcpExchange::on_connected() {
  timer_.arm(context_.loop.now() + site_->settings().timeouts.idle);
  server_->note_connected();
  splice_ = std::make_unique<Splice>(std::move(stream_), std::move(origin_), [this](const StreamEnd&) { finish(); });
  splice_->feed_left(early_);
  if (link_ended_) splice_->end_left();
}

void TcpExchange::on_connect_failed(const StreamEnd& /*end*/) {
  server_->note_connect_failure();
  server_->remove_pending();
  site_->mark_tried(tried_, *std::exchange(server_, nullptr));
  context_.loop.deferred.destroy(std::move(origin_));
  find_origin();
}

void TcpExchange::on_abort(const StreamEnd& /*end*/) { finish(); }

void TcpExchange::on_timeout() {
  if (splice_ == nullptr) return give_up(StreamCode::timed_out);
  const std::uint64_t passed = splice_->left_to_right() + splice_->right_to_left();
  if (std::exchange(passed_before_, passed) == passed) {
    splice_->abort(StreamCode::timed_out);
    finish();
  } else {
    timer_.arm(context_.loop.now() + site_->settings().timeouts.idle);
  }
}

void TcpExchange::give_up(StreamCode code) {
  if (done_) return;
  stream_->abort(code);
  finish();
}

void TcpExchange::finish() {
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  site_->leave(*this);
  context_.loop.deferred.post([site = site_] { site->serve_queue(); });
  on_done_(*this);
}

}  // namespace ringway::backend
