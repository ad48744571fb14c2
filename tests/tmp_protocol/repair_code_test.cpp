#include "tmp_protocol/repair_code.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "wire_support.h"

namespace ringway::tmp {
namespace {

using Octets = std::vector<std::uint8_t>;

std::vector<Octets> random_members(Random& random, std::size_t count) {
  std::vector<Octets> members(count);
  for (Octets& member : members) {
    member.resize(1 + random.below(limits::kMaxPacketOctets));
    for (std::uint8_t& octet : member) octet = static_cast<std::uint8_t>(random.next());
  }
  return members;
}

Octets copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(RepairSums, AreThoseOfTheVectors) {
  RepairSums sums;
  for (int i = 0; i < 4; ++i) sums.add(wire_vector("repair.member" + std::to_string(i)));
  for (std::size_t row = 0; row < kRepairRows; ++row) {
    EXPECT_EQ(to_hex(sums.row(row)), to_hex(wire_vector("repair.row" + std::to_string(row))));
  }
}

/// Any three members come back from all rows, any two from any two, any one from any.
TEST(RepairSums, GiveBackAsManyMembersAsThereAreRows) {
  SeededRandom random(1);
  constexpr std::uint8_t kRowSets[] = {0b001, 0b010, 0b100, 0b011, 0b101, 0b110, 0b111};
  for (int round = 0; round < 300; ++round) {
    const std::size_t n = 1 + random.below(round % 10 == 0 ? kMaxRepairMembers : 48);
    const std::vector<Octets> members = random_members(random, n);
    RepairSums whole;
    for (const Octets& member : members) whole.add(member);

    std::vector<std::uint8_t> rows;
    for (std::uint8_t row = 0; row < kRepairRows; ++row) {
      if ((kRowSets[random.below(std::size(kRowSets))] >> row & 1) != 0) rows.push_back(row);
    }
    std::vector<std::size_t> missing;
    while (missing.size() < std::min(rows.size(), n)) {
      const std::size_t at = random.below(n);
      if (std::find(missing.begin(), missing.end(), at) == missing.end()) missing.push_back(at);
    }
    rows.resize(missing.size());

    RepairSums sums;
    std::vector<std::uint8_t> places;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::find(missing.begin(), missing.end(), i) == missing.end()) {
        sums.add(members[i]);
      } else {
        sums.add_missing();
      }
    }
    for (const std::uint8_t row : rows) sums.add_row(row, whole.row(row));
    for (const std::size_t at : missing) places.push_back(static_cast<std::uint8_t>(n - 1 - at));
    sums.solve(rows, places);
    for (std::size_t k = 0; k < rows.size(); ++k) EXPECT_EQ(copy(sums.member(rows[k])), members[missing[k]]);
  }
}

TEST(RepairSums, BeginAnewAfterClear) {
  SeededRandom random(2);
  RepairSums sums;
  for (const Octets& member : random_members(random, 5)) sums.add(member);
  sums.clear();
  const Octets alone = {1, 2, 3};
  sums.add(alone);
  EXPECT_EQ(copy(sums.member(0)), alone);
  EXPECT_EQ(copy(sums.member(2)), alone);
}

TEST(RepairSums, WhatCannotBeAMemberIsEmpty) {
  RepairSums sums;
  const Octets lies = {0xff, 0xff, 1, 2};
  sums.add_row(0, lies);
  EXPECT_TRUE(sums.member(0).empty());
  EXPECT_TRUE(RepairSums().member(0).empty());
}

}  // namespace
}  // namespace ringway::tmp
