#include "tmp_protocol/packet_protection.h"

#include <cassert>
#include <utility>

namespace ringway::tmp {

namespace {

// First octets of SHA-256("ringway tmp initial salt").
constexpr std::array<std::uint8_t, 20> kInitialSalt = {0x55, 0x4c, 0x9a, 0xa6, 0x0b, 0xec, 0xb6, 0x4a, 0xc5, 0xdf,
                                                       0xa5, 0xbd, 0x02, 0x53, 0x82, 0x9c, 0xe3, 0x54, 0xa4, 0x60};

constexpr std::uint8_t kDataForm = 0x40;
constexpr std::uint8_t kMaskedBits = 0x1f;
constexpr std::size_t kNumberAt = 9;

std::uint8_t epoch_bits(std::uint8_t first) { return (first >> 3) & 3; }
std::uint8_t phase_bits(std::uint8_t first) { return (first >> 1) & 3; }

std::uint8_t first_octet(std::uint64_t epoch, std::uint64_t phase) {
  return static_cast<std::uint8_t>(kDataForm | (epoch & 3) << 3 | (phase & 3) << 1);
}

Secret handshake_secret(std::uint32_t version, ConnectionId first_destination, End end) {
  std::uint8_t id[kConnectionIdOctets];
  std::uint8_t number[4];
  first_destination.write(id);
  store_u32(number, version);
  const Secret common = hkdf_extract(kInitialSalt, id);
  return derive_secret(common.bytes(), end == End::client ? "tmp client in" : "tmp server in", number);
}

Secret next_secret(const Secret& secret) { return derive_secret(secret.bytes(), "tmp ku"); }

std::array<std::uint8_t, 32> mask_key(Bytes secret, std::size_t octets) {
  std::array<std::uint8_t, 32> key;
  expand_label(secret, "tmp hp", {}, MutableBytes(key).first(octets));
  return key;
}

std::unique_ptr<AeadKey> make_key(Suite suite, Direction direction, const Secret& secret) {
  return std::make_unique<AeadKey>(suite, direction, secret.bytes());
}

}  // namespace

HandshakeKeys::HandshakeKeys(std::uint32_t version, ConnectionId first_destination, End end)
    : sealing_(Suite::aes_128_gcm, Direction::seal, handshake_secret(version, first_destination, end).bytes()),
      opening_(Suite::aes_128_gcm, Direction::open,
               handshake_secret(version, first_destination, end == End::client ? End::server : End::client).bytes()) {}

bool HandshakeKeys::seal(MutableBytes packet, std::size_t header_octets, std::uint32_t number) const {
  assert(packet.size() >= header_octets + kTagOctets);
  return sealing_.seal(0, number, packet.first(header_octets),
                       packet.subspan(header_octets, packet.size() - header_octets - kTagOctets));
}

std::optional<MutableBytes> HandshakeKeys::open(MutableBytes packet, const LongPacket& read) const {
  if (read.protected_octets < kTagOctets) return std::nullopt;
  const MutableBytes frames = packet.subspan(read.header_octets, read.protected_octets - kTagOctets);
  if (!opening_.open(0, read.header.number, packet.first(read.header_octets), frames)) return std::nullopt;
  return frames;
}

LinkSecrets derive_link_secrets(Suite suite, const Secret& exported) {
  LinkSecrets secrets;
  secrets.suite = suite;
  secrets.client = derive_secret(exported.bytes(), "tmp client");
  secrets.server = derive_secret(exported.bytes(), "tmp server");
  return secrets;
}

HeaderMask::HeaderMask(Suite suite, Bytes secret)
    : cipher_(suite, Bytes(mask_key(secret, key_octets(suite))).first(key_octets(suite))) {}

void HeaderMask::flip(MutableBytes packet) const {
  const MaskCipher::Mask mask = cipher_.mask(packet.data() + kDataHeaderOctets);
  packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & kMaskedBits));
  store_u32(packet.data() + kNumberAt, load_u32(packet.data() + kNumberAt) ^ load_u32(mask.data() + 1));
}

SealingKeys::SealingKeys(Suite suite, const Secret& secret)
    : mask_(suite, secret.bytes()), suite_(suite), secret_(secret), key_(make_key(suite, Direction::seal, secret)) {}

bool SealingKeys::seal(MutableBytes packet, ConnectionId destination, std::uint32_t path, std::uint64_t number) {
  assert(packet.size() >= kDataOverheadOctets);
  packet[0] = first_octet(epoch_, phase_);
  destination.write(packet.data() + 1);
  store_u32(packet.data() + kNumberAt, static_cast<std::uint32_t>(number));
  const MutableBytes frames = packet.subspan(kDataHeaderOctets, packet.size() - kDataOverheadOctets);
  if (!key_->seal(path, number, packet.first(kDataHeaderOctets), frames)) return false;
  mask_.flip(packet);
  ++sealed_;
  return true;
}

void SealingKeys::next_phase() {
  ++phase_;
  use(next_secret(secret_));
}

void SealingKeys::next_epoch(Suite suite, const Secret& secret) {
  ++epoch_;
  phase_ = 0;
  suite_ = suite;
  use(secret);
}

void SealingKeys::use(const Secret& secret) {
  secret_ = secret;
  key_ = make_key(suite_, Direction::seal, secret_);
  sealed_ = 0;
}

OpeningKeys::Epoch::Epoch(Suite chosen, const Secret& secret, std::uint64_t epoch_number)
    : number(epoch_number),
      suite(chosen),
      coming_secret(next_secret(secret)),
      current(make_key(chosen, Direction::open, secret)),
      coming(make_key(chosen, Direction::open, coming_secret)) {}

void OpeningKeys::Epoch::advance() {
  ++phase;
  coming_secret = next_secret(coming_secret);
  previous = std::exchange(current, std::exchange(coming, make_key(suite, Direction::open, coming_secret)));
}

AeadKey* OpeningKeys::Epoch::key_for(std::uint8_t bits) const {
  switch ((bits - phase) & 3) {
    case 0: return current.get();
    case 1: return coming.get();
    case 3: return previous.get();
    default: return nullptr;
  }
}

OpeningKeys::OpeningKeys(Suite suite, const Secret& secret)
    : mask_(suite, secret.bytes()), current_(std::make_unique<Epoch>(suite, secret, 0)) {}

OpenedPacket OpeningKeys::open(MutableBytes packet, std::uint32_t path, ReplayWindow& window) {
  OpenedPacket result;
  if (packet.size() < kDataOverheadOctets) return result;
  mask_.flip(packet);
  result.number = expand_number(load_u32(packet.data() + kNumberAt), window.next());
  if (!window.fresh(result.number)) {
    result.status = OpenStatus::replayed;
    return result;
  }
  Epoch* const epoch = epoch_for(epoch_bits(packet[0]));
  const AeadKey* const key = epoch == nullptr ? nullptr : epoch->key_for(phase_bits(packet[0]));
  if (key == nullptr) {
    result.status = OpenStatus::no_key;
    return result;
  }
  result.frames = packet.subspan(kDataHeaderOctets, packet.size() - kDataOverheadOctets);
  if (!key->open(path, result.number, packet.first(kDataHeaderOctets), result.frames)) {
    result.status = OpenStatus::altered;
    return result;
  }
  window.take(result.number);
  result.status = OpenStatus::opened;
  result.step = settle(*epoch, key);
  return result;
}

void OpeningKeys::next_epoch(Suite suite, const Secret& secret) {
  coming_ = std::make_unique<Epoch>(suite, secret, current_->number + 1);
}

void OpeningKeys::forget_previous() {
  previous_.reset();
  current_->previous.reset();
}

OpeningKeys::Epoch* OpeningKeys::epoch_for(std::uint8_t bits) const {
  for (const auto* epoch : {&current_, &coming_, &previous_}) {
    if (*epoch != nullptr && ((*epoch)->number & 3) == bits) return epoch->get();
  }
  return nullptr;
}

KeyStep OpeningKeys::settle(Epoch& epoch, const AeadKey* key) {
  KeyStep step = KeyStep::none;
  if (key == epoch.coming.get()) {
    epoch.advance();
    step = KeyStep::phase;
  }
  if (&epoch == coming_.get()) {
    previous_ = std::exchange(current_, std::move(coming_));
    step = KeyStep::epoch;
  }
  return step;
}

}  // namespace ringway::tmp
