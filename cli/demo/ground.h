#pragma once
// What is not Ringway in the demo: three origins, the distance between front-ends and back-ends, and clients. All of it
// on a worker and a thread of its own; the functions here are called from another one, and wait for it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "cli/demo/load.h"
#include "cli/demo/origin.h"
#include "net/udp_relay.h"
#include "net/worker.h"

namespace ringway::cli {

class DemoGround {
 public:
  static Result<std::unique_ptr<DemoGround>> open(const net::RelayPath& path);
  DemoGround(const DemoGround&) = delete;
  DemoGround& operator=(const DemoGround&) = delete;
  ~DemoGround();

  [[nodiscard]] const std::vector<SocketAddress>& origins() const { return origin_addresses_; }
  /// Where front-ends reach the back-end at `backend` from afar.
  Result<SocketAddress> add_distance(const SocketAddress& backend);
  /// Where clients go from now on. They begin when they are first told.
  void set_frontends(std::vector<LoadTarget> frontends);
  /// How many of them load pages.
  void set_crowd(std::size_t clients);
  LoadFigures take_figures();

 private:
  explicit DemoGround(const net::RelayPath& path) : path_(path) {}
  /// Runs `work` on the worker and waits for its end.
  void run(const std::function<void()>& work);
  Status open_origins();

  net::RelayPath path_;
  std::unique_ptr<net::Worker> worker_;
  std::vector<std::unique_ptr<DemoOrigin>> origins_;
  std::vector<SocketAddress> origin_addresses_;
  std::vector<std::unique_ptr<net::UdpRelay>> relays_;
  std::unique_ptr<DemoLoad> load_;
};

}  // namespace ringway::cli
