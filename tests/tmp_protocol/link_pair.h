#pragma once
// A POP and a host with a link between them over the simulated network, for tests of whole links.

#include <functional>
#include <optional>

#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/talkers.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::tmp {

struct LinkPair {
  explicit LinkPair(std::uint64_t seed = 1);

  /// Starts both; identities must have been made by then, since all of OpenSSL draws from the seed afterwards.
  void start_both();
  /// The same; returns whether the link came up.
  bool start();
  bool run_until(Duration limit, const std::function<bool()>& done) { return network.run(limit, done); }
  bool both_up() const { return pop.talker().link() != nullptr && host.talker().link() != nullptr; }
  /// Opens a stream from `from` by `plan` and lets it end. Returns what the ledger says, empty where all is well.
  std::string exchange(sim::Machine& from, const sim::StreamPlan& plan, Duration limit = std::chrono::seconds(60));
  /// Datagrams between both, both ways.
  std::uint64_t datagrams();
  sim::PathConditions& out() { return network.path(pop.node().address().ip, host.node().address().ip); }
  sim::PathConditions& back() { return network.path(host.node().address().ip, pop.node().address().ip); }
  void set_both(const std::function<void(sim::PathConditions&)>& change) {
    change(out());
    change(back());
  }

  sim::Network network;
  SeededRandom openssl_draws;
  sim::Ledger ledger;
  mutable sim::Machine pop;
  mutable sim::Machine host;
  std::optional<OpensslRandom> openssl;
};

/// `octets` one way and back.
sim::StreamPlan echo_of(std::uint64_t octets);

}  // namespace ringway::tmp
