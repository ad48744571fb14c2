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
