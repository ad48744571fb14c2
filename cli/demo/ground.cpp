#include "cli/demo/ground.h"

#include <future>
#include <thread>
#include <utility>

namespace ringway::cli {

Result<std::unique_ptr<DemoGround>> DemoGround::open(const net::RelayPath& path) {
  std::unique_ptr<DemoGround> ground(new DemoGround(path));
  auto worker = net::Worker::make(1);
  if (!worker) return worker.error();
  ground->worker_ = std::move(*worker);
  const Status opened = ground->open_origins();
  if (!opened) return opened.error();
  ground->load_ = std::make_unique<DemoLoad>(*ground->worker_);
  ground->worker_->start();
  return ground;
}

Status DemoGround::open_origins() {
  for (const char* name : {"origin-a", "origin-b", "origin-c"}) {
    auto origin = DemoOrigin::open(*worker_, name);
    if (!origin) return origin.error();
    origin_addresses_.push_back((*origin)->address());
    origins_.push_back(std::move(*origin));
  }
  return {};
}

DemoGround::~DemoGround() {
  if (load_ == nullptr) return;
  worker_->stop();
  worker_->join();
}

void DemoGround::run(const std::function<void()>& work) {
  std::promise<void> done;
  const auto task = [&] {
    work();
    done.set_value();
  };
  while (!worker_->post(task)) std::this_thread::yield();
  done.get_future().wait();
}

Result<SocketAddress> DemoGround::add_distance(const SocketAddress& backend) {
  net::RelaySettings settings;
  settings.listen = {IpAddress::v4({127, 0, 0, 1}), 0};
  settings.server = backend;
  settings.path = path_;
  settings.seed = relays_.size() + 1;
  Status opened;
  run([&] {
    auto relay = net::UdpRelay::open(*worker_, settings);
    if (relay) {
      relays_.push_back(std::move(*relay));
    } else {
      opened = relay.error();
    }
  });
  if (!opened) return opened.error();
  return relays_.back()->address();
}

void DemoGround::set_frontends(std::vector<LoadTarget> frontends) {
  run([&] { load_->set_targets(std::move(frontends)); });
}

void DemoGround::set_crowd(std::size_t clients) {
  run([&] { load_->set_crowd(clients); });
}

LoadFigures DemoGround::take_figures() {
  LoadFigures figures;
  run([&] { figures = load_->take(); });
  return figures;
}

}  // namespace ringway::cli
