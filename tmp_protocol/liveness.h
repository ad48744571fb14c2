#pragma once
// Whether the peer is there: when to ask (keepalive), and when to give it up. One for each connection.
//
//   heard --nothing sent or heard for a while--> PING --no answer, probes go on--> given up

#include <algorithm>

#include "base/limits.h"
#include "base/time.h"

namespace ringway::tmp {

class Liveness {
 public:
  explicit Liveness(Time now) : last_heard_(now) {}

  /// An authentic packet came in.
  void on_heard(Time now) {
    last_heard_ = now;
    waiting_since_ = kNever;
  }
  /// It says that packets from here arrive.
  void on_answered() { unanswered_since_ = kNever; }
  /// A packet that must be acknowledged left.
  void on_asked(Time now) {
    if (waiting_since_ == kNever) waiting_since_ = now;
    if (unanswered_since_ == kNever) unanswered_since_ = now;
  }

  /// When a PING keeps the path open, where the connection has been silent; `interval` is how long that may be.
  [[nodiscard]] Time ping_at(Duration interval) const {
    return waiting_since_ == kNever ? last_heard_ + interval : kNever;  // probes ask already
  }
  /// When the peer is given up, unless it is heard before.
  [[nodiscard]] Time dead_at() const {
    return waiting_since_ == kNever ? kNever : waiting_since_ + limits::kPeerSilenceLimit;
  }
  /// For how long the peer owes an answer.
  [[nodiscard]] Duration silence(Time now) const {
    return waiting_since_ == kNever ? Duration{} : now - waiting_since_;
  }
  /// Since when nothing that was asked is answered, though the peer may be heard; kNever where nothing is open.
  [[nodiscard]] Time unanswered_since() const { return unanswered_since_; }
  [[nodiscard]] Time last_heard() const { return last_heard_; }

 private:
  Time last_heard_;
  Time waiting_since_ = kNever;
  Time unanswered_since_ = kNever;
};

}  // namespace ringway::tmp
