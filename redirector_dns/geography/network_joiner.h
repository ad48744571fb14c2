#pragma once
// Joins networks that come in order and are alike: neighbours become the larger network that holds both.

#include <cstdint>
#include <vector>

#include "redirector_dns/steering/network.h"

namespace ringway::dns {

struct ValuedNetwork {
  steering::Network network;
  std::uint32_t value = 0;
};

class NetworkJoiner {
 public:
  /// Of one family behind the other, none inside another, in ascending order.
  void add(const steering::Network& network, std::uint32_t value) {
    joined_.push_back({network, value});
    while (join_last()) {
    }
  }
  /// Not less than in the end by more than the bits of a network.
  [[nodiscard]] std::size_t size() const { return joined_.size(); }
  [[nodiscard]] const std::vector<ValuedNetwork>& joined() const { return joined_; }

 private:
  bool join_last() {
    if (joined_.size() < 2) return false;
    ValuedNetwork& left = joined_[joined_.size() - 2];
    const ValuedNetwork& right = joined_.back();
    const steering::Network& at = left.network;
    if (at.bits == 0 || at.bits != right.network.bits || left.value != right.value) return false;
    const auto around = steering::Network::around(at.family, at.first, at.bits - 1U);
    if (at == right.network || !around.contains(right.network)) return false;
    left.network = around;
    joined_.pop_back();
    return true;
  }

  std::vector<ValuedNetwork> joined_;
};

}  // namespace ringway::dns
