#include "tmp_protocol/id_index.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace ringway::tmp {
namespace {

TEST(IdIndex, FindsNothingWhereItIsEmpty) { EXPECT_EQ(IdIndex().find(0), IdIndex::kNone); }

TEST(IdIndex, IsAMap) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SeededRandom random(seed);
    IdIndex index;
    std::map<std::uint64_t, std::uint32_t> model;
    const std::uint64_t step = 1 + random.below(4);
    for (int i = 0; i < 4000; ++i) {
      const std::uint64_t id = random.below(300) * step;
      const auto found = model.find(id);
      ASSERT_EQ(index.find(id), found == model.end() ? IdIndex::kNone : found->second) << seed;
      if (found != model.end()) {
        index.erase(id);
        model.erase(found);
      } else if (random.below(3) != 0) {
        const auto slot = static_cast<std::uint32_t>(random.below(1'000'000));
        index.insert(id, slot);
        model[id] = slot;
      }
      ASSERT_EQ(index.size(), model.size());
    }
    for (const auto& [id, slot] : model) ASSERT_EQ(index.find(id), slot);
  }
}

}  // namespace
}  // namespace ringway::tmp
