#include "tests/tmp_protocol/link_pair.h"

namespace ringway::tmp {

LinkPair::LinkPair(std::uint64_t seed)
    : network(seed),
      openssl_draws(seed),
      pop(network, ledger, "192.0.2.1:7000", sim::link_settings(Role::frontend, "pop-1", "host-1")),
      host(network, ledger, "198.51.100.1:7400", sim::link_settings(Role::backend, "host-1", "pop-1")) {
  pop.keep_link_to({"host-1", host.node().address()});
}

void LinkPair::start_both() {
  openssl.emplace(openssl_draws);
  host.start();
  pop.start();
}

bool LinkPair::start() {
  start_both();
  return run_until(std::chrono::seconds(5), [this] { return both_up(); });
}

std::string LinkPair::exchange(sim::Machine& from, const sim::StreamPlan& plan, Duration limit) {
  const std::uint32_t number = ledger.add(plan);
  bool opened = false;
  from.node().post([&] { opened = from.talker().open(number); });
  run_until(limit, [&] { return !ledger.fault().empty() || ledger.all_over(); });
  if (!opened) return "not opened";
  if (!ledger.fault().empty()) return ledger.fault();
  return ledger.verdict(number);
}

std::uint64_t LinkPair::datagrams() {
  const IpAddress one = pop.node().address().ip;
  const IpAddress other = host.node().address().ip;
  return network.counters(one, other).sent + network.counters(other, one).sent;
}

sim::StreamPlan echo_of(std::uint64_t octets) {
  sim::StreamPlan plan;
  plan.ends[0].octets = plan.ends[1].octets = octets;
  plan.connection = 7;
  return plan;
}

}  // namespace ringway::tmp
