#pragma once
// Sealing and opening packets in place, and the life of their keys (docs/tmp.md, "Protection"). Each direction has its
// own keys and moves on by itself:
//
//   epoch 0 ── full handshake inside the link, hourly ──▶ epoch 1 ─▶ ...
//   inside an epoch: phase 0 ── next_phase(), at least every 2^22 packets ──▶ phase 1 ─▶ ...
//
// The header of a packet names both (modulo 4), so the receiver never guesses. One thread at a time.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/packet.h"
#include "tmp_protocol/replay_window.h"

namespace ringway::tmp {

/// Packets that one key seals at most before the sender moves on; RFC 9001 §6.6 allows AES-GCM twice as many.
inline constexpr std::uint64_t kMaxPacketsPerPhase = 1ULL << 22;

/// Keys of INITIAL and HANDSHAKE packets, from the client's first destination ID: against damage and strangers off the
/// path only, as in RFC 9001 §5.2. TLS inside protects itself.
class HandshakeKeys {
 public:
  HandshakeKeys(std::uint32_t version, ConnectionId first_destination, End end);

  /// `packet` is the header, the frames, and kTagOctets for the tag.
  bool seal(MutableBytes packet, std::size_t header_octets, std::uint32_t number) const;
  /// The frames, in place; nothing where the packet was altered. `packet` is what `read` was read from.
  [[nodiscard]] std::optional<MutableBytes> open(MutableBytes packet, const LongPacket& read) const;

 private:
  AeadKey sealing_;
  AeadKey opening_;
};

/// What the two ends of one epoch seal with.
struct LinkSecrets {
  Suite suite = Suite::aes_128_gcm;
  Secret client;
  Secret server;
};

/// From the 32 octets that TLS exported.
LinkSecrets derive_link_secrets(Suite suite, const Secret& exported);

/// Hides the packet number and the low bits of the first octet (RFC 9001 §5.4). One for each direction as long as the
/// link lives: the receiver must know it before it knows the epoch.
class HeaderMask {
 public:
  HeaderMask(Suite suite, Bytes secret);
  /// Puts the mask on, or takes it off; `packet` is at least kDataOverheadOctets.
  void flip(MutableBytes packet) const;

 private:
  MaskCipher cipher_;
};

/// What this end sends under.
class SealingKeys {
 public:
  /// Epoch 0, phase 0.
  SealingKeys(Suite suite, const Secret& secret);

  /// `packet` is kDataHeaderOctets, which this fills, the frames, and kTagOctets for the tag.
  bool seal(MutableBytes packet, ConnectionId destination, std::uint32_t path, std::uint64_t number);

  /// Packets sealed with the present key.
  [[nodiscard]] std::uint64_t sealed() const { return sealed_; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  /// Moves to the next phase. Only after the peer acknowledged a packet of the present one: it has then dropped none
  /// that it needs and holds the next.
  void next_phase();
  /// Moves to the next epoch's secret. The server does so when its handshake is done, the client when it has opened a
  /// packet of that epoch (KeyStep::epoch).
  void next_epoch(Suite suite, const Secret& secret);

 private:
  void use(const Secret& secret);

  HeaderMask mask_;
  Suite suite_;
  Secret secret_;
  std::unique_ptr<AeadKey> key_;
  std::uint64_t epoch_ = 0;
  std::uint64_t phase_ = 0;
  std::uint64_t sealed_ = 0;
};

enum class OpenStatus : std::uint8_t {
  opened,
  cut,       // shorter than a packet can be
  replayed,  // its number was taken already, or is too old
  no_key,    // of an epoch or phase that is gone or not yet known
  altered,   // authentication failed
};

/// What a packet told about the peer's keys, besides its content.
enum class KeyStep : std::uint8_t {
  none,
  phase,  // first packet of the peer's next phase
  epoch,  // first packet of the peer's next epoch
};

struct OpenedPacket {
  OpenStatus status = OpenStatus::cut;
  KeyStep step = KeyStep::none;
  std::uint64_t number = 0;
  MutableBytes frames;  // in place
};

/// What the peer sends under. The key of the next phase is made ahead, so that time tells a stranger nothing.
class OpeningKeys {
 public:
  OpeningKeys(Suite suite, const Secret& secret);

  /// Opens a data packet in place and takes its number from `window`, the one of `path`.
  OpenedPacket open(MutableBytes packet, std::uint32_t path, ReplayWindow& window);

  /// The epoch that the peer was last seen to use.
  [[nodiscard]] std::uint64_t epoch() const { return current_->number; }
  /// Makes the next epoch's packets readable. The present ones stay so. Not twice before the peer has moved on.
  void next_epoch(Suite suite, const Secret& secret);
  [[nodiscard]] bool next_epoch_known() const { return coming_ != nullptr; }
  /// Drops the keys before the present ones: three PTO after a KeyStep other than none.
  void forget_previous();
  [[nodiscard]] bool previous_kept() const { return previous_ != nullptr || current_->previous != nullptr; }

 private:
  struct Epoch {
    Epoch(Suite suite, const Secret& secret, std::uint64_t number);
    void advance();
    AeadKey* key_for(std::uint8_t phase_bits) const;

    std::uint64_t number;
    std::uint64_t phase = 0;
    Suite suite;
    Secret coming_secret;  // of the key `coming`
    std::unique_ptr<AeadKey> previous;
    std::unique_ptr<AeadKey> current;
    std::unique_ptr<AeadKey> coming;
  };
  Epoch* epoch_for(std::uint8_t epoch_bits) const;
  KeyStep settle(Epoch& epoch, const AeadKey* key);

  HeaderMask mask_;
  std::unique_ptr<Epoch> previous_;
  std::unique_ptr<Epoch> current_;
  std::unique_ptr<Epoch> coming_;
};

}  // namespace ringway::tmp
