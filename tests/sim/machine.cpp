#include "tests/sim/machine.h"

#include "tests/sim/identities.h"

namespace ringway::sim {

tmp::EndpointSettings link_settings(tmp::Role role, const char* name, const char* peer) {
  tmp::EndpointSettings settings;
  settings.role = role;
  settings.identity = test_identity(name, role);
  settings.accepted_peers = {peer};
  settings.reset_key.fill(static_cast<std::uint8_t>(name[0]));
  return settings;
}

Machine::Machine(Network& network, Ledger& ledger, const char* address, tmp::EndpointSettings settings)
    : node_(network, SocketAddress::parse(address).value()), talker_(node_, ledger) {
  use(std::move(settings));
}

void Machine::start() {
  endpoint_ = std::make_unique<tmp::Endpoint>(settings_, node_.loop(), talker_);
  if (target_) endpoint_->connect(*target_);
  node_.attach(endpoint_.get());
}

void Machine::stop() {
  node_.attach(nullptr);
  talker_.forget_all();
  endpoint_.reset();
  talker_.forget_link();
}

std::size_t Machine::streams() const {
  std::size_t count = 0;
  for (const tmp::Link* link : endpoint_->links()) count += link->streams();
  return count;
}

}  // namespace ringway::sim
