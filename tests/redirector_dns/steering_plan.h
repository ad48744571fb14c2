#pragma once
// Plans for tests.

#include <cstdint>
#include <string_view>

#include "redirector_dns/steering/atlas_maker.h"

namespace ringway::dns::steering {

Network net(std::string_view text);

/// POPs "pop0" to "pop3" with two front-ends each, "pop0-0" to "pop3-1" (192.0.2.0 to .7, 2001:db8::1:0 to :7), one
/// back-end, and site "shop.test" on all of them. No clients.
Plan small_plan();

/// A network that is so many milliseconds from each POP.
ClientPlan client(std::string_view network, std::initializer_list<double> ms);

/// Everything about it random, within what check() takes.
Plan random_plan(std::uint64_t seed);

SharedAtlas drawn(const Plan& plan);

}  // namespace ringway::dns::steering
