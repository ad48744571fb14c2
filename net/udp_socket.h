#pragma once
// Datagrams in batches: recvmmsg with UDP_GRO, sendmmsg with UDP_SEGMENT, plain calls where the kernel has them not.

#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/limits.h"
#include "net/descriptor.h"
#include "net/worker.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::net {

/// The two ECN bits (RFC 3168 §5).
inline constexpr std::uint8_t kEcnNotCapable = 0;
inline constexpr std::uint8_t kEcnCapable = 2;  // ECT(0)

class DatagramHandler {
 public:
  virtual ~DatagramHandler() = default;
  /// The payloads are good until it returns. The socket is not destroyed in this call.
  virtual void on_datagrams(std::span<tmp::Datagram> batch) = 0;
  /// The kernel takes datagrams again after send() returned false.
  virtual void on_sendable() {}
};

/// Whether the kernel may cut and join datagrams for us; off only to test what happens where it cannot.
enum class SegmentOffload : std::uint8_t { probe, off };

/// `single`: each datagram is somebody else's, as a server's are: the kernel has nothing to join or cut, which costs it
/// time with each to find out, and ECN bits are not asked for. Every train is one datagram then.
enum class Traffic : std::uint8_t { trains, single };

struct UdpSettings {
  SocketAddress address;  // port 0: the kernel's choice
  PortUse use = PortUse::exclusive;
  std::size_t buffer_octets = limits::kUdpSocketBufferOctets;  // each way, as far as the kernel allows
  SegmentOffload offload = SegmentOffload::probe;
  Traffic traffic = Traffic::trains;
};

/// Counters since the socket was made.
struct UdpCounters {
  std::uint64_t datagrams_received = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t receive_calls = 0;
  std::uint64_t send_calls = 0;
  std::uint64_t kernel_drops = 0;  // the receive buffer was full
  std::uint64_t refused = 0;       // datagrams the kernel would not send: too large, no route
};

/// Datagrams of one size to one address, one behind the other in memory; only the last may be shorter.
struct Train {
  SocketAddress remote;
  std::uint8_t ecn = kEcnNotCapable;
  std::size_t datagram_octets = 0;
  Bytes payload;  // at most kMaxTrainOctets, of at most kMaxTrainDatagrams
};

inline constexpr std::size_t kMaxTrainOctets = 65000;
inline constexpr std::size_t kMaxTrainDatagrams = 64;

/// The path's MTU is found by the protocol: datagrams are never fragmented. ICMP errors are left alone.
class UdpSocket {
 public:
  static Result<std::unique_ptr<UdpSocket>> open(Worker& worker, const UdpSettings& settings, DatagramHandler& handler);
  /// Of a socket that is bound already, in place of the settings' address; it may be read elsewhere as well.
  static Result<std::unique_ptr<UdpSocket>> adopt(Worker& worker, Descriptor bound, const UdpSettings& settings,
                                                  DatagramHandler& handler);
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket();

  [[nodiscard]] SocketAddress address() const;
  /// Gives the trains to the kernel in order and returns how many it took or refused for good. Where that is
  /// not all, the kernel's buffer is full, and on_sendable() will tell.
  std::size_t send(std::span<const Train> trains);
  [[nodiscard]] bool segments() const;  // UDP_SEGMENT is in use
  [[nodiscard]] bool joins() const;     // UDP_GRO is in use
  /// A system call.
  [[nodiscard]] UdpCounters counters() const;

 private:
  class Impl;
  explicit UdpSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net
