#pragma once
// Where the peer is: the address that packets go to, what may be sent there before it is proven (RFC 9000 §8.1), and
// the proof of another address that the peer's packets began to come from (RFC 9000 §8.2, §9). Owned by one connection.

#include <array>
#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/time.h"
#include "tmp_protocol/route.h"

namespace ringway::tmp {

using PathChallengeData = std::array<std::uint8_t, 8>;

/// One way to the peer. A carrier proves its address itself.
class Path {
 public:
  enum class Proof : std::uint8_t { unproven, proven };

  Path() = default;
  Path(const Route& remote, Proof proof) : remote_(remote), proven_(proof == Proof::proven || remote.carried()) {}

  [[nodiscard]] const Route& remote() const { return remote_; }
  [[nodiscard]] bool proven() const { return proven_; }
  void prove() { proven_ = true; }

  void on_received(std::size_t octets) { received_octets_ += octets; }
  void on_sent(std::size_t octets) { sent_octets_ += octets; }
  /// How much may leave now: three times what came in while the address is unproven.
  [[nodiscard]] std::uint64_t allowance() const;

 private:
  Route remote_;
  bool proven_ = false;
  std::uint64_t received_octets_ = 0;
  std::uint64_t sent_octets_ = 0;
};

/// Proves an address that the peer seems to have moved to. One at a time: a newer one replaces it.
class PathValidation {
 public:
  /// The newest packet came from `remote`. Starts over unless that address is being proven already.
  void begin(const Route& remote, std::size_t octets, Random& random, Time now);
  /// The same for a way that this end means to take, to an address that it was configured with.
  void begin_trial(const Route& remote, Random& random, Time now);
  [[nodiscard]] bool active() const { return path_.has_value(); }
  [[nodiscard]] Path& path() { return *path_; }

  [[nodiscard]] bool challenge_due(Time now) const { return active() && next_challenge_ <= now && tries_ < kTries; }
  [[nodiscard]] const PathChallengeData& data() const { return data_; }
  /// A challenge left, or the limit did not allow it. The next is due after `interval`, which doubles with each (the
  /// new path may be far longer than the one it was measured on), as often as kTries.
  void on_challenge(Time now, Duration interval);
  /// True where `data` answers the challenge: the address is proven, and this is idle again.
  bool on_response(const PathChallengeData& data);
  /// Gives up what was challenged too often.
  void advance(Time now);
  [[nodiscard]] Time next_timeout() const { return active() ? next_challenge_ : kNever; }
  void cancel() { path_.reset(); }

 private:
  void start(const Path& path, Random& random, Time now);

  static constexpr int kTries = 5;

  std::optional<Path> path_;
  PathChallengeData data_{};
  Time next_challenge_ = kNever;
  int tries_ = 0;
};

}  // namespace ringway::tmp
