#pragma once
// The demo's own clients: one that loads pages, one that downloads without end, one that asks ten times a second.

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

class DemoLoad {
 public:
  DemoLoad(net::Worker& worker, const SocketAddress& frontend);
  ~DemoLoad();
  DemoLoad(const DemoLoad&) = delete;
  DemoLoad& operator=(const DemoLoad&) = delete;

  LoadFigures take();

 private:
  class Client;
  class PageLoader;
  class Downloader;
  class Probe;

  net::TcpConnector connector_;
  LoadFigures figures_;
  std::vector<std::unique_ptr<PageLoader>> pages_;
  std::vector<std::unique_ptr<Downloader>> downloads_;
  std::unique_ptr<Probe> probe_;
};

}  // namespace ringway::cli
