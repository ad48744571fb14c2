#pragma once
// One carrier: datagrams in a TLS connection between two gateways (docs/tmp.md, "Carriers"). It holds no more unsent
// than about limits::kCarrierUnsentOctets above what the kernel does.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/byte_stream.h"
#include "net/worker.h"
#include "tmp_protocol/carrier_frames.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::net {

class Carrier;

/// What the owner of carriers hears; it may close the carrier in any of these calls, and not destroy it.
class CarrierOwner {
 public:
  virtual ~CarrierOwner() = default;
  virtual void on_carrier_open(Carrier& carrier) = 0;
  /// The payloads are good until it returns.
  virtual void on_carrier_datagrams(Carrier& carrier, std::span<tmp::Datagram> batch) = 0;
  /// There is room again, after reserve() had none.
  virtual void on_carrier_room(Carrier& carrier) = 0;
  /// It is closed: by the peer or the network, or because what came in is no carrier's.
  enum class Fault : std::uint8_t { none, nonsense };
  virtual void on_carrier_lost(Carrier& carrier, Fault fault, const std::string& reason) = 0;
};

class Carrier final : private ByteStreamHandler {
 public:
  /// The owner and the worker outlive it.
  Carrier(CarrierOwner& owner, Worker& worker, const tmp::Route& route);
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  ~Carrier() override = default;

  /// What it runs over, whose handler this becomes: one that is open, or one that is being made.
  void take_open(std::unique_ptr<ByteStream> stream);
  void take_opening(std::unique_ptr<ByteStream> stream);
  [[nodiscard]] ByteStreamHandler& handler() { return *this; }

  [[nodiscard]] const tmp::Route& route() const { return route_; }
  /// When the last datagram came, or the carrier was made.
  [[nodiscard]] Time heard() const { return heard_; }

  /// Room for a datagram; empty where it is full: then on_carrier_room() follows.
  MutableBytes reserve(std::size_t octets);
  /// The first `octets` of the last reservation are a datagram.
  void commit(std::size_t octets);
  /// Hands on what was committed.
  void flush();
  /// There is always room from now on: for last words.
  void lift_limit() { limited_ = false; }
  /// What was handed on still leaves. Nothing more is heard of it.
  void close();

 private:
  void on_open() override;
  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& end) override;
  void lose(CarrierOwner::Fault fault, const std::string& reason);

  CarrierOwner& owner_;
  Worker& worker_;
  tmp::Route route_;
  std::unique_ptr<ByteStream> stream_;  // null once closed
  bool open_ = false;
  bool awaited_ = false;  // reserve() had no room
  bool limited_ = true;
  tmp::CarrierReader reader_;
  ByteQueue built_;  // since the last flush()
  Time heard_;
};

}  // namespace ringway::net
