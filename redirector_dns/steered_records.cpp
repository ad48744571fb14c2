#include "redirector_dns/steered_records.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>

#include "redirector_dns/limits.h"
#include "redirector_dns/wire/svc_params.h"

namespace ringway::dns {

namespace {

using Addresses = std::span<const IpAddress>;

constexpr std::size_t kParamHeaderOctets = 4;
// A length, a priority and the target's root; four parameters at most.
static_assert(2 + 2 + 1 + 4 * kParamHeaderOctets + limits::kMaxSteeredAlpnOctets + 2 +
                  limits::kMaxSteeredAddresses * (4 + 16) <=
              std::tuple_size_v<SteeredBuffer>);
static_assert(limits::kMaxSteeredAddresses * (2 + 16) <= std::tuple_size_v<SteeredBuffer>);

class Appender {
 public:
  explicit Appender(SteeredBuffer& buffer) : buffer_(buffer) {}

  void u16(std::size_t value) {
    store_u16(buffer_.data() + size_, static_cast<std::uint16_t>(value));
    size_ += 2;
  }
  void octets(Bytes octets) {
    copy_bytes(octets, buffer_.data() + size_);
    size_ += octets.size();
  }
  void u8(std::size_t value) { buffer_[size_++] = static_cast<std::uint8_t>(value); }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() { size_ = 0; }
  /// Says at `at`, where u16() left room, how much came behind it.
  void set_length(std::size_t at) { store_u16(buffer_.data() + at, static_cast<std::uint16_t>(size_ - at - 2)); }
  [[nodiscard]] Bytes written() const { return Bytes(buffer_).first(size_); }

 private:
  SteeredBuffer& buffer_;
  std::size_t size_ = 0;
};

Bytes octets_of(const IpAddress& address, bool v4) { return v4 ? address.v4_octets() : Bytes(address.octets()); }

Addresses bounded(Addresses addresses) {
  return addresses.first(std::min(addresses.size(), limits::kMaxSteeredAddresses));
}

void append_addresses(Appender& out, Addresses addresses, bool v4) {
  for (const IpAddress& address : bounded(addresses)) {
    const Bytes octets = octets_of(address, v4);
    out.u16(octets.size());
    out.octets(octets);
  }
}

/// False where the list names none.
bool append_alpn(Appender& out, std::string_view list) {
  out.u16(static_cast<std::size_t>(SvcParamKey::alpn));
  const std::size_t length_at = out.size();
  out.u16(0);
  while (!list.empty()) {
    const std::string_view id = list.substr(0, list.find(','));
    list.remove_prefix(std::min(id.size() + 1, list.size()));
    if (id.empty() || out.size() - length_at - 2 + 1 + id.size() > limits::kMaxSteeredAlpnOctets) continue;
    out.u8(id.size());
    out.octets(as_bytes(id));
  }
  out.set_length(length_at);
  return out.size() > length_at + 2;
}

void append_hint(Appender& out, SvcParamKey key, Addresses addresses) {
  if (addresses.empty()) return;
  const bool v4 = key == SvcParamKey::ipv4hint;
  out.u16(static_cast<std::size_t>(key));
  out.u16(bounded(addresses).size() * (v4 ? 4 : 16));
  for (const IpAddress& address : bounded(addresses)) out.octets(octets_of(address, v4));
}

/// Where the name's own addresses are meant: priority 1 and the root as its target (RFC 9460 §2.5).
void append_service(Appender& out, const Steered& steered) {
  out.u16(0);
  out.u16(1);
  out.u8(0);
  if (!append_alpn(out, steered.alpn)) {
    out.clear();
    return;
  }
  if (steered.port != 0) {
    out.u16(static_cast<std::size_t>(SvcParamKey::port));
    out.u16(2);
    out.u16(steered.port);
  }
  append_hint(out, SvcParamKey::ipv4hint, steered.v4);
  append_hint(out, SvcParamKey::ipv6hint, steered.v6);
  out.set_length(0);
}

}  // namespace

Bytes steered_records(const Steered& steered, RecordType type, SteeredBuffer& buffer) {
  Appender out(buffer);
  switch (type) {
    case RecordType::a: append_addresses(out, steered.v4, true); break;
    case RecordType::aaaa: append_addresses(out, steered.v6, false); break;
    case RecordType::https:
    case RecordType::svcb: append_service(out, steered); break;
    default: break;
  }
  return out.written();
}

}  // namespace ringway::dns
