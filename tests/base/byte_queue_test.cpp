#include "base/byte_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace ringway {
namespace {

TEST(ByteQueue, KeepsOrderAcrossChunks) {
  ByteQueue queue;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    queue.append(std::string_view(piece));
    expected += piece;
  }
  EXPECT_EQ(queue.size(), expected.size());
  EXPECT_EQ(queue.text(), expected);
}

TEST(ByteQueue, AgreesWithStringUnderRandomUse) {
  SeededRandom random(7);
  ByteQueue queue;
  std::string model;
  for (int step = 0; step < 20000; ++step) {
    if (random.below(2) == 0) {
      const std::string piece(random.below(9000), static_cast<char>('a' + random.below(26)));
      queue.append(std::string_view(piece));
      model += piece;
    } else if (random.below(2) == 0) {
      const std::size_t count = random.below(model.size() + 1);
      queue.remove_prefix(count);
      model.erase(0, count);
    } else {
      const Slice slice = queue.pop_front(1 + random.below(6000));
      EXPECT_EQ(as_text(slice.bytes()), model.substr(0, slice.size()));
      model.erase(0, slice.size());
    }
    ASSERT_EQ(queue.size(), model.size());
    if (model.size() > 200000) {
      ASSERT_EQ(queue.text(), model);
      queue.clear();
      model.clear();
    }
  }
}

TEST(ByteQueue, JoinsSlicesThatItRefersTo) {
  ByteQueue source;
  source.append(std::string(100, 'a') + std::string(100, 'b'));
  const Slice whole = source.pop_front();
  ByteQueue queue;
  queue.append("before");
  for (std::size_t at = 0; at < whole.size(); at += 10) queue.refer(whole.part(at, 10));
  queue.refer(Slice());
  queue.refer(whole.part(50, 100));
  ASSERT_EQ(queue.slices().size(), 3u);
  EXPECT_EQ(queue.slices()[1].data(), whole.data());
  EXPECT_EQ(queue.slices()[1].size(), whole.size());
  EXPECT_EQ(queue.size(), 306u);
  queue.append("after");
  EXPECT_EQ(queue.text(),
            "before" + std::string(as_text(whole.bytes())) + std::string(50, 'a') + std::string(50, 'b') + "after");
  EXPECT_EQ(whole.bytes()[150], 'b');
}

TEST(ByteQueue, NeverWritesIntoASharedChunk) {
  ByteQueue queue;
  queue.append(std::string_view("first"));
  const Slice shared = queue.front();
  queue.append(std::string_view("second"));
  EXPECT_EQ(as_text(shared.bytes()), "first");
  EXPECT_EQ(queue.text(), "firstsecond");
}

TEST(Chunk, AllAreGivenBack) {
  const std::size_t before = Chunk::alive();
  {
    ByteQueue queue;
    queue.append(std::string(100000, 'x'));
    EXPECT_GT(Chunk::alive(), before);
  }
  EXPECT_EQ(Chunk::alive(), before);
}

}  // namespace
}  // namespace ringway
