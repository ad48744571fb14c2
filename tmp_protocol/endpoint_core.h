#pragma once
// What an endpoint is inside: the table of connections by slot, the links over them, and the door for strangers.
//
//   endpoint.cpp           the public face         endpoint_receive.cpp   whose datagram is it; the door
//   endpoint_core.cpp      connections and links   endpoint_link.cpp      one lasting link

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tmp_protocol/address_validation.h"
#include "tmp_protocol/connection.h"
#include "tmp_protocol/endpoint.h"
#include "tmp_protocol/endpoint_link.h"

namespace ringway::tmp {

class EndpointCore final : private ConnectionHost {
 public:
  EndpointCore(std::shared_ptr<const EndpointSettings> settings, Loop loop, LinkHandler& handler);
  ~EndpointCore() override;
  EndpointCore(const EndpointCore&) = delete;
  EndpointCore& operator=(const EndpointCore&) = delete;

  Link& add_link(const PeerTarget& target);
  void use_carriers(CarrierDialer& dialer) { dialer_ = &dialer; }
  void on_carrier_up(CarrierId carrier);
  void on_carrier_writable(CarrierId carrier);
  void on_carrier_down(CarrierId carrier, const std::string& reason);
  [[nodiscard]] std::vector<Link*> links() const;
  void receive(std::span<Datagram> batch);
  void advance();
  bool build(PacketSink& sink);
  [[nodiscard]] Time next_timeout() const;
  [[nodiscard]] std::uint64_t stray_datagrams() const { return dropped_; }
  void update(std::shared_ptr<const EndpointSettings> settings);
  void close(const std::string& reason);

  // For its links.
  /// Begins a connection for `link`, which has a target, in the version that the peer asked for last or the best.
  Connection& connect(EndpointLink& link, std::uint32_t version);
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] TimerQueue& timers() { return timers_; }
  [[nodiscard]] LinkHandler& handler() { return handler_; }
  [[nodiscard]] const EndpointSettings& settings() const { return *settings_; }

 private:
  /// One place for a connection; its number is in the connection IDs. Never moves.
  struct Slot {
    Slot(EndpointCore& core, std::uint32_t number);
    std::uint32_t number;
    std::unique_ptr<Connection> connection;
    EndpointLink* link = nullptr;  // null while the peer of an accepted connection is not proven, and after its end
    Timer timer;
    bool awake = false;  // in awake_
  };
  /// An answer to a stranger, until the next build().
  struct Answer {
    Route remote;
    std::size_t octets = 0;
    std::array<std::uint8_t, kMaxAnswerOctets> datagram;
  };

  // ConnectionHost
  void on_connection_wakes(Connection& connection) override;
  void on_connection_up(Connection& connection) override;
  void on_connection_down(Connection& connection, const std::string& reason) override;
  void on_connection_draining(Connection& connection) override;
  void on_connection_peer_expired(Connection& connection) override;
  void on_connection_stream(Connection& connection, std::unique_ptr<LinkStream> stream,
                            const StreamOpening& opening) override;

  void on_connection_travel(Connection& connection, Travel travel, const std::string& reason) override;
  CarrierId on_connection_dials(Connection& connection) override;
  void on_connection_hangs_up(CarrierId carrier) override;

  void use(std::shared_ptr<const EndpointSettings> settings);
  Slot& free_slot();
  void begin(Slot& slot, const ConnectionSetup& setup);
  void wake(Slot& slot);
  template <class Tell>
  void tell_each(const Tell& tell);
  void settle_all();
  void destroy(Slot& slot);
  EndpointLink* link_for(Connection& connection);

  // endpoint_receive.cpp
  void receive(Datagram& datagram);
  void receive_long(Datagram& datagram);
  void receive_initial(Datagram& datagram, const LongPacket& packet);
  void receive_data(Datagram& datagram);
  void receive_stray(const Datagram& datagram, ConnectionId id);
  void accept(Datagram& datagram, const LongPacket& packet);
  [[nodiscard]] Slot* slot_of(ConnectionId id);
  void answer_version(const Datagram& datagram, const LongPacket& packet);
  void answer_retry(const Datagram& datagram, const LongPacket& packet);
  Answer* new_answer(const Route& remote);
  bool send_answers(PacketSink& sink);

  std::shared_ptr<const EndpointSettings> settings_;
  Loop loop_;
  LinkHandler& handler_;
  CarrierDialer* dialer_ = nullptr;  // null: links go by UDP alone
  ConnectionIdCodec ids_;
  ResetTokens reset_tokens_;
  CookieJar cookies_;
  std::shared_ptr<const AuthorityMac> mac_;  // of the present identity

  MemoryBudget receive_budget_{limits::kMaxReceiveOctets};
  TimerQueue timers_;  // its own: next_timeout() covers them
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::unordered_map<ConnectionId, std::uint32_t> by_first_destination_;  // slots whose handshake is under way
  std::vector<std::unique_ptr<EndpointLink>> links_;
  std::vector<Slot*> awake_;  // to be settled and built
  std::vector<Answer> answers_;
  std::size_t accepting_ = 0;  // accepted connections whose peer is not proven
  bool inside_ = false;        // a public function is running: settling comes at its end
  bool settle_posted_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for work posted to the loop
  std::uint64_t dropped_ = 0;                                   // datagrams of no connection
};

}  // namespace ringway::tmp
