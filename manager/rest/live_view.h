#pragma once
// What gateways say now of one site, as far as telling what happens to a request needs it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "manager/assigner/plan.h"

namespace ringway::manager {

/// A gateway that has the site.
struct LiveSeat {
  std::string gateway;
  std::string state;                  // as assigner::seat_state_name() says it: "serving", "draining" …
  std::uint32_t weight = 0;           // of what is new, in thousandths
  std::vector<std::string> backends;  // front-ends: where to, best first
};

/// As its front-end sees it.
struct LiveLink {
  double rtt_ms = 0;
  double loss_out = 0;  // of the packets, 0 to 1: to the back-end
  double loss_in = 0;   // and from it
  double used = 0;      // of its capacity, 0 to 1
};

/// One origin, as one back-end sees it.
struct LiveOrigin {
  std::string name;  // as the site's origins have it
  std::string backend;
  std::uint64_t pending = 0;
  std::uint64_t capacity = 0;
  bool up = true;
  bool draining = false;
};

/// A POP as a redirector asks it for a client (redirector_dns/steering/choice.h).
struct LiveCandidate {
  std::string pop;
  std::optional<double> rtt_ms;          // from the client
  std::optional<double> measured_s_ago;  // nothing: by where they are
  std::optional<double> link_ms;         // what its way to the site's back-ends costs
  std::optional<double> use;             // of its capacity; 1: full
  double shed = 0;                       // of its clients, so many are passed on
  double hash = 0;                       // the client's; below the share it is
  std::size_t answering = 0;             // front-ends
  std::string verdict;
};

struct LiveAnswer {
  std::string name;
  std::vector<std::string> addresses;
};

struct LiveRange {
  double least = 0;
  double most = 0;
};

/// What a redirector answers a client, and why.
struct LiveSteering {
  std::uint64_t table = 0;
  std::string cell;  // with all its clients it is sent the same way
  unsigned scope_bits = 0;
  std::uint32_t ttl_s = 0;
  std::string reason;
  std::string pop;
  std::vector<LiveAnswer> frontends;      // the best first
  std::vector<LiveCandidate> candidates;  // in the order of asking
  std::optional<double> rtt_ms;           // from the client to the POP
  std::optional<LiveRange> site_rtt;      // and to the site, in ms, as far as one can know
  std::string alpn;                       // of the HTTPS record; empty: there is none
  std::vector<std::string> warnings;
};

class LiveView {
 public:
  virtual ~LiveView() = default;
  /// By name of gateway; none where nobody has the site.
  [[nodiscard]] virtual std::vector<LiveSeat> seats(const std::string& site, assigner::Role role) const = 0;
  /// Nothing where there is none, or nobody has told.
  [[nodiscard]] virtual std::optional<LiveLink> link(const std::string& frontend, const std::string& backend) const = 0;
  [[nodiscard]] virtual std::vector<LiveOrigin> origins(const std::string& site) const = 0;
  /// Between a front-end and the client's network, where that is known.
  [[nodiscard]] virtual std::optional<double> client_rtt_ms(const std::string& frontend,
                                                            const IpAddress& client) const = 0;
  /// Nothing where the site is not steered.
  [[nodiscard]] virtual std::optional<LiveSteering> steering(const std::string& site,
                                                             const IpAddress& client) const = 0;
};

}  // namespace ringway::manager
