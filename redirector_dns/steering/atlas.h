#pragma once
// What of the steering changes rarely: who may serve whom, and whom which clients prefer. Numbered, immutable, the same
// on every redirector. Everything refers to everything else by its place in these vectors.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/cell_map.h"

namespace ringway::dns::steering {

using PopIndex = std::uint16_t;
using FrontendIndex = std::uint16_t;

enum class Policy : std::uint8_t {
  nearest,   // the first POP of the order that does not shed the client
  weighted,  // as nearest, but each cell has an order of its own, by lot, as the site's shares say
  failover   // the order is the operator's
};

/// Whether an answer's last address is the next POP's: clients that try the others survive the loss of a POP.
enum class Spare : std::uint8_t { none, next_pop };

struct Pop {
  std::string name;
  double capacity = 1;  // in any one unit, above 0
  std::uint64_t hash = 0;
  friend bool operator==(const Pop&, const Pop&) = default;
};

/// A back-end that answers, for who asks for a site's back-ends, is a front-end of such a name.
inline constexpr std::string_view kBackendPrefix = "backend/";

struct Frontend {
  std::string name;
  PopIndex pop = 0;
  double weight = 1;  // among those of its POP, 0 to 1000; 0: only where there is no other
  std::vector<IpAddress> v4;
  std::vector<IpAddress> v6;
  std::uint64_t hash = 0;
  friend bool operator==(const Frontend&, const Frontend&) = default;
  [[nodiscard]] bool is_backend() const { return name.starts_with(kBackendPrefix); }
};

/// Sites with the same front-ends, back-ends and policy: they are steered alike.
struct SiteClass {
  Policy policy = Policy::nearest;
  std::vector<double> shares;            // by POP, where the policy is weighted
  std::vector<FrontendIndex> frontends;  // ascending, at least one
  friend bool operator==(const SiteClass&, const SiteClass&) = default;
};

struct Site {
  std::string name;
  std::uint32_t site_class = 0;
  std::uint32_t ttl_s = 0;    // limits::kMinSteeredTtl to kMaxSteeredTtl
  std::uint32_t answers = 2;  // front-ends in one answer, 1 to limits::kMaxAnswerFrontends
  Spare spare = Spare::none;
  std::string alpn;        // of its HTTPS record
  std::uint16_t port = 0;  // of its HTTPS record; 0: the scheme's own
  std::uint64_t hash = 0;
  friend bool operator==(const Site&, const Site&) = default;
};

/// A few POPs, in place: orders are many and asked for by each query, so each is one miss of the processor's cache.
class PopList {
 public:
  PopList() = default;
  /// The first limits::kMaxOrderPops of them.
  explicit PopList(std::span<const PopIndex> pops)
      : count_(static_cast<std::uint8_t>(std::min(pops.size(), limits::kMaxOrderPops))) {
    std::copy_n(pops.begin(), count_, pops_.begin());
  }
  [[nodiscard]] const PopIndex* begin() const { return pops_.data(); }
  [[nodiscard]] const PopIndex* end() const { return pops_.data() + count_; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] PopIndex front() const { return pops_[0]; }
  [[nodiscard]] PopIndex operator[](std::size_t place) const { return pops_[place]; }
  friend bool operator==(const PopList&, const PopList&) = default;

 private:
  std::array<PopIndex, limits::kMaxOrderPops> pops_{};
  std::uint8_t count_ = 0;
};

/// In which order POPs are asked whether they take a client.
struct Order {
  PopList pops;             // the best of the reach
  std::uint32_t reach = 0;  // all that may be asked
  friend bool operator==(const Order&, const Order&) = default;
};

struct Atlas {
  std::uint64_t number = 0;
  std::vector<Pop> pops;
  std::vector<Frontend> frontends;
  std::vector<SiteClass> classes;
  std::vector<Site> sites;
  std::vector<std::vector<PopIndex>> reaches;  // ascending, not empty
  std::vector<Order> orders;
  std::vector<std::uint32_t> profiles;  // one order for each class, profile after profile; the first is anybody's
  CellMap cells;
  std::vector<IpAddress> resolvers;  // ascending; so busy without client subnets that their time is cut instead

  [[nodiscard]] const Order& order(std::uint32_t profile, std::uint32_t site_class) const {
    return orders[profiles[std::size_t{profile} * classes.size() + site_class]];
  }
  [[nodiscard]] std::uint32_t profile_count() const {
    return classes.empty() ? 1 : static_cast<std::uint32_t>(profiles.size() / classes.size());
  }
  /// Null where there is none of this name.
  [[nodiscard]] const Site* find(std::string_view site) const;

  std::unordered_map<std::string_view, std::uint32_t> sites_by_name;  // seal() fills it, and all hashes
};

using SharedAtlas = std::shared_ptr<const Atlas>;

/// Whether both say the same, whatever their numbers.
bool same_content(const Atlas& a, const Atlas& b);

/// Checks that all of it fits together and is within its bounds, and makes it ready for use.
Result<SharedAtlas> seal(Atlas atlas);

}  // namespace ringway::dns::steering
