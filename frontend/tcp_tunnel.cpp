#include "frontend/tcp_tunnel.h"

#include <utility>

#include "frontend/classifier.h"

namespace ringway::frontend {

namespace {

/// The splice sets its own handlers before the loop's next turn; until then nothing is called.
class NoHandler final : public ByteStreamHandler {
 public:
  void on_data(Slice /*data*/) override {}
  void on_end() override {}
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& /*end*/) override {}
};

std::unique_ptr<tmp::LinkStream> open_stream(const Dispatcher& dispatcher, const Site& site,
                                             const tmp::StreamOpening& opening, std::string& link_name) {
  static NoHandler no_handler;
  TriedLinks tried;
  while (tmp::Link* link = dispatcher.choose(site, tried)) {
    if (auto stream = link->open(opening, no_handler)) {
      link_name = link->peer();
      return stream;
    }
    tried.push_back(link);
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<TcpTunnel> TcpTunnel::open(ExchangeContext& context, const Site& site,
                                           std::unique_ptr<ByteStream> client, const ClientInfo& info,
                                           std::uint32_t number, std::function<void(TcpTunnel&)> on_done) {
  tmp::StreamOpening opening;
  opening.kind = tmp::StreamKind::tcp;
  opening.ring = classify_connection(site, info.remote.ip);
  opening.connection = number;
  opening.site = site.name;
  std::string link_name;
  std::unique_ptr<tmp::LinkStream> stream = open_stream(context.dispatcher, site, opening, link_name);
  if (stream == nullptr) {
    context.metrics.no_backend.add();
    return nullptr;
  }
  std::unique_ptr<TcpTunnel> tunnel(new TcpTunnel(context, site, std::move(on_done)));
  tunnel->record_.client = info.remote.ip.text();
  tunnel->record_.ring = opening.ring;
  tunnel->record_.link = link_name;
  TcpTunnel* raw = tunnel.get();
  tunnel->splice_ = std::make_unique<Splice>(std::move(client), std::move(stream),
                                             [raw](const StreamEnd& end) { raw->end(end.code); });
  return tunnel;
}

TcpTunnel::TcpTunnel(ExchangeContext& context, const Site& site, std::function<void(TcpTunnel&)> on_done)
    : context_(context),
      series_(context.metrics.site(site.name)),
      idle_timeout_(site.idle_timeout),
      began_(context.loop.now()),
      on_done_(std::move(on_done)),
      timer_(context.loop.timers, [this] { on_timeout(); }) {
  record_.time = context.loop.clock.wall();
  record_.site = site.name;
  record_.method = "TCP";
  record_.attempts = 1;
  context_.metrics.exchanges.add(1);
  timer_.arm(began_ + idle_timeout_);
}

void TcpTunnel::abort() {
  splice_->abort(StreamCode::cancelled);
  end(StreamCode::cancelled);
}

void TcpTunnel::on_timeout() {
  const std::uint64_t passed = splice_->left_to_right() + splice_->right_to_left();
  if (std::exchange(passed_before_, passed) == passed) {
    splice_->abort(StreamCode::timed_out);
    end(StreamCode::timed_out);
  } else {
    timer_.arm(context_.loop.now() + idle_timeout_);
  }
}

void TcpTunnel::end(StreamCode code) {
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  context_.metrics.exchanges.add(-1);
  record_.outcome = code == StreamCode::none ? "ok" : stream_code_name(code);
  record_.request_octets = splice_->left_to_right();
  record_.response_octets = splice_->right_to_left();
  record_.total = context_.loop.now() - began_;
  series_.request_octets->add(record_.request_octets);
  series_.response_octets->add(record_.response_octets);
  if (context_.access_log != nullptr) context_.access_log->write(record_);
  on_done_(*this);
}

}  // namespace ringway::frontend
