#pragma once
// In which order a front-end prefers the back-ends of a site.

#include <string>
#include <vector>

#include "manager/assigner/group.h"
#include "manager/assigner/nearness.h"

namespace ringway::manager::assigner {

/// Back-ends of `group` that take new exchanges, the one with the least cost first: the link's milliseconds, its loss,
/// and how much of its work the back-end sends past it. What was in `before` keeps its place unless another is better
/// by a tenth and by 5 ms.
std::vector<std::string> route(const Group& group, const std::vector<Gateway>& backends, const Nearness& nearness,
                               std::size_t frontend, const std::vector<std::string>& before);

}  // namespace ringway::manager::assigner
