#include "redirector_dns/steering/table_steering.h"

#include <algorithm>

namespace ringway::dns::steering {

const Steered* TableSteering::steer(std::string_view name, const Asker& asker) {
  const Site* site = table_ == nullptr ? nullptr : table_->atlas().find(name);
  if (site == nullptr) return nullptr;
  last_ = {site, asker, choose(*table_, *site, asker, now_)};
  const Choice& choice = last_.choice;
  std::size_t v4 = 0;
  std::size_t v6 = 0;
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Frontend& frontend = table_->atlas().frontends[choice.frontends[i]];
    for (const IpAddress& address : frontend.v4) v4_[v4++] = address;
    for (const IpAddress& address : frontend.v6) v6_[v6++] = address;
  }
  steered_ = {std::span(v4_).first(v4), std::span(v6_).first(v6), site->alpn, site->port, choice.ttl_s,
              choice.scope_bits};
  return &steered_;
}

}  // namespace ringway::dns::steering
