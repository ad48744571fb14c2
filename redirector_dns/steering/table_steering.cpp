#include "redirector_dns/steering/table_steering.h"

#include <algorithm>

namespace ringway::dns::steering {

const Steered* TableSteering::steer(std::string_view name, const Asker& asker) {
  const Site* site = table_ == nullptr ? nullptr : table_->atlas().find(name);
  if (site == nullptr) return nullptr;
  const AddressFamilies& families = table_->families(site->site_class);
  const Family first = families.v4 ? Family::v4 : Family::v6;
  last_.site = site;
  last_.asker = asker;
  last_.apart = families.mixed && families.v4 && families.v6;
  last_.choice = choose(*table_, *site, asker, now_, first);
  if (last_.apart) last_.aaaa_choice = choose(*table_, *site, asker, now_, Family::v6);
  const Choice& aaaa = last_.of(RecordType::aaaa);
  last_.ttl_s = std::min(last_.choice.ttl_s, aaaa.ttl_s);
  const std::span<const IpAddress> v4 = addresses_of(last_.choice, &Frontend::v4, v4_);
  const std::span<const IpAddress> v6 = addresses_of(aaaa, &Frontend::v6, v6_);
  steered_ = {v4, v6, site->alpn, site->port, last_.ttl_s, last_.choice.scope_bits};
  return &steered_;
}

std::span<const IpAddress> TableSteering::addresses_of(const Choice& choice, std::vector<IpAddress> Frontend::*family,
                                                       Addresses& out) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < choice.count; ++i) {
    for (const IpAddress& address : table_->atlas().frontends[choice.frontends[i]].*family) out[count++] = address;
  }
  return std::span(out).first(count);
}

}  // namespace ringway::dns::steering
