#include "net/udp_relay.h"

#include <algorithm>
#include <unordered_map>

#include "net/udp_socket.h"

namespace ringway::net {

namespace {

void send_one(UdpSocket& socket, const SocketAddress& remote, const RelayPipe::Item& item) {
  const Train train{remote, item.ecn, item.octets.size(), item.octets};
  socket.send({&train, 1});  // a full kernel buffer is one more loss
}

SocketAddress any_like(const SocketAddress& address) {
  return {address.ip.is_v4() ? IpAddress::v4({0, 0, 0, 0}) : IpAddress(), 0};
}

}  // namespace

class UdpRelay::Impl final : public DatagramHandler {
 public:
  Impl(Worker& worker, const RelaySettings& settings)
      : worker_(worker),
        server_(settings.server),
        to_server_(settings.seed),
        to_client_(settings.seed + 1),
        timer_(worker.loop().timers, [this] { pass_on(); }) {
    set_path(settings.path);
  }

  Status start(const SocketAddress& listen) {
    UdpSettings settings;
    settings.address = listen;
    Result<std::unique_ptr<UdpSocket>> socket = UdpSocket::open(worker_, settings, *this);
    if (!socket) return socket.error();
    socket_ = std::move(*socket);
    return {};
  }

  void on_datagrams(std::span<tmp::Datagram> batch) override {
    for (const tmp::Datagram& datagram : batch) {
      Client* client = find_client(datagram.remote.address);
      if (client == nullptr) continue;
      client->heard = worker_.now();
      to_server_.put(worker_.now(), datagram.remote.address, datagram.ecn, datagram.payload);
    }
    arm();
  }

  void set_path(const RelayPath& path) {
    to_server_.set_path(path);
    to_client_.set_path(path);
  }

  [[nodiscard]] SocketAddress address() const { return socket_->address(); }
  [[nodiscard]] const RelayPipe& to_server() const { return to_server_; }
  [[nodiscard]] const RelayPipe& to_client() const { return to_client_; }

 private:
  /// A socket of its own for each client, so that the server's answers tell whose they are.
  struct Client final : public DatagramHandler {
    Client(Impl& owner, const SocketAddress& own) : relay(owner), address(own) {}
    void on_datagrams(std::span<tmp::Datagram> batch) override {
      for (const tmp::Datagram& datagram : batch) {
        if (datagram.remote.address != relay.server_) continue;
        relay.to_client_.put(relay.worker_.now(), address, datagram.ecn, datagram.payload);
      }
      relay.arm();
    }

    Impl& relay;
    SocketAddress address;
    Time heard{};
    std::unique_ptr<UdpSocket> socket;
  };

  Client* find_client(const SocketAddress& address) {
    const auto found = clients_.find(address);
    if (found != clients_.end()) return found->second.get();
    if (clients_.size() >= kRelayMaxClients) drop_silent_client();
    auto client = std::make_unique<Client>(*this, address);
    UdpSettings settings;
    settings.address = any_like(server_);
    Result<std::unique_ptr<UdpSocket>> socket = UdpSocket::open(worker_, settings, *client);
    if (!socket) return nullptr;
    client->socket = std::move(*socket);
    return clients_.emplace(address, std::move(client)).first->second.get();
  }

  void drop_silent_client() {
    const auto longest = std::min_element(clients_.begin(), clients_.end(), [](const auto& left, const auto& right) {
      return left.second->heard < right.second->heard;
    });
    clients_.erase(longest);
  }

  void pass_on() {
    const Time now = worker_.now();
    while (to_server_.next() <= now) {
      const RelayPipe::Item item = to_server_.take();
      const auto client = clients_.find(item.client);
      if (client != clients_.end()) send_one(*client->second->socket, server_, item);
    }
    while (to_client_.next() <= now) {
      const RelayPipe::Item item = to_client_.take();
      send_one(*socket_, item.client, item);
    }
    arm();
  }

  void arm() { timer_.arm(std::min(to_server_.next(), to_client_.next())); }

  Worker& worker_;
  SocketAddress server_;
  RelayPipe to_server_;
  RelayPipe to_client_;
  Timer timer_;
  std::unique_ptr<UdpSocket> socket_;
  std::unordered_map<SocketAddress, std::unique_ptr<Client>> clients_;
};

Result<std::unique_ptr<UdpRelay>> UdpRelay::open(Worker& worker, const RelaySettings& settings) {
  auto impl = std::make_unique<Impl>(worker, settings);
  const Status started = impl->start(settings.listen);
  if (!started) return started.error();
  return std::unique_ptr<UdpRelay>(new UdpRelay(std::move(impl)));
}

UdpRelay::UdpRelay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UdpRelay::~UdpRelay() = default;

SocketAddress UdpRelay::address() const { return impl_->address(); }
void UdpRelay::set_path(const RelayPath& path) { impl_->set_path(path); }
const RelayCounters& UdpRelay::to_server() const { return impl_->to_server().counters(); }
const RelayCounters& UdpRelay::to_client() const { return impl_->to_client().counters(); }

}  // namespace ringway::net
