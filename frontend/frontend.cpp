#include "frontend/frontend.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ringway::frontend {

Frontend::Frontend(std::shared_ptr<const Settings> settings, Loop loop, Metrics& metrics, http::AccessLog* access_log,
                   std::uint32_t first_number, std::uint32_t step)
    : metrics_(metrics),
      context_{ExchangeContext{loop, {}, RequestIds(loop.random), metrics_, access_log}, {}, false},
      number_(first_number),
      step_(step) {
  update(std::move(settings));
}

Frontend::~Frontend() = default;

void Frontend::update(std::shared_ptr<const Settings> settings) {
  context_.snapshot.sites = std::make_shared<const SiteTable>(*settings);
  context_.snapshot.settings = std::move(settings);
}

void Frontend::set_links(std::map<std::string, tmp::Link*> links) {
  context_.exchanges.dispatcher.set_links(std::move(links));
}

void Frontend::accept_http(std::unique_ptr<ByteStream> stream, const ClientInfo& client) {
  metrics_.accepted.add();
  metrics_.connections.add(1);
  auto connection = std::make_unique<ClientConnection>(context_, std::move(stream), client, next_number(),
                                                       [this](ClientConnection& done) { retire(http_, done); });
  ClientConnection* key = connection.get();
  http_.emplace(key, std::move(connection));
}

void Frontend::accept_tcp(const std::string& site, std::unique_ptr<ByteStream> stream, const ClientInfo& client) {
  const std::vector<Site>& sites = context_.snapshot.settings->sites;
  const auto found = std::find_if(sites.begin(), sites.end(), [&](const Site& one) { return one.name == site; });
  if (found == sites.end() || context_.draining) {
    stream->abort(StreamCode::refused);
    return;
  }
  metrics_.accepted.add();
  auto tunnel = TcpTunnel::open(context_.exchanges, *found, std::move(stream), client, next_number(),
                                [this](TcpTunnel& done) { retire(tcp_, done); });
  if (tunnel == nullptr) return;
  metrics_.connections.add(1);
  TcpTunnel* key = tunnel.get();
  tcp_.emplace(key, std::move(tunnel));
}

void Frontend::drain() {
  context_.draining = true;
  std::vector<ClientConnection*> open;
  open.reserve(http_.size());
  for (const auto& [key, connection] : http_) open.push_back(key);
  for (ClientConnection* connection : open) connection->drain();
}

void Frontend::abort_all() {
  std::vector<ClientConnection*> open;
  for (const auto& [key, connection] : http_) open.push_back(key);
  for (ClientConnection* connection : open) connection->abort();
  std::vector<TcpTunnel*> tunnels;
  for (const auto& [key, tunnel] : tcp_) tunnels.push_back(key);
  for (TcpTunnel* tunnel : tunnels) tunnel->abort();
}

bool Frontend::ready() const {
  const std::vector<Site>& sites = context_.snapshot.settings->sites;
  return !context_.draining && std::all_of(sites.begin(), sites.end(), [this](const Site& site) {
    return context_.exchanges.dispatcher.choose(site, {}) != nullptr;
  });
}

void Frontend::on_link_up(tmp::Link& link) { context_.exchanges.dispatcher.clear_draining(link); }

void Frontend::on_link_down(tmp::Link& link, const std::string& /*reason*/) {
  context_.exchanges.dispatcher.clear_draining(link);
}

void Frontend::on_link_draining(tmp::Link& link) { context_.exchanges.dispatcher.set_draining(link); }

/// Back-ends open no streams towards front-ends.
void Frontend::on_stream(tmp::Link& /*link*/, std::unique_ptr<tmp::LinkStream> stream,
                         const tmp::StreamOpening& /*opening*/) {
  stream->abort(StreamCode::refused);
}

template <class Connection>
void Frontend::retire(ConnectionSet<Connection>& from, Connection& connection) {
  metrics_.connections.add(-1);
  const auto at = from.find(&connection);
  context_.exchanges.loop.deferred.destroy(std::move(at->second));
  from.erase(at);
}

std::uint32_t Frontend::next_number() {
  const std::uint32_t number = number_;
  number_ += step_;
  return number;
}

}  // namespace ringway::frontend
