#include "tmp_protocol/link_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "tmp_protocol/packet.h"
#include "tmp_protocol/varint.h"

namespace ringway::tmp {

namespace {

enum Parameter : std::uint64_t {
  kVersions = 1,
  kMaxStreams = 2,
  kMaxLinkReceive = 3,
  kMaxStreamReceive = 4,
  kMaxPacket = 5,
  kMaxAckDelay = 6,
  kResetToken = 7,
  kKnownParameters = 8
};

constexpr std::uint64_t kLongestAckDelayUs = 1'000'000;

void append_varint(std::vector<std::uint8_t>& out, std::uint64_t value) {
  std::uint8_t octets[8];
  out.insert(out.end(), octets, write_varint(octets, value));
}

void append_octets(std::vector<std::uint8_t>& out, Parameter parameter, Bytes value) {
  append_varint(out, parameter);
  append_varint(out, value.size());
  out.insert(out.end(), value.begin(), value.end());
}

void append_number(std::vector<std::uint8_t>& out, Parameter parameter, std::uint64_t value) {
  std::uint8_t octets[8];
  append_octets(out, parameter, {octets, write_varint(octets, std::min(value, kMaxVarint))});
}

bool read_number(Bytes value, std::uint64_t& out) {
  FieldReader reader(value);
  return reader.varint(out) && reader.empty();
}

bool read_versions(Bytes value, std::vector<std::uint32_t>& out) {
  if (value.empty() || value.size() % 4 != 0 || value.size() > 4 * kMaxVersions) return false;
  out.clear();
  for (std::size_t at = 0; at < value.size(); at += 4) out.push_back(load_u32(value.data() + at));
  return true;
}

bool read_token(Bytes value, ResetToken& out) {
  if (value.size() != out.size()) return false;
  copy_bytes(value, out.data());
  return true;
}

bool read_ack_delay(Bytes value, Duration& out) {
  std::uint64_t count = 0;
  if (!read_number(value, count) || count > kLongestAckDelayUs) return false;
  out = std::chrono::microseconds(count);
  return true;
}

bool read_parameter(std::uint64_t parameter, Bytes value, LinkParameters& out) {
  switch (parameter) {
    case kVersions: return read_versions(value, out.versions);
    case kMaxStreams: return read_number(value, out.max_streams);
    case kMaxLinkReceive: return read_number(value, out.max_link_receive_octets);
    case kMaxStreamReceive: return read_number(value, out.max_stream_receive_octets);
    case kMaxPacket:
      return read_number(value, out.max_packet_octets) && out.max_packet_octets >= limits::kMinPacketOctets;
    case kMaxAckDelay: return read_ack_delay(value, out.max_ack_delay);
    case kResetToken: return read_token(value, out.reset_token);
    default: return true;
  }
}

}  // namespace

std::vector<std::uint8_t> encode(const LinkParameters& parameters) {
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> versions(4 * std::min(parameters.versions.size(), kMaxVersions));
  for (std::size_t at = 0; at < versions.size(); at += 4) store_u32(versions.data() + at, parameters.versions[at / 4]);
  append_octets(out, kVersions, versions);
  append_number(out, kMaxStreams, parameters.max_streams);
  append_number(out, kMaxLinkReceive, parameters.max_link_receive_octets);
  append_number(out, kMaxStreamReceive, parameters.max_stream_receive_octets);
  append_number(out, kMaxPacket, parameters.max_packet_octets);
  const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(parameters.max_ack_delay).count();
  append_number(out, kMaxAckDelay, static_cast<std::uint64_t>(std::max<std::int64_t>(delay, 0)));
  append_octets(out, kResetToken, parameters.reset_token);
  return out;
}

Result<LinkParameters> decode_link_parameters(Bytes encoded) {
  LinkParameters parameters;
  FieldReader reader(encoded);
  unsigned seen = 0;
  while (!reader.empty()) {
    std::uint64_t parameter = 0;
    Bytes value;
    if (!reader.varint(parameter) || !reader.prefixed(value)) return link_error("SETTINGS are cut short");
    const unsigned bit = parameter < kKnownParameters ? 1U << parameter : 0;
    if ((seen & bit) != 0) return link_error(fmt::format("SETTINGS name parameter {} twice", parameter));
    seen |= bit;
    if (!read_parameter(parameter, value, parameters)) {
      return link_error(fmt::format("SETTINGS give parameter {} a senseless value", parameter));
    }
  }
  for (std::uint64_t parameter = kVersions; parameter < kKnownParameters; ++parameter) {
    if ((seen & (1U << parameter)) == 0) return link_error(fmt::format("SETTINGS lack parameter {}", parameter));
  }
  return parameters;
}

}  // namespace ringway::tmp
