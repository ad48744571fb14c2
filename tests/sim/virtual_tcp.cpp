#include "tests/sim/virtual_tcp.h"

#include <utility>

namespace ringway::sim {

namespace {

/// One side of a connection. What happens on the wire holds it; its stream is only a handle.
struct Side : std::enable_shared_from_this<Side> {
  Side(Node& home, Duration way) : node(home), delay(way) {}

  Node& node;
  Duration delay;
  std::weak_ptr<Side> peer;
  ByteStreamHandler* handler = nullptr;
  std::size_t outstanding = 0;  // written here, not consumed there
  std::size_t unconsumed = 0;   // delivered here, not consumed here
  bool was_full = false;
  bool finished = false;  // wrote its end
  bool dead = false;

  /// Runs `work` at the peer, one way later; in the order of the calls.
  void tell_peer(std::function<void(Side&)> work) {
    const std::shared_ptr<Side> other = peer.lock();
    if (other == nullptr) return;
    node.network().after(delay, [other, work = std::move(work)] {
      other->node.post([other, work] {
        if (!other->dead) work(*other);
      });
    });
  }

  void die_from_afar(StreamCode code) {
    dead = true;
    if (ByteStreamHandler* heard = std::exchange(handler, nullptr)) heard->on_abort({code, "virtual connection reset"});
  }

  void die() {
    if (std::exchange(dead, true)) return;
    handler = nullptr;
    tell_peer([](Side& other) { other.die_from_afar(StreamCode::connection_failed); });
  }

  void arrive(Slice data) {
    unconsumed += data.size();
    if (handler == nullptr) return consume(data.size());  // lingering: dropped
    handler->on_data(std::move(data));
  }

  void consume(std::size_t count) {
    unconsumed -= count;
    tell_peer([count](Side& other) {
      other.outstanding -= count;
      if (other.handler == nullptr || other.outstanding >= kPipeWindowOctets) return;
      if (std::exchange(other.was_full, false)) other.handler->on_writable();
    });
  }
};

class PipeEnd final : public ByteStream {
 public:
  explicit PipeEnd(std::shared_ptr<Side> side) : side_(std::move(side)) {}
  ~PipeEnd() override {
    side_->handler = nullptr;
    if (!side_->finished) side_->die();
  }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  void set_handler(ByteStreamHandler* handler) override { side_->handler = handler; }
  void write(Slice data) override {
    if (side_->dead || side_->finished || data.empty()) return;
    side_->outstanding += data.size();
    if (writable() == 0) side_->was_full = true;
    side_->tell_peer([data](Side& other) { other.arrive(data); });
  }
  void write(ByteQueue& data) override {
    while (!data.empty()) write(data.pop_front());
  }
  [[nodiscard]] std::size_t writable() const override {
    return side_->outstanding < kPipeWindowOctets ? kPipeWindowOctets - side_->outstanding : 0;
  }
  void finish() override {
    if (side_->dead || std::exchange(side_->finished, true)) return;
    side_->tell_peer([](Side& other) {
      if (other.handler != nullptr) other.handler->on_end();
    });
  }
  void stop(StreamCode /*code*/) override {}
  void abort(StreamCode /*code*/) override { side_->die(); }
  void consumed(std::size_t count) override {
    if (!side_->dead) side_->consume(count);
  }

 private:
  std::shared_ptr<Side> side_;
};

std::pair<std::shared_ptr<Side>, std::shared_ptr<Side>> make_sides(Node& near, Node& far, Duration delay) {
  auto one = std::make_shared<Side>(near, delay);
  auto other = std::make_shared<Side>(far, delay);
  one->peer = other;
  other->peer = one;
  return {one, other};
}

}  // namespace

Pipe make_pipe(Node& near, Node& far, Duration delay) {
  auto [one, other] = make_sides(near, far, delay);
  // Each side's stream holds its side; what is on the way to a side holds it as well.
  return {std::make_unique<PipeEnd>(one), std::make_unique<PipeEnd>(other)};
}

std::unique_ptr<ByteStream> VirtualConnector::connect(const SocketAddress& address, const TlsClientSettings* /*tls*/,
                                                      ByteStreamHandler& handler) {
  const auto found = servers_.servers_.find(address);
  Node& home = found == servers_.servers_.end() ? node_ : *found->second.node;
  const auto sides = make_sides(node_, home, delay_);
  const std::shared_ptr<Side>& near = sides.first;
  const std::shared_ptr<Side>& far = sides.second;
  auto stream = std::make_unique<PipeEnd>(near);
  stream->set_handler(&handler);
  VirtualServers* servers = &servers_;
  near->tell_peer([far, address, servers](Side& there) {
    const auto server = servers->servers_.find(address);
    if (server == servers->servers_.end()) {
      there.die();
      return;
    }
    server->second.accept(std::make_unique<PipeEnd>(far));
    there.tell_peer([](Side& here) {
      if (here.handler != nullptr) here.handler->on_open();
    });
  });
  return stream;
}

}  // namespace ringway::sim
