#include "redirector_dns/steering/health.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

/// The POP that was lost first, of those whose front-ends are all ill.
std::optional<std::uint32_t> lost_pop(std::span<const Patient> site) {
  struct Place {
    bool well = false;
    std::uint32_t rank = 0;  // of the last one that fell ill
  };
  std::map<std::uint32_t, Place> places;
  for (const Patient& patient : site) {
    Place& place = places[patient.pop];
    place.well |= patient.ill_rank == 0;
    place.rank = std::max(place.rank, patient.ill_rank);
  }
  const auto first = std::min_element(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return a.second.well != b.second.well ? !a.second.well : a.second.rank < b.second.rank;
  });
  return first == places.end() || first->second.well ? std::nullopt : std::optional(first->first);
}

}  // namespace

void Health::observe(const Votes& votes, Time now) {
  if (held_back_ && penalty(now) < limits::kFlapReuse) held_back_ = false;
  if (votes.well + votes.ill > 0) heard_ = now;
  if (!heard_ || now - *heard_ >= limits::kHealthSilence) {
    ill_since_.reset();
    against_ = 0;
    return;
  }
  if (votes.well + votes.ill == 0) return;
  const bool said_well = votes.ill <= votes.well;
  against_ = said_well == well() ? 0 : against_ + 1;
  if (well() && against_ >= limits::kIllRounds) fall(now);
  if (!well() && against_ >= limits::kWellRounds && !held_back_) {
    ill_since_.reset();
    against_ = 0;
  }
}

void Health::fall(Time now) {
  penalty_ = penalty(now) + 1;
  penalty_at_ = now;
  held_back_ |= penalty_ > limits::kFlapSuppress;
  ill_since_ = now;
  against_ = 0;
}

double Health::penalty(Time now) const {
  return penalty_ * std::exp2(-to_seconds(now - penalty_at_) / to_seconds(limits::kFlapHalfLife));
}

void take_out(std::span<const Patient> site, std::vector<bool>& out) {
  out.assign(site.size(), false);
  const bool any_well =
      std::any_of(site.begin(), site.end(), [](const Patient& patient) { return patient.ill_rank == 0; });
  if (!any_well) return;
  std::size_t count = 0;
  const auto take = [&](std::size_t index) {
    count += out[index] ? 0 : 1;
    out[index] = true;
  };
  std::vector<std::size_t> ill;
  const std::optional<std::uint32_t> lost = lost_pop(site);
  for (std::size_t i = 0; i < site.size(); ++i) {
    if (lost && site[i].pop == *lost) {
      take(i);
    } else if (site[i].ill_rank != 0) {
      ill.push_back(i);
    }
  }
  std::stable_sort(ill.begin(), ill.end(),
                   [&](std::size_t a, std::size_t b) { return site[a].ill_rank < site[b].ill_rank; });
  const std::size_t most = std::max<std::size_t>(1, site.size() / limits::kOneInMayBeOut);
  for (const std::size_t index : ill) {
    if (count >= most) return;
    take(index);
  }
}

}  // namespace ringway::dns::steering
