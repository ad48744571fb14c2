#include "cli/link_fan.h"

#include <utility>

namespace ringway::cli {

std::size_t LinkFan::streams() const {
  std::size_t count = 0;
  for (const auto& [link, hosts] : hosts_) {
    for (const auto& host : hosts) count += host == nullptr ? 0 : host->streams();
  }
  return count;
}

void LinkFan::on_link_up(tmp::Link& link) {
  first_.on_link_up(link);
  if (!hosts_.contains(&link)) hosts_.emplace(&link, make_hosts(link));
  tell(link, [](net::RemoteLinkHost& host) { host.link_up(); });
}

void LinkFan::on_link_down(tmp::Link& link, const std::string& reason) {
  first_.on_link_down(link, reason);
  tell(link, [&reason](net::RemoteLinkHost& host) { host.link_down(reason); });
}

void LinkFan::on_link_draining(tmp::Link& link) {
  first_.on_link_draining(link);
  tell(link, [](net::RemoteLinkHost& host) { host.link_draining(); });
}

void LinkFan::on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) {
  const std::size_t worker = deal_(opening);
  if (worker == 0) return first_.on_stream(link, std::move(stream), opening);
  const auto found = hosts_.find(&link);
  net::RemoteLinkHost* const host = found == hosts_.end() ? nullptr : found->second[worker - 1].get();
  if (host == nullptr) return stream->abort(StreamCode::refused);
  host->give(std::move(stream), opening);
}

LinkFan::Hosts LinkFan::make_hosts(tmp::Link& link) {
  Hosts hosts;
  for (std::size_t worker = 1; worker < team_.size(); ++worker) hosts.push_back(make_host(link, worker));
  return hosts;
}

std::unique_ptr<net::RemoteLinkHost> LinkFan::make_host(tmp::Link& link, std::size_t worker) {
  auto channel = net::LinkChannel::make();
  if (channel == nullptr) {
    log_.error("no descriptors left: a worker goes without this link", {{"peer", link.peer()}});
    return nullptr;
  }
  team_.post(worker, [this, worker, end = End{&link, link.peer(), channel}] { join_(worker, end); });
  return std::make_unique<net::RemoteLinkHost>(team_.at(0), link, channel);
}

void LinkFan::tell(tmp::Link& link, const std::function<void(net::RemoteLinkHost&)>& news) {
  const auto found = hosts_.find(&link);
  if (found == hosts_.end()) return;
  for (const auto& host : found->second) {
    if (host != nullptr) news(*host);
  }
}

}  // namespace ringway::cli
