#pragma once
// Clients, resolvers, POPs and the steering on virtual time, in steps of a second: a model that is simple enough to be
// believed.
//
// Each of the networks (a /24, its demand heavy-tailed) asks when its answer has lived its TTL; every tenth of the
// demand keeps an answer for one to five minutes instead. Half of them are asked for by subnet, half by their resolver.
// A network's demand is spread evenly over the front-ends of its answer. Readings are 2 s old and waver by 3 %, round
// trips by 20 %; the atlas is drawn anew every 10 s.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "redirector_dns/steering/atlas_maker.h"
#include "redirector_dns/steering/table_maker.h"
#include "redirector_dns/steering/table_steering.h"

namespace ringway::dns::steering {

class World {
 public:
  static constexpr std::size_t kPops = 4;
  static constexpr std::size_t kFrontendsPerPop = 3;
  static constexpr std::size_t kNetworks = 2000;
  static constexpr FrontendIndex kRushed = kFrontendsPerPop + 1;  // one of the POP of index 1

  enum class Faith : std::uint8_t { most, all };  // who holds to TTLs

  /// A second site, whose clients keep answers for longer, and what shares are reckoned with.
  struct SlowSite {
    unsigned tenths = 0;  // of the networks that ask for it
    unsigned ttl_s = 300;
    unsigned reckoned_ttl_s = 20;
  };

  explicit World(std::uint64_t seed, unsigned ttl_s = 20, Faith faith = Faith::most);
  World(std::uint64_t seed, unsigned ttl_s, Faith faith, SlowSite slow, std::uint32_t answers = 2);

  /// One second.
  void step();
  void run(unsigned seconds);

  /// Of a POP's capacity, what it is used now; 1: full.
  [[nodiscard]] double use(std::size_t pop) const { return use_[pop]; }
  [[nodiscard]] double fullest() const;
  /// What a POP's most used front-end is used, of what they are on average.
  [[nodiscard]] double imbalance(std::size_t pop) const;
  /// Demand at a POP.
  [[nodiscard]] double demand_at(std::size_t pop) const { return use_[pop] * capacity_[pop]; }
  /// Networks that hold to TTLs and have an answer of the POP.
  [[nodiscard]] std::size_t faithful_at(std::size_t pop) const;
  [[nodiscard]] double mean_rtt_ms() const;
  /// Changes of a network's POP since the beginning.
  [[nodiscard]] std::size_t moves() const { return moves_; }
  [[nodiscard]] const SteeringTable& table() const { return *steering_.table(); }
  /// A leader that has only the last table goes on.
  void change_leader();

  // What happens.
  double crowd = 1;                     // times the usual demand of the networks at home
  std::size_t crowd_home = 1;           // near this POP; kPops: everywhere
  double rush = 1;                      // times the usual demand of the networks that were first sent to kRushed
  std::array<Admin, kPops> admin{};     // of POPs
  std::array<bool, kPops> dead{};       // of POPs, as observers see them
  std::array<double, kPops> link_ms{};  // beside 20 ms
  bool manager_away = false;            // no table comes
  Time now{};

 private:
  struct Client {
    std::size_t home = 0;
    double demand = 0;
    std::array<double, kPops> rtt_ms{};
    bool faithful = true;
    bool slow = false;
    bool by_subnet = true;
    IpAddress address;
    double asks_at = 0;  // seconds
    std::size_t pop = kPops;
    std::vector<FrontendIndex> frontends;
    bool rushed = false;
  };

  void make_clients();
  void make_unfaithful();
  void make_gateways(std::uint32_t answers);
  void redraw();
  void publish();
  void ask(Client& client);
  void load();
  [[nodiscard]] double demand(const Client& client) const;
  static std::size_t nearest(const Client& client);
  [[nodiscard]] double seconds() const { return to_seconds(now.time_since_epoch()); }

  SeededRandom random_;
  unsigned ttl_s_;
  SlowSite slow_;
  std::vector<Client> clients_;
  std::array<double, kPops> capacity_{};
  std::array<double, kPops> use_{};
  std::array<double, kPops * kFrontendsPerPop> frontend_use_{};
  std::deque<std::array<double, kPops>> pop_readings_;
  std::deque<std::array<double, kPops * kFrontendsPerPop>> frontend_readings_;
  Plan plan_;
  AtlasMaker atlas_maker_;
  TableMaker table_maker_;
  SharedAtlas atlas_;
  TableSteering steering_;
  SharedTable last_published_;
  Time published_{};
  std::size_t moves_ = 0;
};

}  // namespace ringway::dns::steering
