#pragma once
// The keys of a link that is made, and how they are renewed: by derivation within a phase's packets and minutes, and by
// a whole handshake inside the link every hour, so that a key found later opens no more than an hour.
//
//   epoch e, phase p --packets or minutes, and a packet of the phase was acknowledged--> phase p+1
//   client: an hour --> CRYPTO of epoch e+1 <--> server: done --> seals under e+1 --> client: saw that --> seals under
//   e+1

#include <memory>

#include "base/time.h"
#include "tmp_protocol/handshake.h"
#include "tmp_protocol/packet_protection.h"

namespace ringway::tmp {

class LinkKeys {
 public:
  LinkKeys(End end, const LinkSecrets& secrets, Time now);

  bool seal(MutableBytes packet, ConnectionId destination, std::uint64_t number);
  /// Opens in place. `grace` is how long packets under older keys may still come in (three PTO).
  OpenedPacket open(MutableBytes packet, ReplayWindow& window, Time now, Duration grace);

  /// The peer acknowledged our packets up to `largest`.
  void on_acked(std::uint64_t largest) { phase_acked_ = phase_acked_ || largest >= phase_start_; }
  /// Takes the next phase where it is time.
  void renew(Time now);

  // The handshake inside the link.
  [[nodiscard]] bool rehandshake_due(Time now) const {
    return end_ == End::client && inner_ == nullptr && now >= rehandshake_at_;
  }
  void begin_rehandshake(TlsPeerSettings settings);
  /// Null where none is under way.
  [[nodiscard]] Handshake* rehandshake() const { return inner_.get(); }
  [[nodiscard]] std::uint64_t next_epoch() const { return sealing_.epoch() + 1; }
  /// The handshake is done and gave these.
  void install(const LinkSecrets& secrets, Time now);

  /// Drops old keys when their time is over.
  void advance(Time now);
  [[nodiscard]] Time next_timeout() const;
  [[nodiscard]] std::uint64_t epoch() const { return sealing_.epoch(); }
  [[nodiscard]] std::uint64_t phases() const { return phases_; }

 private:
  [[nodiscard]] const Secret& ours(const LinkSecrets& secrets) const {
    return end_ == End::client ? secrets.client : secrets.server;
  }
  [[nodiscard]] const Secret& theirs(const LinkSecrets& secrets) const {
    return end_ == End::client ? secrets.server : secrets.client;
  }
  void begin_phase(Time now);
  void seal_under_next_epoch(Time now);

  End end_;
  SealingKeys sealing_;
  OpeningKeys opening_;
  std::uint64_t phase_start_ = 0;  // the first packet number of the phase
  Time phase_at_{};                // when the phase began
  bool phase_acked_ = false;
  std::uint64_t phases_ = 0;  // begun since the link was made, epochs included
  Time forget_at_ = kNever;
  Time rehandshake_at_;
  std::unique_ptr<Handshake> inner_;
  std::unique_ptr<LinkSecrets> coming_;  // the client's, until it saw the server use its own
  std::uint64_t next_number_ = 0;        // of the packet sealed last, plus one
};

}  // namespace ringway::tmp
