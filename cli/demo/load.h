#pragma once
// The demo's own clients: some that load pages, two that download without end, one that asks ten times a second. Each
// comes from one of the networks that it is told of, and goes where that one's clients are sent. The first half of them
// is the east, where crowds come from.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/connector.h"
#include "net/worker.h"

namespace ringway::cli {

/// Since the last time they were taken.
struct LoadFigures {
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  std::vector<double> page_ms;   // from the page's request to its last object
  std::vector<double> probe_ms;  // of ring 0
};

/// Where the clients of one network go.
struct LoadTarget {
  IpAddress from;
  SocketAddress frontend;
};

class DemoLoad {
 public:
  explicit DemoLoad(net::Worker& worker);
  ~DemoLoad();
  DemoLoad(const DemoLoad&) = delete;
  DemoLoad& operator=(const DemoLoad&) = delete;

  /// The clients begin with the first of these. An empty one changes nothing.
  void set_targets(std::vector<LoadTarget> targets);
  /// How many load pages; 2 at first, one of them in the west. All others are in the east.
  void set_crowd(std::size_t clients);
  LoadFigures take();

 private:
  class Client;
  class PageLoader;
  class Downloader;
  class Probe;

  /// For the client that stands there among all, from 0 to 1.
  [[nodiscard]] const LoadTarget& target_at(double place) const;
  net::TcpConnector& connector_from(const IpAddress& source);
  void begin();

  net::Worker& worker_;
  std::map<IpAddress, net::TcpConnector> connectors_;  // by where they connect from
  std::vector<LoadTarget> targets_;
  std::size_t crowd_ = 2;
  LoadFigures figures_;
  std::vector<std::unique_ptr<PageLoader>> pages_;
  std::vector<std::unique_ptr<Downloader>> downloads_;
  std::unique_ptr<Probe> probe_;
};

}  // namespace ringway::cli
