#pragma once
// Which link leads to which back-end while settings change: a new one takes the place of an old one when it is up, and
// one that is needed no longer is closed when its last exchange has ended. Nothing in flight breaks.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/loop.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::cli {

class BackendLinks {
 public:
  using ByName = std::map<std::string, tmp::Link*>;
  using Connect = std::function<tmp::Link&(const tmp::PeerTarget&)>;
  using Use = std::function<void(ByName)>;

  /// `connect` makes a link, which outlives this; `use` hears which ones new exchanges take from now on.
  BackendLinks(Loop loop, Connect connect, Use use);

  /// Begins to make links to those of `targets` that there are none to; the next set() takes them.
  void prepare(const std::vector<tmp::PeerTarget>& targets);
  /// Whether all that is prepared is up, or nothing that is in use is.
  [[nodiscard]] bool ready() const;
  /// From now on there are links to exactly these; of two with one name the first counts. A link that is needed no
  /// longer is closed after `leave_limit` at the latest.
  void set(const std::vector<tmp::PeerTarget>& targets, Duration leave_limit);
  /// Closes the link to `name` at once, with what is in flight on it, and makes another.
  void renew(const std::string& name);
  [[nodiscard]] ByName in_use() const;

 private:
  struct Route {
    tmp::Link* link = nullptr;
    tmp::Link* next = nullptr;  // to `address`, not up yet; null: `link` leads there
    SocketAddress address;
  };
  struct Leaving {
    tmp::Link* link = nullptr;
    Time until{};
  };

  [[nodiscard]] Route route_to(const tmp::PeerTarget& target);
  [[nodiscard]] Route new_route_to(const tmp::PeerTarget& target);
  void leave(tmp::Link* link);
  /// Does what can be done now, and comes again while something is left.
  void tend();
  void replace();
  void close_idle();

  Loop loop_;
  Connect connect_;
  Use use_;
  Duration leave_limit_{};
  std::map<std::string, Route> routes_;    // by name
  std::map<std::string, Route> prepared_;  // by name; of none of `routes_`
  std::vector<Leaving> leaving_;
  Timer timer_;
};

}  // namespace ringway::cli
