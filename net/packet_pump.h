#pragma once
// Between a UDP socket and whatever turns datagrams into datagrams: hands batches in, gathers what is built into
// trains of one size and one address, and keeps the engine's time-outs.

#include <memory>
#include <span>
#include <vector>

#include "net/udp_socket.h"
#include "net/worker.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::net {

/// What tmp::Endpoint does, as far as sockets are concerned; see there.
class PacketEngine {
 public:
  virtual ~PacketEngine() = default;
  virtual void receive(std::span<tmp::Datagram> batch) = 0;
  virtual void advance() = 0;
  virtual bool build(tmp::PacketSink& sink) = 0;
  [[nodiscard]] virtual Time next_timeout() const = 0;
};

class PacketPump final : private DatagramHandler, private TurnTask, private tmp::PacketSink {
 public:
  /// The worker and the engine outlive it.
  static Result<std::unique_ptr<PacketPump>> open(Worker& worker, const UdpSettings& udp, PacketEngine& engine);
  PacketPump(const PacketPump&) = delete;
  PacketPump& operator=(const PacketPump&) = delete;
  ~PacketPump() override;

  [[nodiscard]] const UdpSocket& socket() const { return *socket_; }
  /// Builds and sends what may leave now; also at the end of each turn.
  void flush();

 private:
  PacketPump(Worker& worker, PacketEngine& engine);

  void on_datagrams(std::span<tmp::Datagram> batch) override;
  void on_sendable() override;
  void end_turn() override;
  [[nodiscard]] Time next_deadline() const override;
  MutableBytes reserve(const tmp::Route& remote, std::size_t octets) override;
  void commit(const tmp::Route& remote, std::size_t octets, tmp::Ecn ecn) override;

  [[nodiscard]] bool joins_last_train(const SocketAddress& remote, std::size_t octets, std::uint8_t ecn) const;
  /// Gives the batch to the kernel; what it does not take waits for on_sendable().
  void submit();

  Worker& worker_;
  PacketEngine& engine_;
  std::unique_ptr<UdpSocket> socket_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t used_ = 0;
  std::vector<Train> trains_;
  std::size_t submitted_ = 0;  // of the trains
  bool more_ = false;          // the engine had more than a turn's batches
};

}  // namespace ringway::net
