// Streams between two ends: what the gateways' contract (base/byte_stream.h) promises, and that everything ends.
#include "tmp_protocol/stream_set.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "stream_pair.h"

namespace ringway::tmp {
namespace {

using testing::pattern;
using testing::RecordingHandler;
using testing::StreamPair;

constexpr std::uint64_t kMaxOffset = (1ULL << 62) - 1;

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

/// Both gateways do whatever they like at any moment; what one hears is what the other wrote, from the front and
/// without a gap, and in the end nothing is left of it.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : pair_(settings(), seed), seed_(seed) {
    pair_.loss = 0.15;
    pair_.doubling = 0.1;
    pair_.reordering = 0.2;
    pair_.then_accept = [this](RecordingHandler& handler) { talks_[handler_key(handler)]->server = &handler; };
  }

  void run() {
    for (int i = 0; i < 150; ++i) {
      const std::uint64_t actions = pair_.random.below(6);
      for (std::uint64_t n = 0; n < actions; ++n) act();
      (void)pair_.settle(static_cast<int>(1 + pair_.random.below(3)));
      ASSERT_EQ(pair_.fault, StreamFault::none) << seed_;
      check();
    }
    for (auto& talk : talks_) talk->client->stream.reset();
    for (auto& handler : pair_.accepted) handler->stream.reset();
    pair_.then_accept = [](RecordingHandler& handler) { handler.stream.reset(); };
    ASSERT_TRUE(pair_.settle()) << seed_;
    ASSERT_EQ(pair_.fault, StreamFault::none) << seed_;
    EXPECT_EQ(pair_.a.set().streams(), 0u) << seed_;
    EXPECT_EQ(pair_.b.set().streams(), 0u) << seed_;
  }

 private:
  struct Talk {
    std::unique_ptr<RecordingHandler> client;
    RecordingHandler* server = nullptr;
    std::string sent_up, sent_down;
  };

  static EndpointSettings settings() {
    EndpointSettings few;
    few.max_streams = 12;
    few.max_link_receive_octets = 300'000;
    return few;
  }

  /// Streams tell by their connection's number which talk they belong to.
  std::size_t handler_key(const RecordingHandler&) const { return pair_.openings.back().connection; }

  void act() {
    if (pair_.random.below(4) == 0) return open();
    if (talks_.empty()) return;
    Talk& talk = *talks_[pair_.random.below(talks_.size())];
    const bool up = talk.server == nullptr || pair_.random.below(2) == 0;
    RecordingHandler& handler = up ? *talk.client : *talk.server;
    if (handler.stream != nullptr) act(handler, up ? talk.sent_up : talk.sent_down);
  }

  void open() {
    auto talk = std::make_unique<Talk>();
    talk->client =
        pair_.open(static_cast<std::uint8_t>(pair_.random.below(kRings)), static_cast<std::uint32_t>(talks_.size()));
    talk->client->consume = pair_.random.below(2) == 0;
    talks_.push_back(std::move(talk));
  }

  void act(RecordingHandler& handler, std::string& sent) {
    LinkStream& stream = *handler.stream;
    switch (pair_.random.below(16)) {
      case 0: stream.finish(); break;
      case 1: stream.abort(StreamCode::internal); break;
      case 2: stream.stop(StreamCode::unwanted); break;
      case 3: handler.stream.reset(); break;
      case 4: stream.set_ring(static_cast<std::uint8_t>(pair_.random.below(kRings))); break;
      case 5: stream.consumed(pair_.random.below(100'000)); break;
      default: {
        const std::string text = pattern(pair_.random.below(60'000), sent.size());
        if (stream.writable() == 0) break;  // finished, dead, or told to wait
        write_all(stream, text);
        sent += text;
      }
    }
  }

  void check() {
    for (const auto& talk : talks_) {
      const std::string& down = talk->client->text;
      ASSERT_EQ(down, talk->sent_down.substr(0, down.size())) << seed_;
      ASSERT_LE(talk->client->ends, 1);
      if (talk->client->ends == 1) {
        ASSERT_EQ(down, talk->sent_down) << seed_;
      }
      if (talk->server == nullptr) continue;
      const std::string& up = talk->server->text;
      ASSERT_EQ(up, talk->sent_up.substr(0, up.size())) << seed_;
      if (talk->server->ends == 1) {
        ASSERT_EQ(up, talk->sent_up) << seed_;
      }
    }
  }

  StreamPair pair_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Talk>> talks_;
};

TEST(StreamSet, LeavesNothingBehindWhateverTheGatewaysDo) {
  for (std::uint64_t seed = 1; seed <= 60 && !::testing::Test::HasFatalFailure(); ++seed) Chaos(seed).run();
}

// ---- What a peer may not do, and what it may though it is odd

StreamFault send(StreamSet& set, std::uint64_t id, std::uint64_t offset, std::string_view text, Fin fin = Fin::absent) {
  return set.on_stream(id, offset, as_bytes(text), fin);
}

TEST(StreamSet, RefusesOctetsBeyondAStreamsWindow) {
  for (const std::uint64_t offset : {limits::kFirstStreamWindowOctets, kMaxOffset}) {
    StreamPair pair;
    EXPECT_EQ(send(pair.b.set(), 0, limits::kFirstStreamWindowOctets - 1, "x"), StreamFault::none);
    EXPECT_EQ(send(pair.b.set(), 0, offset, "x"), StreamFault::flow_control);
  }
  StreamPair pair;
  EXPECT_EQ(pair.b.set().on_reset_stream(0, StreamCode::internal, limits::kFirstStreamWindowOctets + 1),
            StreamFault::flow_control);
}

TEST(StreamSet, RefusesOctetsBeyondTheLinksWindow) {
  EndpointSettings narrow;
  narrow.max_link_receive_octets = 300'000;
  for (const bool by_reset : {false, true}) {
    StreamPair pair(narrow);
    StreamSet& set = pair.b.set();
    EXPECT_EQ(send(set, 0, limits::kFirstStreamWindowOctets - 1, "x"), StreamFault::none);
    EXPECT_EQ(send(set, 2, 300'000 - limits::kFirstStreamWindowOctets - 1, "x"), StreamFault::none);
    EXPECT_EQ(send(set, 2, 0, "x"), StreamFault::none);  // below what was counted
    EXPECT_EQ(set.on_reset_stream(4, StreamCode::internal, 0), StreamFault::none);
    const StreamFault fault = by_reset ? set.on_reset_stream(6, StreamCode::internal, 1) : send(set, 6, 0, "x");
    EXPECT_EQ(fault, StreamFault::flow_control);
  }
}

TEST(StreamSet, RefusesStreamsBeyondTheLimitAndOnesThatItNeverOpened) {
  EndpointSettings few;
  few.max_streams = 3;
  StreamPair pair(few);
  StreamSet& set = pair.b.set();
  EXPECT_EQ(send(set, 4, 0, "x"), StreamFault::none);
  EXPECT_EQ(send(set, 6, 0, "x"), StreamFault::stream_limit);
  EXPECT_EQ(set.on_stream_open(8, {}), StreamFault::stream_limit);
  EXPECT_EQ(send(set, 1, 0, "x"), StreamFault::stream_state);
  EXPECT_EQ(set.on_max_stream_data(3, 1), StreamFault::stream_state);
  EXPECT_EQ(set.on_stop_sending(5, StreamCode::internal), StreamFault::stream_state);
  EXPECT_EQ(set.on_stream_open(1, {}), StreamFault::stream_state);
  EXPECT_EQ(set.streams(), 1u);
}

TEST(StreamSet, RefusesTwoEnds) {
  StreamPair pair;
  StreamSet& set = pair.b.set();
  EXPECT_EQ(send(set, 0, 0, "abc", Fin::present), StreamFault::none);
  EXPECT_EQ(send(set, 0, 2, "cd"), StreamFault::final_size);
  EXPECT_EQ(set.on_reset_stream(0, StreamCode::internal, 2), StreamFault::final_size);
  EXPECT_EQ(set.on_reset_stream(0, StreamCode::internal, 3), StreamFault::none);
}

TEST(StreamSet, IgnoresFramesOfStreamsThatAreOver) {
  StreamPair pair;
  pair.then_accept = [](RecordingHandler& server) { server.stream->finish(); };
  const auto client = pair.open();
  client->stream->finish();
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(pair.b.set().streams(), 0u);
  for (StreamSet* set : {&pair.a.set(), &pair.b.set()}) {
    EXPECT_EQ(send(*set, 0, 0, "late"), StreamFault::none);
    EXPECT_EQ(set->on_reset_stream(0, StreamCode::internal, 99), StreamFault::none);
    EXPECT_EQ(set->on_max_stream_data(0, 99), StreamFault::none);
    EXPECT_EQ(set->on_priority_update(0, 1, 9), StreamFault::none);
    EXPECT_EQ(set->streams(), 0u);
  }
  EXPECT_EQ(pair.b.set().on_stream_open(0, {}), StreamFault::none);
  EXPECT_FALSE(pair.b.set().needs_dispatch());
}

TEST(StreamSet, KeepsWhatComesBeforeItsOpening) {
  StreamPair pair;
  StreamSet& set = pair.b.set();
  EXPECT_EQ(send(set, 0, 0, "early", Fin::present), StreamFault::none);
  EXPECT_EQ(set.on_priority_update(0, 4, 9), StreamFault::none);
  set.dispatch();
  EXPECT_TRUE(pair.accepted.empty());
  StreamOpening opening;
  opening.site = "shop";
  EXPECT_EQ(set.on_stream_open(0, opening), StreamFault::none);
  EXPECT_EQ(set.on_stream_open(0, opening), StreamFault::none);
  set.dispatch();
  ASSERT_EQ(pair.accepted.size(), 1u);
  EXPECT_EQ(pair.openings[0].ring, 4);
  EXPECT_EQ(pair.accepted[0]->text, "early");
  EXPECT_EQ(pair.accepted[0]->ends, 1);
}

TEST(StreamSet, TheLaterPriorityUpdateHoldsWhicheverComesLast) {
  StreamPair pair;
  const auto client = pair.open(2);
  ASSERT_TRUE(pair.settle());
  client->stream->set_ring(4);
  const testing::TestPacket first = pair.a.build();
  client->stream->set_ring(1);
  const testing::TestPacket second = pair.a.build();
  EXPECT_EQ(pair.b.receive(second), StreamFault::none);
  EXPECT_EQ(pair.b.receive(first), StreamFault::none);
  EXPECT_EQ(pair.b.set().blender().ring(1).nSockets, 1u);
  EXPECT_EQ(pair.b.set().blender().ring(4).nSockets, 0u);
}

TEST(StreamSet, APriorityUpdateIsSentAgainWithTheRingOfThatMoment) {
  StreamPair pair;
  const auto client = pair.open(2);
  ASSERT_TRUE(pair.settle());
  client->stream->set_ring(4);
  const testing::TestPacket first = pair.a.build();
  client->stream->set_ring(1);
  EXPECT_EQ(pair.b.receive(pair.a.build()), StreamFault::none);
  pair.a.lost(first);
  EXPECT_EQ(pair.b.receive(pair.a.build()), StreamFault::none);
  EXPECT_EQ(pair.b.set().blender().ring(1).nSockets, 1u);
}

TEST(StreamSet, TheRingMovesAlsoWhereTheOpeningSeemsLost) {
  StreamPair pair;
  const auto client = pair.open(2);
  const testing::TestPacket opening = pair.a.build();
  EXPECT_EQ(pair.b.receive(opening), StreamFault::none);
  pair.a.lost(opening);  // its acknowledgement was
  client->stream->set_ring(4);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.b.set().blender().ring(4).nSockets, 1u);
}

TEST(StreamSet, TakesNoMoreMemoryThanTheProcessHas) {
  testing::TestClock clock;
  MemoryBudget budget(3 * limits::kFirstLinkWindowOctets);
  const EndpointSettings settings;
  testing::StreamEndpoint host(Initiator::connecting, settings, settings, clock);
  StreamSet set(Initiator::accepting, settings, StreamSet::first_limits(settings), &budget, clock,
                testing::test_overhead, host);
  set.set_round_trip(std::chrono::milliseconds(10));
  EXPECT_EQ(budget.taken(), limits::kFirstLinkWindowOctets);
  RecordingHandler handler;
  host.on_accept = [&handler](std::unique_ptr<LinkStream> stream, const StreamOpening&) {
    handler.stream = std::move(stream);
    handler.stream->set_handler(&handler);
  };
  ASSERT_EQ(set.on_stream_open(0, {}), StreamFault::none);
  const std::string text = pattern(1000);
  for (std::uint64_t offset = 0; offset < 50'000'000; offset += text.size()) {
    ASSERT_EQ(send(set, 0, offset, text), StreamFault::none);
    set.dispatch();
    while (set.next_control()) set.pop_control();
    handler.text.clear();
  }
  EXPECT_EQ(set.receive_window().window(), 2 * limits::kFirstLinkWindowOctets);
  EXPECT_EQ(budget.taken(), 2 * limits::kFirstLinkWindowOctets);
  handler.stream.reset();
}

TEST(StreamSet, FillsPacketsAndMergesWhatIsAdjacent) {
  StreamPair pair;
  const auto client = pair.open();
  write_all(*client->stream, pattern(10'000));
  const testing::TestPacket one = pair.a.build();
  ASSERT_EQ(one.segments.size(), 1u);
  EXPECT_GE(one.segments[0].octets.size(), 1370u);
  const auto other = pair.open(2, 9);
  write_all(*other->stream, pattern(10'000));
  const testing::TestPacket two = pair.a.build();
  EXPECT_EQ(two.segments.size(), 3u);
  for (const testing::SentStreamFrame& frame : two.segments) EXPECT_LE(frame.octets.size(), 512u);
}

TEST(StreamSet, PutsALateUrgentResponseIntoTheVeryNextPacket) {
  StreamPair pair;
  std::vector<std::unique_ptr<RecordingHandler>> downloads;
  for (std::uint32_t i = 0; i < 8; ++i) {
    downloads.push_back(pair.open(2, i));
    write_all(*downloads.back()->stream, pattern(256 * 1024, i));
  }
  for (int i = 0; i < 57; ++i) ASSERT_FALSE(pair.a.build().empty());
  const auto urgent = pair.open(0, 100);
  write_all(*urgent->stream, "now");
  const testing::TestPacket next = pair.a.build();
  const auto is_urgent = [](const testing::SentStreamFrame& frame) { return frame.octets == "now"; };
  EXPECT_TRUE(std::any_of(next.segments.begin(), next.segments.end(), is_urgent));
}

}  // namespace
}  // namespace ringway::tmp
