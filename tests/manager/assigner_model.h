#pragma once
// Clients, gateways and the assigner on virtual time, in steps of a second: a model that is simple enough to be
// believed.
//
// A client asks once a second at the front-end that it was given, for as long as its answer lasts: 20 s, for every
// tenth 120 s. A gateway serves up to its capacity and refuses the rest. A front-end deals its exchanges out to the
// back-ends of its route that are alive by their weights. Gateways report each second what they did, and have a change
// in use 2 s after it was made.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "manager/assigner/assigner.h"

namespace ringway::manager::assigner {

/// A site's last second, in exchanges.
struct Served {
  double asked = 0;
  double refused = 0;  // or failed
  [[nodiscard]] double refused_share() const { return asked == 0 ? 0 : refused / asked; }
};

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) { measurements.since = now; }

  /// A POP or centre of `gateways` gateways, called as the place with a number behind it.
  void add_place(const std::string& name, PlacePlan place, Role role, unsigned gateways, double exchanges_per_s);
  void add_site(const std::string& name, unsigned min_frontends, unsigned max_frontends, unsigned backends);

  /// So many clients ask for the site from now on; those that are new look where to go.
  void set_clients(const std::string& site, std::size_t count);
  /// Whether the gateway, or each of the place, lives.
  void kill(const std::string& prefix) { dead_.insert(prefix); }
  void revive(const std::string& prefix) { dead_.erase(prefix); }

  /// One second. What breaks a promise goes into `faults`.
  void step();
  void run(unsigned seconds);

  /// Serving seats.
  [[nodiscard]] std::set<std::string> serving(const std::string& site, Role role) const;
  [[nodiscard]] std::size_t clients_at(const std::string& frontend) const;
  /// Additions and releases since the beginning that no plan asked for.
  [[nodiscard]] std::size_t moves() const { return moves_; }
  [[nodiscard]] unsigned second() const { return static_cast<unsigned>(to_seconds(now.time_since_epoch())); }

  Plan plan;
  Measurements measurements;
  Assignment assignment;
  Round round;
  Time now{};
  std::map<std::string, Served> served;  // by site
  std::map<std::string, double> load;    // by gateway; 1: full
  std::vector<std::string> faults;
  std::vector<std::string> log;

 private:
  struct Client {
    const std::string* frontend = nullptr;  // of frontends_; null: there was none
    Time renews{};
    Duration keeps{};
  };
  struct Work {
    std::map<std::string, double> asked;    // by site
    std::map<std::string, double> refused;  // by site
  };

  [[nodiscard]] bool alive(const std::string& gateway) const;
  const std::string* pick_frontend(const std::string& site);
  void renew_clients();
  void serve();
  void forward(const std::string& site, const std::string& frontend, double exchanges);
  void limit(std::map<std::string, Work>& work, const std::map<std::string, GatewayPlan>& gateways);
  void report(Role role);
  void assign_once();
  void check_round();
  void check_site(const std::string& site, Role role, const Wanted& wanted, const Seating& seating);

  SeededRandom random_;
  std::set<std::string> dead_;
  std::map<std::string, std::vector<Client>> clients_;
  std::set<std::string> frontends_;  // all that were ever picked
  std::map<std::string, Work> frontend_work_, backend_work_;
  std::map<std::string, Time> reassigned_[2];
  std::size_t moves_ = 0;
};

}  // namespace ringway::manager::assigner
