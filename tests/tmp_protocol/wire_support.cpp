#include "tests/tmp_protocol/wire_support.h"

#include <fstream>
#include <stdexcept>

namespace ringway::tmp {

namespace {

std::map<std::string, Octets> read_vectors() {
  std::ifstream in(RINGWAY_SOURCE_DIR "/docs/tmp_vectors.txt");
  std::map<std::string, Octets> vectors;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t equals = line.find(" = ");
    if (equals == std::string::npos) throw std::runtime_error("not a vector: " + line);
    vectors[line.substr(0, equals)] = from_hex(std::string_view(line).substr(equals + 3));
  }
  return vectors;
}

bool write_link_frame(const FrameReader& reader, FrameWriter& writer) {
  switch (reader.type()) {
    case FrameType::crypto: return writer.crypto(reader.crypto());
    case FrameType::close: return writer.close(reader.close());
    case FrameType::goaway: return writer.goaway(reader.goaway());
    case FrameType::new_cookie: return writer.new_cookie(reader.new_cookie());
    case FrameType::path_challenge:
    case FrameType::path_response: return writer.path_proof(reader.type(), reader.path_proof().data);
    case FrameType::new_cid: return writer.new_cid(reader.new_cid());
    case FrameType::retire_cid: return writer.retire_cid(reader.retire_cid());
    case FrameType::path_status: return writer.path_status(reader.path_status());
    case FrameType::link_quality: return writer.link_quality(reader.link_quality());
    case FrameType::ack_frequency: return writer.ack_frequency(reader.ack_frequency());
    case FrameType::repair: return writer.repair(reader.repair());
    case FrameType::recovered: return writer.recovered(reader.recovered());
    default: return false;
  }
}

bool write_open_again(const StreamOpenFrame& frame, FrameWriter& writer) {
  StreamOpening opening;
  opening.kind = frame.kind;
  opening.ring = frame.ring;
  opening.connection = frame.connection;
  opening.site = std::string(frame.site);
  return writer.stream_open(frame.id, opening);
}

bool write_ack_again(const FrameReader& reader, FrameWriter& writer) {
  AckInfo info;
  reader.ack_info(info);
  return writer.ack(reader.ack().path, info);
}

const Authority* make_test_authority() {
  const Result<Authority> authority = make_authority(test_time());
  if (!authority) throw std::runtime_error(authority.error().message);
  return new Authority(*authority);
}

}  // namespace

const std::map<std::string, Octets>& wire_vectors() {
  static const std::map<std::string, Octets> vectors = read_vectors();
  return vectors;
}

const Octets& wire_vector(const std::string& name) { return wire_vectors().at(name); }

Octets from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) throw std::runtime_error("odd number of hexadecimal digits");
  Octets octets;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    octets.push_back(static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(at, 2)), nullptr, 16)));
  }
  return octets;
}

Octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

bool write_again(const FrameReader& reader, FrameWriter& writer) {
  switch (reader.type()) {
    case FrameType::padding: writer.padding(1); return true;
    case FrameType::ping: return writer.ping();
    case FrameType::immediate_ack: return writer.immediate_ack();
    case FrameType::ack: return write_ack_again(reader, writer);
    case FrameType::stream: return writer.stream(reader.stream());
    case FrameType::stream_open: return write_open_again(reader.stream_open(), writer);
    case FrameType::reset_stream: return writer.reset_stream(reader.reset_stream());
    case FrameType::stop_sending: return writer.stop_sending(reader.stop_sending());
    case FrameType::priority_update: return writer.priority_update(reader.priority_update());
    case FrameType::max_data:
    case FrameType::max_streams:
    case FrameType::data_blocked:
    case FrameType::streams_blocked: return writer.link_limit(reader.type(), reader.link_limit().limit);
    case FrameType::max_stream_data:
    case FrameType::stream_data_blocked: return writer.stream_limit(reader.type(), reader.stream_limit());
    default: return write_link_frame(reader, writer);
  }
}

const Authority& test_authority() {
  static const Authority* const authority = make_test_authority();
  return *authority;
}

const Authority& other_authority() {
  static const Authority* const authority = make_test_authority();
  return *authority;
}

WallTime test_time() { return WallTime(std::chrono::hours(24 * 365 * 55)); }

IdentityPem test_pem(Role role, const std::string& name, const Authority& authority) {
  const Result<IdentityPem> pem = make_identity(authority, {role, name}, test_time());
  if (!pem) throw std::runtime_error(pem.error().message);
  return *pem;
}

std::shared_ptr<const Identity> test_identity(Role role, const std::string& name, const Authority& authority) {
  const auto identity = Identity::from_pem(test_pem(role, name, authority));
  if (!identity) throw std::runtime_error(identity.error().message);
  return *identity;
}

}  // namespace ringway::tmp
