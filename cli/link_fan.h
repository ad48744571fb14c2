#pragma once
// The links of a gateway live on its first worker. The fan gives each of the other workers an end of every link, and
// tells all of them what happens to it.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "cli/worker_team.h"
#include "net/remote_link_host.h"
#include "tmp_protocol/link.h"

namespace ringway::cli {

class LinkFan final : public tmp::LinkHandler {
 public:
  /// A worker's end of a link, for which `link` stands there and is nothing else than its name.
  struct End {
    const tmp::Link* link = nullptr;
    std::string peer;
    std::shared_ptr<net::LinkChannel> channel;
  };
  /// Takes it: called on that worker, once for each link.
  using Join = std::function<void(std::size_t worker, const End& end)>;
  /// Which worker gets a stream that a peer opened.
  using Deal = std::function<std::size_t(const tmp::StreamOpening& opening)>;

  /// `first` is the room of the first worker, which has the links themselves. All outlive the fan.
  LinkFan(WorkerTeam& team, Log& log, tmp::LinkHandler& first, Join join, Deal deal)
      : team_(team), log_(log), first_(first), join_(std::move(join)), deal_(std::move(deal)) {}

  /// Streams that other workers use now, or whose last octets they have not passed on.
  [[nodiscard]] std::size_t streams() const;

  void on_link_up(tmp::Link& link) override;
  void on_link_down(tmp::Link& link, const std::string& reason) override;
  void on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) override;
  void on_link_draining(tmp::Link& link) override;

 private:
  /// One link's ends: of worker 1, worker 2, …; null where the process had no descriptor left.
  using Hosts = std::vector<std::unique_ptr<net::RemoteLinkHost>>;

  Hosts make_hosts(tmp::Link& link);
  std::unique_ptr<net::RemoteLinkHost> make_host(tmp::Link& link, std::size_t worker);
  void tell(tmp::Link& link, const std::function<void(net::RemoteLinkHost&)>& news);

  WorkerTeam& team_;
  Log& log_;
  tmp::LinkHandler& first_;
  Join join_;
  Deal deal_;
  std::map<tmp::Link*, Hosts> hosts_;  // of every link that was ever up
};

}  // namespace ringway::cli
