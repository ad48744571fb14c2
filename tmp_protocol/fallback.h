#pragma once
// When the end that made a link leaves UDP for a carrier, and when it comes back. Decides only: the connection moves.
//
//              no answer over UDP                  the carrier is up
//   +--------+ -----------------> +-----------+ ---------------------> +-----------+
//   | direct |                    |  dialing  |                        |  carried  | --UDP is tried again and again
//   +--------+ <----------------- +-----------+                        +-----------+ <-------+
//     ^    ^    UDP answers, or no carrier   ^                           |    |              | no answer over UDP
//     |    |                                 | the carrier is lost       |    |              |
//     |    |                                 +---------------------------+    | full echoes  |
//     |    | the carrier is not needed any more          +----------+ <-------+              |
//     |    +---------------------------------------------| returned |------------------------+
//     +--------------------------------------------------+----------+

#include <cstdint>

#include "base/limits.h"
#include "base/random.h"
#include "base/time.h"
#include "tmp_protocol/route.h"

namespace ringway::tmp {

class Fallback {
 public:
  enum class Phase : std::uint8_t { direct, dialing, carried, returned };

  explicit Fallback(Random& random) : random_(random) {}

  [[nodiscard]] Phase phase() const { return phase_; }
  /// The carrier that is being made or is up; kNoCarrier where there is none.
  [[nodiscard]] CarrierId carrier() const { return carrier_; }

  /// When to leave UDP, where an answer has been owed since `waiting_since` and may take `patience`.
  [[nodiscard]] Time leaves_at(Time waiting_since, Duration patience) const;
  /// A carrier is being made; kNoCarrier where none is to be had.
  void on_dialed(CarrierId carrier, Time now);
  /// True where this is the carrier that is waited for: the link is carried from now on.
  bool on_up(CarrierId carrier, Time now);
  /// True where the link is carried by it: it goes by UDP until there is another.
  bool on_down(CarrierId carrier, Time now);
  /// In phase `returned`: UDP does not pass after all.
  void on_carried_again(Time now);
  /// A packet came by UDP.
  void on_udp_heard() { peer_returned_ = true; }
  /// A packet came by UDP that says that others arrive: nobody waits for a carrier that is not up yet. Returns the one
  /// to be given up, or kNoCarrier.
  CarrierId on_udp_answers();

  /// When to try UDP, while carried.
  [[nodiscard]] Time trial_at() const { return phase_ == Phase::carried ? trial_at_ : kNever; }
  /// One began, and ends with on_echo() or on_no_echo().
  void on_trial() { trial_at_ = kNever; }
  /// A full-size echo came by UDP. True where these were enough: the link goes by UDP from now on.
  bool on_echo(Time now);
  void on_no_echo(Time now);
  /// When phase `returned` ends: the carrier may go where the peer answered by UDP as well, or carries again.
  [[nodiscard]] Time hang_up_at() const { return phase_ == Phase::returned ? keep_until_ : kNever; }
  [[nodiscard]] bool peer_returned() const { return peer_returned_; }
  /// Direct again; returns the carrier to be given up.
  CarrierId hang_up();

 private:
  void carry(Time now);
  void plan_trial(Time now);

  Random& random_;
  Phase phase_ = Phase::direct;
  CarrierId carrier_ = kNoCarrier;
  Time dial_at_ = kNever;   // because a carrier was lost
  Time dial_not_before_{};  // so that they are not dialled in a loop
  Time trial_at_ = kNever;
  Duration trial_pause_ = limits::kMinUdpTrialPause;
  int echoes_ = 0;
  Time returned_at_{};
  Time keep_until_ = kNever;
  bool peer_returned_ = false;
};

}  // namespace ringway::tmp
