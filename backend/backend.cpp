#include "backend/backend.h"

#include <utility>

namespace ringway::backend {

Backend::Backend(std::shared_ptr<const Settings> settings, Loop loop, Connector& connector, http::AccessLog* access_log)
    : context_{loop, access_log}, connector_(connector) {
  update(std::move(settings));
}

Backend::~Backend() = default;

void Backend::update(std::shared_ptr<const Settings> settings) {
  const bool same_limits = settings_ != nullptr && settings_->responses == settings->responses;
  settings_ = std::move(settings);
  // Exchanges in flight hold what they use.
  const auto before = std::exchange(sites_, {});
  for (const Site& site : settings_->sites) {
    const auto found = before.find(site.name);
    const bool kept = same_limits && found != before.end() && found->second->become(site);
    sites_[site.name] =
        kept ? found->second : std::make_shared<SiteService>(site, settings_->responses, context_.loop, connector_);
  }
}

void Backend::on_link_up(tmp::Link& /*link*/) {}
void Backend::on_link_down(tmp::Link& /*link*/, const std::string& /*reason*/) {}
void Backend::on_link_draining(tmp::Link& /*link*/) {}

void Backend::on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) {
  const auto found = sites_.find(opening.site);
  const bool tcp = opening.kind == tmp::StreamKind::tcp;
  if (found == sites_.end() || !found->second->admits(link.peer()) ||
      (found->second->settings().protocol == SiteProtocol::tcp) != tcp) {
    ++counters_.refused;
    stream->abort(StreamCode::refused);
    return;
  }
  ++counters_.exchanges;
  if (tcp) {
    auto exchange = std::make_unique<TcpExchange>(context_, found->second, std::move(stream), opening,
                                                  [this](TcpExchange& done) { retire(tcp_, done); });
    TcpExchange& started = *exchange;
    tcp_.emplace(&started, std::move(exchange));
    started.start();
  } else {
    auto exchange = std::make_unique<HttpExchange>(context_, found->second, std::move(stream), opening, link.peer(),
                                                   [this](HttpExchange& done) { retire(http_, done); });
    HttpExchange* key = exchange.get();
    http_.emplace(key, std::move(exchange));
  }
}

template <class Exchange>
void Backend::retire(ExchangeSet<Exchange>& from, Exchange& exchange) {
  const auto at = from.find(&exchange);
  context_.loop.deferred.destroy(std::move(at->second));
  from.erase(at);
}

}  // namespace ringway::backend
