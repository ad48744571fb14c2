#pragma once
// One round for all gateways of one role. The order: what becomes of the seats that there are (side_seats.cpp), what
// the plan asks for (side_fill.cpp), and what the load asks for (side_load.cpp).

#include <optional>
#include <string>
#include <vector>

#include "manager/assigner/assigner.h"
#include "manager/assigner/group.h"
#include "manager/assigner/nearness.h"

namespace ringway::manager::assigner {

/// So much of a site's demand comes by way of this front-end.
struct Anchor {
  std::size_t frontend;
  double share;
};

class Side {
 public:
  /// All of it outlives the side. `anchors` by site, in the order of names: null for front-ends, which are their own.
  struct Input {
    const Plan& plan;
    const Measurements& measurements;
    const Assignment& previous;
    const Nearness& nearness;
    const std::vector<std::vector<Anchor>>* anchors;
    Time now;
  };

  Side(Role role, const Input& input, Round& round);
  void run();

  /// By site, in the order of names.
  [[nodiscard]] std::vector<Group>& groups() { return groups_; }
  [[nodiscard]] const std::vector<Gateway>& gateways() const { return gateways_; }
  [[nodiscard]] std::vector<std::vector<Anchor>> anchors() const;
  [[nodiscard]] std::map<std::string, Time> moved() const;

 private:
  /// What a gateway is looked for for, and with it how choosy one may be.
  enum class Purpose : std::uint8_t { minimum, spread, crowd };
  struct Choice;
  /// 100 ms farther away is as bad as a full gateway.
  static constexpr double kLoadPerMs = 0.01;

  // side.cpp
  void know_gateways();
  void know_groups();
  [[nodiscard]] Condition condition(const GatewayPlan& plan, const Measured* measured) const;
  [[nodiscard]] std::size_t index(const std::string& name) const;
  [[nodiscard]] std::vector<Anchor> anchors_of(const Group& group) const;
  [[nodiscard]] double cost_ms(const std::vector<Anchor>& anchors, std::size_t gateway) const;
  void tell(const Group& group, const Gateway& gateway, MoveKind kind, Cause cause, std::string why);
  void lack(const Group& group, std::string why);
  [[nodiscard]] const char* noun() const { return role_ == Role::frontend ? "front-end" : "back-end"; }

  // side_seats.cpp
  void keep_seats(Group& group, const std::map<std::string, Seat>& seats);
  [[nodiscard]] bool keep(Group& group, Member& member);
  [[nodiscard]] bool deserted(const Group& group, const Member& member) const;
  [[nodiscard]] bool may_have(const Group& group, const Gateway& gateway) const;
  [[nodiscard]] SeatState hindrance(const Group& group, const Member& member) const;
  void set_state(Member& member, SeatState state);
  void measure_gateways();
  void measure(Group& group);
  [[nodiscard]] bool is_settling(const Group& group) const;
  [[nodiscard]] double strain(std::size_t site, const Member& member, const SiteFigures& figures) const;

  // side_fill.cpp
  void seat_pinned(Group& group);
  void fill(Group& group);
  bool resume_on_trial(Group& group);
  void spread(Group& group);
  [[nodiscard]] bool has_spare_in_shared_place(const Group& group) const;
  void add(Group& group, std::size_t gateway, Cause cause, std::string why);
  [[nodiscard]] std::optional<std::size_t> choose(const Group& group, Purpose purpose) const;
  [[nodiscard]] bool fits(const Group& group, std::size_t gateway, Purpose purpose) const;
  [[nodiscard]] double score(const std::vector<Anchor>& anchors, std::size_t gateway) const;

  // side_load.cpp
  [[nodiscard]] bool is_crowded(const Group& group) const;
  void relieve_crowded();
  void relieve(Group& group);
  void release(Group& group);
  void let_go(Group& group, Member& member, Cause cause, std::string why);
  void release_surplus(Group& group);
  [[nodiscard]] Member* least_missed(Group& group, Cause cause) const;
  [[nodiscard]] bool dispensable(const Group& group, const Member& member) const;

  Role role_;
  Input in_;
  Round& round_;
  Duration elapsed_;
  const std::map<std::string, Time>& moved_before_;
  std::vector<Gateway> gateways_;  // in the order of names
  std::vector<Group> groups_;
  double mean_size_ = 1;
};

}  // namespace ringway::manager::assigner
