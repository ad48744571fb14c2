// Strangers on UDP. The input is a list of steps, each an octet that says what, then a length of two octets, then
// octets:
//   0 a datagram as it is            1 the same, 1200 octets long and with the authority's MAC
//   2 frames in a right INITIAL      3 time passes, and packets leave
//   4 frames in a right data packet  5 a data packet as it is
// Nobody gets in, no handler is called, and no more than three times the octets that came in leave.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/loop.h"
#include "tmp_protocol/endpoint.h"
#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/identity_maker.h"
#include "tmp_protocol/openssl_random.h"
#include "tmp_protocol/packet_protection.h"
#include "tmp_protocol/varint.h"

namespace {

using namespace ringway;       // NOLINT(google-build-using-namespace)
using namespace ringway::tmp;  // NOLINT(google-build-using-namespace)

constexpr WallTime kWall{std::chrono::hours(24 * 365 * 55)};
constexpr std::uint32_t kKnown[] = {kVersion1};

struct FuzzClock final : Clock {
  Time time{std::chrono::seconds(1)};
  [[nodiscard]] Time now() const override { return time; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return kWall; }
};

struct NobodyComes final : LinkHandler {
  void on_link_up(Link&) override { assert(false); }
  void on_link_down(Link&, const std::string&) override {}
  void on_stream(Link&, std::unique_ptr<LinkStream>, const StreamOpening&) override { assert(false); }
  void on_link_draining(Link&) override { assert(false); }
};

struct CountingSink final : PacketSink {
  std::array<std::uint8_t, limits::kMaxPacketOctets> room{};
  std::uint64_t octets = 0;
  MutableBytes reserve(const Route&, std::size_t wanted) override { return MutableBytes(room).first(wanted); }
  void commit(const Route&, std::size_t written, Ecn) override { octets += written; }
};

std::shared_ptr<const Identity> make_server() {
  SeededRandom random(1);
  const OpensslRandom override(random);
  const auto authority = make_authority(kWall);
  const auto pem = make_identity(*authority, {Role::backend, "host-1"}, kWall);
  return *Identity::from_pem(*pem);
}

std::shared_ptr<const EndpointSettings> make_settings() {
  EndpointSettings settings;
  settings.role = Role::backend;
  settings.identity = make_server();
  settings.accepted_peers = {"pop-1"};
  return std::make_shared<const EndpointSettings>(std::move(settings));
}

class Strangers {
 public:
  explicit Strangers(const std::shared_ptr<const EndpointSettings>& settings)
      : endpoint_(settings, loop_, nobody_), mac_(settings->identity->mac_keys()) {}

  void step(int what, Bytes octets) {
    switch (what) {
      case 0: return send({octets.begin(), octets.end()});
      case 1: return send(with_mac(octets));
      case 2: return send(initial(octets));
      case 3: return pass(octets.size());
      case 4: return data_packet(octets);
      default: return open({octets.begin(), octets.end()});
    }
  }

 private:
  using Octets = std::vector<std::uint8_t>;

  void send(Octets datagram) {
    received_ += datagram.size();
    Datagram one{remote_, 0, datagram};
    endpoint_.receive({&one, 1});
    deferred_.run();
    leave();
  }

  void leave() {
    endpoint_.build(sink_);
    assert(sink_.octets <= 3 * received_);
  }

  void pass(std::size_t tens_of_ms) {
    clock_.time += std::chrono::milliseconds(10 * tens_of_ms);
    timers_.run(clock_.time);
    endpoint_.advance();
    deferred_.run();
    leave();
  }

  [[nodiscard]] Octets with_mac(Bytes octets) const {
    Octets datagram(octets.begin(), octets.end());
    datagram.resize(std::max<std::size_t>(datagram.size() + kMacOctets, limits::kMinPacketOctets));
    mac_.sign(datagram);
    return datagram;
  }

  Octets initial(Bytes frames) {
    LongHeader header;
    header.destination = {0x8394c8f03e515708};
    header.source = {1};
    header.number = number_++;
    const std::size_t size = long_header_octets(header);
    const std::size_t rest = std::max<std::size_t>(frames.size() + size + kTagOctets + kMacOctets, 1200) - size;
    Octets datagram(size + rest);
    write_long_header(header, datagram);
    copy_bytes(frames, datagram.data() + size);
    const HandshakeKeys keys(kVersion1, header.destination, End::client);
    keys.seal(MutableBytes(datagram).first(datagram.size() - kMacOctets), size, header.number);
    mac_.sign(datagram);
    return datagram;
  }

  void data_packet(Bytes frames) {
    Octets packet(kDataOverheadOctets + frames.size());
    copy_bytes(frames, packet.data() + kDataHeaderOctets);
    sealing_.seal(packet, {1}, 0, number_++);
    const OpenedPacket opened = opening_.open(packet, 0, window_);
    assert(opened.status == OpenStatus::opened);
    assert(std::equal(frames.begin(), frames.end(), opened.frames.begin(), opened.frames.end()));
    FrameReader reader(opened.frames);
    while (reader.next()) {
    }
  }

  void open(Octets packet) {
    assert(opening_.open(packet, 0, window_).status != OpenStatus::opened);
    if (const auto read = read_long_packet(packet, kKnown)) {
      assert(read->header_octets + read->protected_octets <= packet.size());
      assert(listed_versions(*read).size() <= kMaxVersions);
    }
  }

  FuzzClock clock_;
  TimerQueue timers_;
  DeferredQueue deferred_;
  SeededRandom random_{2};
  OpensslRandom openssl_{random_};
  Loop loop_{clock_, timers_, deferred_, random_};
  NobodyComes nobody_;
  Endpoint endpoint_;
  AuthorityMac mac_;
  CountingSink sink_;
  SocketAddress remote_ = *SocketAddress::parse("192.0.2.1:4000");
  std::uint64_t received_ = 0;
  std::uint32_t number_ = 0;
  SealingKeys sealing_{Suite::aes_128_gcm, Secret()};
  OpeningKeys opening_{Suite::aes_128_gcm, Secret()};
  ReplayWindow window_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const EndpointSettings> settings = make_settings();
  Strangers strangers(settings);
  FieldReader input({data, size});
  std::uint8_t what = 0;
  Bytes length;
  Bytes octets;
  while (input.u8(what) && input.bytes(2, length)) {
    const std::size_t wanted = load_u16(length.data());
    if (!input.bytes(std::min(wanted, input.remaining()), octets)) break;
    strangers.step(what % 6, octets.first(std::min<std::size_t>(octets.size(), limits::kMaxPacketOctets)));
  }
  return 0;
}
