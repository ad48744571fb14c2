#pragma once
// The demo's own clients: some that load pages, two that download without end, one that asks ten times a second. Each
// goes to one of the front-ends that it is told of, by their weights, and to another one only where these ask for it.

#include <cstdint>
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

/// A front-end, and how much of all that is new should go there.
struct LoadTarget {
  SocketAddress address;
  double weight = 1;
};

class DemoLoad {
 public:
  explicit DemoLoad(net::Worker& worker);
  ~DemoLoad();
  DemoLoad(const DemoLoad&) = delete;
  DemoLoad& operator=(const DemoLoad&) = delete;

  /// The clients begin with the first of these. An empty one changes nothing.
  void set_targets(std::vector<LoadTarget> targets);
  /// How many load pages; 1 at first.
  void set_crowd(std::size_t clients);
  LoadFigures take();

 private:
  class Client;
  class PageLoader;
  class Downloader;
  class Probe;

  /// For the client that stands there among all, from 0 to 1.
  [[nodiscard]] const SocketAddress& target_at(double place) const;
  void begin();

  net::Worker& worker_;
  net::TcpConnector connector_;
  std::vector<LoadTarget> targets_;
  std::size_t crowd_ = 1;
  LoadFigures figures_;
  std::vector<std::unique_ptr<PageLoader>> pages_;
  std::vector<std::unique_ptr<Downloader>> downloads_;
  std::unique_ptr<Probe> probe_;
};

}  // namespace ringway::cli
