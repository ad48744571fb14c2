#pragma once
// Writes small databases in MaxMind's format 2.0 (maxmind.github.io/MaxMind-DB), with records of 24 bits.

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "redirector_dns/steering/network.h"

namespace ringway::dns::testing {

// Values as the data section has them.
inline std::string mmdb_head(unsigned type, std::size_t size) {
  const char first = static_cast<char>((type < 8 ? type << 5 : 0) | size);
  return type < 8 ? std::string(1, first) : std::string{first, static_cast<char>(type - 7)};
}
inline std::string mmdb_text(const std::string& text) { return mmdb_head(2, text.size()) + text; }
inline std::string mmdb_number(unsigned type, std::uint64_t value, std::size_t octets) {
  std::string out = mmdb_head(type, octets);
  for (std::size_t i = octets; i-- > 0;) out += static_cast<char>(value >> (8 * i));
  return out;
}
inline std::string mmdb_double(double value) { return mmdb_number(3, std::bit_cast<std::uint64_t>(value), 8); }
inline std::string mmdb_map(const std::map<std::string, std::string>& entries) {
  std::string out = mmdb_head(7, entries.size());
  for (const auto& [key, value] : entries) out += mmdb_text(key) + value;
  return out;
}
/// As City databases have it.
inline std::string mmdb_place(double latitude, double longitude, const std::string& country) {
  return mmdb_map({{"location", mmdb_map({{"latitude", mmdb_double(latitude)}, {"longitude", mmdb_double(longitude)}})},
                   {"country", mmdb_map({{"iso_code", mmdb_text(country)}})}});
}

class MmdbWriter {
 public:
  /// 4 or 6.
  explicit MmdbWriter(unsigned ip_version) : ip_version_(ip_version) {}

  /// None inside another. The same data are written once.
  void add(const steering::Network& network, const std::string& data) {
    std::vector<bool> path;
    if (ip_version_ == 6 && network.family == steering::Family::v4) path.resize(96);
    for (unsigned i = 0; i < network.bits; ++i) path.push_back(((network.first >> (63 - i)) & 1) != 0);
    std::size_t node = 0;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const std::int64_t next = nodes_[node][path[i] ? 1 : 0];
      if (next <= 0) {
        nodes_[node][path[i] ? 1 : 0] = static_cast<std::int64_t>(nodes_.size());
        nodes_.push_back({});
      }
      node = static_cast<std::size_t>(nodes_[node][path[i] ? 1 : 0]);
    }
    nodes_[node][path.back() ? 1 : 0] = -1 - static_cast<std::int64_t>(offset_of(data));
  }
  /// A record that leads to a node, as malformed trees have it.
  void lead(std::size_t node, std::size_t side, std::size_t to) { nodes_[node][side] = static_cast<std::int64_t>(to); }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& node : nodes_) {
      for (const std::int64_t record : node) {
        const std::uint64_t value = record > 0   ? static_cast<std::uint64_t>(record)
                                    : record < 0 ? nodes_.size() + 16 + static_cast<std::uint64_t>(-1 - record)
                                                 : nodes_.size();
        for (const unsigned shift : {16U, 8U, 0U}) out += static_cast<char>(value >> shift);
      }
    }
    return out + std::string(16, '\0') + data_ + "\xab\xcd\xefMaxMind.com" + metadata();
  }

 private:
  std::size_t offset_of(const std::string& data) {
    const auto [at, added] = offsets_.emplace(data, data_.size());
    if (added) data_ += data;
    return at->second;
  }
  [[nodiscard]] std::string metadata() const {
    return mmdb_map({{"binary_format_major_version", mmdb_number(5, 2, 1)},
                     {"binary_format_minor_version", mmdb_number(5, 0, 1)},
                     {"build_epoch", mmdb_number(9, 1'700'000'000, 4)},
                     {"database_type", mmdb_text("Test-City")},
                     {"description", mmdb_map({})},
                     {"ip_version", mmdb_number(5, ip_version_, 1)},
                     {"languages", mmdb_head(11, 0)},
                     {"node_count", mmdb_number(6, nodes_.size(), 4)},
                     {"record_size", mmdb_number(5, 24, 1)}});
  }

  unsigned ip_version_;
  std::vector<std::array<std::int64_t, 2>> nodes_ = {{}};  // 0: nothing; above: a node; below: data
  std::string data_;
  std::map<std::string, std::size_t> offsets_;
};

}  // namespace ringway::dns::testing
