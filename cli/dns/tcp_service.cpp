#include "cli/dns/tcp_service.h"

#include <algorithm>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::cli {

namespace {

constexpr std::size_t kLengthOctets = 2;
constexpr std::size_t kMaxMessageOctets = 65535;

/// Who has one IPv6 address has the whole /64.
IpAddress holder_of(const IpAddress& address) {
  if (address.is_v4()) return address;
  std::array<std::uint8_t, 16> octets = address.octets();
  std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
  return IpAddress::v6(octets);
}

}  // namespace

class TcpService::Session final : public ByteStreamHandler {
 public:
  Session(TcpService& service, std::unique_ptr<ByteStream> stream, const IpAddress& remote)
      : service_(service),
        stream_(std::move(stream)),
        remote_(remote),
        limit_(service.worker_.loop().timers, [this] { service_.end(*this); }) {
    stream_->set_handler(this);
    wait();
  }

  void on_data(Slice data) override {
    received_.append(std::move(data));
    answer();
  }
  void on_end() override {
    ended_ = true;
    answer();
  }
  void on_writable() override { answer(); }
  void on_stop(StreamCode /*code*/) override { service_.end(*this); }
  void on_abort(const StreamEnd& /*end*/) override { service_.end(*this); }

  [[nodiscard]] const IpAddress& remote() const { return remote_; }

 private:
  /// Part of a query counts for nothing: only a whole one earns more time.
  void wait() { limit_.arm(service_.worker_.now() + limits::kDnsTcpIdle); }

  /// As many as are there, and as their answers find room.
  void answer() {
    while (received_.size() >= kLengthOctets && stream_->writable() > 0) {
      std::uint8_t length[kLengthOctets];
      received_.copy_out(0, length);
      const std::size_t octets = load_u16(length);
      if (octets > limits::kMaxDnsQueryOctets) return service_.end(*this);
      if (received_.size() < kLengthOctets + octets) break;
      answer_one(octets);
    }
    if (ended_ && stream_->writable() > 0) finish();
  }

  void answer_one(std::size_t octets) {
    const MutableBytes query = MutableBytes(service_.query_).first(octets);
    received_.copy_out(kLengthOctets, query);
    received_.remove_prefix(kLengthOctets + octets);
    stream_->consumed(kLengthOctets + octets);
    const MutableBytes out = MutableBytes(service_.answer_).subspan(kLengthOctets);
    const dns::Reply reply = service_.answerer_.answer({remote_, dns::Transport::tcp}, query, out);
    if (reply.octets == 0) return;
    store_u16(service_.answer_.data(), static_cast<std::uint16_t>(reply.octets));
    ByteQueue framed;
    framed.append(Bytes(service_.answer_).first(kLengthOctets + reply.octets));
    stream_->write(framed);
    wait();
  }

  void finish() {
    stream_->finish();
    service_.end(*this);
  }

  TcpService& service_;
  std::unique_ptr<ByteStream> stream_;
  IpAddress remote_;
  ByteQueue received_;
  bool ended_ = false;  // the peer asks no more
  Timer limit_;
};

TcpService::TcpService(net::Worker& worker, Answerer& answerer)
    : worker_(worker),
      answerer_(answerer),
      query_(limits::kMaxDnsQueryOctets),
      answer_(kLengthOctets + kMaxMessageOctets) {}

TcpService::~TcpService() { listener_.reset(); }

Result<std::unique_ptr<TcpService>> TcpService::open(net::Worker& worker, net::Descriptor bound, Answerer& answerer) {
  std::unique_ptr<TcpService> service(new TcpService(worker, answerer));
  net::ListenSettings settings;
  settings.max_connections = limits::kMaxDnsTcpConnections;
  auto listener = net::Listener::adopt(worker, std::move(bound), settings, *service);
  if (!listener) return listener.error();
  service->listener_ = std::move(*listener);
  return service;
}

void TcpService::on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) {
  std::size_t& of_holder = by_holder_[holder_of(info.remote.ip)];
  if (of_holder >= limits::kMaxDnsTcpPerAddress) {
    ++hung_up_;
    return;
  }
  ++of_holder;
  auto session = std::make_unique<Session>(*this, std::move(stream), info.remote.ip);
  Session* const key = session.get();
  sessions_.emplace(key, std::move(session));
}

/// It may be on the call stack.
void TcpService::end(Session& session) {
  const auto found = sessions_.find(&session);
  if (found == sessions_.end()) return;
  const auto of_holder = by_holder_.find(holder_of(session.remote()));
  if (--of_holder->second == 0) by_holder_.erase(of_holder);
  worker_.loop().deferred.destroy(std::move(found->second));
  sessions_.erase(found);
}

}  // namespace ringway::cli
