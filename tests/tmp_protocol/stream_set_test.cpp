// Streams between two ends: what the gateways' contract (base/byte_stream.h) promises, and that everything ends.
#include "tmp_protocol/stream_set.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "stream_pair.h"

namespace ringway::tmp {
namespace {

using testing::pattern;
using testing::RecordingHandler;
using testing::slice_of;
using testing::StreamPair;

void write_all(LinkStream& stream, const std::string& text) {
  ByteQueue queue;
  queue.append(text);
  stream.write(queue);
}

TEST(StreamSet, CarriesARequestAndItsResponse) {
  StreamPair pair;
  const auto client = pair.open(1, 77, "shop");
  write_all(*client->stream, "request");
  client->stream->finish();
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(pair.accepted.size(), 1u);
  EXPECT_EQ(pair.openings[0].ring, 1);
  EXPECT_EQ(pair.openings[0].connection, 77u);
  EXPECT_EQ(pair.openings[0].site, "shop");
  RecordingHandler& server = *pair.accepted[0];
  EXPECT_EQ(server.text, "request");
  EXPECT_EQ(server.ends, 1);
  EXPECT_EQ(client->ends, 0);
  write_all(*server.stream, "response");
  server.stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(client->text, "response");
  EXPECT_EQ(client->ends, 1);
  EXPECT_EQ(pair.a.set().streams(), 0u);
  EXPECT_EQ(pair.b.set().streams(), 0u);
  EXPECT_EQ(pair.fault, StreamFault::none);
}

TEST(StreamSet, OpensAStreamThatCarriesNothing) {
  StreamPair pair;
  const auto client = pair.open();
  EXPECT_FALSE(client->stream->left());
  ASSERT_TRUE(pair.settle());
  EXPECT_TRUE(client->stream->left());
  ASSERT_EQ(pair.accepted.size(), 1u);
  write_all(*pair.accepted[0]->stream, "the server speaks first");
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(client->text, "the server speaks first");
}

TEST(StreamSet, CarriesMuchOverABadNetwork) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    StreamPair pair({}, seed);
    pair.loss = 0.1;
    pair.doubling = 0.1;
    pair.reordering = 0.2;
    pair.then_accept = [seed](RecordingHandler& server) {
      server.then_end = [&server, seed] {
        write_all(*server.stream, pattern(200'000, seed + server.text.size()));
        server.stream->finish();
      };
    };
    std::vector<std::unique_ptr<RecordingHandler>> clients;
    for (std::size_t i = 0; i < 10; ++i) {
      clients.push_back(pair.open(static_cast<std::uint8_t>(i % kRings), static_cast<std::uint32_t>(i / 2)));
      write_all(*clients.back()->stream, pattern(1000 * i, i));
      clients.back()->stream->finish();
    }
    ASSERT_TRUE(pair.settle()) << seed;
    ASSERT_EQ(pair.fault, StreamFault::none) << seed;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(clients[i]->text, pattern(200'000, seed + 1000 * i)) << seed;
      EXPECT_EQ(clients[i]->ends, 1);
    }
    EXPECT_EQ(pair.a.set().streams(), 0u) << seed;
    EXPECT_EQ(pair.b.set().streams(), 0u) << seed;
  }
}

}  // namespace
}  // namespace ringway::tmp
