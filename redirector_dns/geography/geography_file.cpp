#include "redirector_dns/geography/geography_file.h"

#include <fmt/format.h>
#include <maxminddb.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "redirector_dns/geography/network_joiner.h"
#include "redirector_dns/limits.h"

namespace ringway::dns {

namespace {

using steering::ClientPlan;
using steering::Family;
using steering::Network;

constexpr unsigned kAddressBits = 128;
constexpr unsigned kV4Bits = 96;  // where IPv4 addresses begin in a tree of IPv6 ones
/// How coarsely all of it may be taken, at the last: 16 degrees, and networks of 16 and 32 bits.
constexpr unsigned kCoarsest = 4;
constexpr double kLastLatitude = 90;
constexpr double kLastLongitude = 180;

/// Closes the database.
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path) {
    auto database = std::make_unique<Database>();
    const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database->mmdb_);
    if (status != MMDB_SUCCESS) return internal_error(fmt::format("{}: {}", path, MMDB_strerror(status)));
    database->open_ = true;
    return database;
  }
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (open_) MMDB_close(&mmdb_);
  }
  [[nodiscard]] const MMDB_s& get() const { return mmdb_; }

 private:
  MMDB_s mmdb_{};
  bool open_ = false;
};

/// What is taken of a network: coordinates in steps of so many degrees.
struct Spot {
  bool placed = false;
  int latitude = 0;
  int longitude = 0;
  std::string area;
  friend auto operator<=>(const Spot&, const Spot&) = default;
};

/// A record of the tree: where it leads.
struct Record {
  std::uint8_t type = MMDB_RECORD_TYPE_EMPTY;
  std::uint64_t node = 0;
  MMDB_entry_s entry{};
};

/// Networks in several ways into one tree: what IPv6 has for IPv4 addresses (RFC 4380, RFC 3056).
bool is_alias(const Network& network) {
  if (network.family == Family::v4) return false;
  const std::uint64_t head = network.first >> 32;
  return (network.bits == 16 && head == 0x2002'0000) || (network.bits == 32 && (head == 0x2001'0000 || head == 0));
}

/// One walk through a database, in the order of addresses.
class Walk {
 public:
  Walk(const MMDB_s& mmdb, unsigned coarseness)
      : mmdb_(mmdb),
        step_(1 << coarseness),
        finest_v4_(limits::kFinestCellV4 - 2 * coarseness),
        finest_v6_(limits::kFinestCellV6 - 4 * coarseness),
        visits_left_(std::uint64_t{4} * mmdb.metadata.node_count + kAddressBits) {}

  /// MMDB_SUCCESS, or what is wrong.
  int run() {
    const bool v6 = mmdb_.metadata.ip_version == 6;
    Record v4;
    int status = MMDB_SUCCESS;
    if (!v6) {
      v4 = {MMDB_RECORD_TYPE_SEARCH_NODE, 0, {}};
    } else if (mmdb_.ipv4_start_node.netmask == kV4Bits && mmdb_.ipv4_start_node.node_value < node_count()) {
      v4 = {MMDB_RECORD_TYPE_SEARCH_NODE, mmdb_.ipv4_start_node.node_value, {}};
    }
    status = visit(Network{Family::v4, 0, 0}, v4);
    if (status != MMDB_SUCCESS || !v6) return status;
    return visit(Network{Family::v6, 0, 0}, {MMDB_RECORD_TYPE_SEARCH_NODE, 0, {}});
  }

  [[nodiscard]] bool too_many() const { return joiner_.size() > limits::kMaxGeographyNetworks + kAddressBits; }

  [[nodiscard]] std::vector<ClientPlan> clients() const {
    std::vector<ClientPlan> clients;
    clients.reserve(joiner_.joined().size());
    for (const ValuedNetwork& each : joiner_.joined()) {
      const Spot& spot = *spots_[each.value];
      ClientPlan& client = clients.emplace_back();
      client.network = each.network;
      client.area = spot.area;
      if (spot.placed) client.place = place_of(spot);
    }
    return clients;
  }

 private:
  [[nodiscard]] std::uint32_t node_count() const { return mmdb_.metadata.node_count; }
  [[nodiscard]] unsigned finest(Family family) const { return family == Family::v4 ? finest_v4_ : finest_v6_; }

  int visit(const Network& network, Record record) {
    if (record.type == MMDB_RECORD_TYPE_EMPTY || too_many() || is_alias(network)) return MMDB_SUCCESS;
    if (record.type == MMDB_RECORD_TYPE_SEARCH_NODE && network.bits == finest(network.family)) {
      const int status = find_any(record);
      if (status != MMDB_SUCCESS || record.type == MMDB_RECORD_TYPE_EMPTY) return status;
    }
    if (record.type == MMDB_RECORD_TYPE_DATA) return take(network, record.entry);
    Record left;
    Record right;
    const int status = read(record, left, right);
    if (status != MMDB_SUCCESS) return status;
    const unsigned bits = network.bits + 1U;
    const std::uint64_t half = std::uint64_t{1} << (64 - bits);
    const int of_left = visit(Network::around(network.family, network.first, bits), left);
    if (of_left != MMDB_SUCCESS) return of_left;
    return visit(Network::around(network.family, network.first | half, bits), right);
  }

  /// What stands first in a node. A tree that leads back into itself is malformed.
  int find_any(Record& record) {
    while (record.type == MMDB_RECORD_TYPE_SEARCH_NODE) {
      Record left;
      Record right;
      const int status = read(record, left, right);
      if (status != MMDB_SUCCESS) return status;
      record = left.type == MMDB_RECORD_TYPE_EMPTY ? right : left;
    }
    return MMDB_SUCCESS;
  }

  int read(const Record& record, Record& left, Record& right) {
    if (record.type != MMDB_RECORD_TYPE_SEARCH_NODE || visits_left_ == 0) return MMDB_CORRUPT_SEARCH_TREE_ERROR;
    --visits_left_;
    MMDB_search_node_s node{};
    const int status = MMDB_read_node(&mmdb_, static_cast<std::uint32_t>(record.node), &node);
    left = {node.left_record_type, node.left_record, node.left_record_entry};
    right = {node.right_record_type, node.right_record, node.right_record_entry};
    return status;
  }

  int take(const Network& network, const MMDB_entry_s& entry) {
    const auto known = by_offset_.find(entry.offset);
    if (known != by_offset_.end()) {
      joiner_.add(network, known->second);
      return MMDB_SUCCESS;
    }
    Spot spot;
    const int status = read_spot(entry, spot);
    if (status != MMDB_SUCCESS) return status;
    const auto [at, added] = by_spot_.emplace(std::move(spot), static_cast<std::uint32_t>(spots_.size()));
    if (added) spots_.push_back(&at->first);
    by_offset_.emplace(entry.offset, at->second);
    joiner_.add(network, at->second);
    return MMDB_SUCCESS;
  }

  int read_spot(const MMDB_entry_s& entry, Spot& spot) const {
    std::optional<double> latitude;
    std::optional<double> longitude;
    MMDB_entry_data_s country{};
    for (const int status : {read_number(entry, "latitude", latitude), read_number(entry, "longitude", longitude),
                             read_value(entry, "country", "iso_code", country)}) {
      if (status != MMDB_SUCCESS) return status;
    }
    if (latitude && longitude && std::abs(*latitude) <= kLastLatitude && std::abs(*longitude) <= kLastLongitude) {
      spot.placed = true;
      spot.latitude = static_cast<int>(std::lround(*latitude / step_));
      spot.longitude = static_cast<int>(std::lround(*longitude / step_));
    }
    if (country.has_data && country.type == MMDB_DATA_TYPE_UTF8_STRING && country.data_size == 2) {
      spot.area.assign(country.utf8_string, country.data_size);
    }
    return MMDB_SUCCESS;
  }

  static int read_number(const MMDB_entry_s& entry, const char* name, std::optional<double>& out) {
    MMDB_entry_data_s value{};
    const int status = read_value(entry, "location", name, value);
    if (!value.has_data) return status;
    if (value.type == MMDB_DATA_TYPE_DOUBLE) out = value.double_value;
    if (value.type == MMDB_DATA_TYPE_FLOAT) out = static_cast<double>(value.float_value);
    return status;
  }

  /// What is not there is no error.
  static int read_value(MMDB_entry_s entry, const char* outer, const char* inner, MMDB_entry_data_s& out) {
    const char* const path[] = {outer, inner, nullptr};
    const int status = MMDB_aget_value(&entry, &out, path);
    if (status != MMDB_SUCCESS) out.has_data = false;
    return status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ? MMDB_SUCCESS : status;
  }

  [[nodiscard]] steering::Location place_of(const Spot& spot) const {
    return {std::clamp<double>(spot.latitude * step_, -kLastLatitude, kLastLatitude),
            std::clamp<double>(spot.longitude * step_, -kLastLongitude, kLastLongitude)};
  }

  const MMDB_s& mmdb_;
  int step_;  // degrees
  unsigned finest_v4_;
  unsigned finest_v6_;
  std::uint64_t visits_left_;
  std::map<Spot, std::uint32_t> by_spot_;
  std::vector<const Spot*> spots_;
  std::unordered_map<std::uint32_t, std::uint32_t> by_offset_;
  NetworkJoiner joiner_;
};

/// Networks that come in order; of those inside one another only the outermost is looked at.
class Outermost {
 public:
  void add(const Network& network) {
    if (!contains(network)) last_ = network;
  }
  /// Whether one of them is around `network`, which is not before the last of them.
  [[nodiscard]] bool contains(const Network& network) const { return last_ && last_->contains(network); }

 private:
  std::optional<Network> last_;
};

}  // namespace

Result<std::vector<ClientPlan>> read_geography(const std::string& path) {
  const auto database = Database::open(path);
  if (!database) return database.error();
  for (unsigned coarseness = 0; coarseness <= kCoarsest; ++coarseness) {
    Walk walk((*database)->get(), coarseness);
    const int status = walk.run();
    if (status != MMDB_SUCCESS) return internal_error(fmt::format("{}: {}", path, MMDB_strerror(status)));
    if (!walk.too_many()) return walk.clients();
  }
  return internal_error(fmt::format("{}: more than {} networks however coarse", path, limits::kMaxGeographyNetworks));
}

void add_geography(std::vector<ClientPlan>& clients, const std::vector<ClientPlan>& geography) {
  std::vector<ClientPlan> all;
  all.reserve(clients.size() + geography.size());
  Outermost with_place;
  Outermost with_area;
  auto own = clients.begin();
  const auto take_own = [&] {
    if (own->place) with_place.add(own->network);
    if (!own->area.empty()) with_area.add(own->network);
    all.push_back(std::move(*own++));
  };
  for (ClientPlan known : geography) {
    while (own != clients.end() && own->network < known.network) take_own();
    // Left unsaid, it is as the networks around it say.
    if (with_place.contains(known.network)) known.place.reset();
    if (with_area.contains(known.network)) known.area.clear();
    if (own != clients.end() && own->network == known.network) {
      if (!own->place) own->place = known.place;
      if (own->area.empty()) own->area = std::move(known.area);
      take_own();
    } else if (known.place || !known.area.empty()) {
      all.push_back(std::move(known));
    }
  }
  while (own != clients.end()) take_own();
  clients = std::move(all);
}

}  // namespace ringway::dns
