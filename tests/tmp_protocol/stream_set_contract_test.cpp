// The contract of base/byte_stream.h on a link's streams: who is told what, when, and what outlives what.

#include <gtest/gtest.h>

#include "base/limits.h"
#include "stream_pair.h"

namespace ringway::tmp {
namespace {

using testing::pattern;
using testing::RecordingHandler;
using testing::StreamPair;

void write_all(LinkStream& stream, const std::string& text) {
  ByteQueue queue;
  queue.append(text);
  stream.write(queue);
}

/// A pair with one stream that both ends know.
struct OpenedPair : StreamPair {
  explicit OpenedPair(const EndpointSettings& settings = {}) : StreamPair(settings) {
    client = open();
    EXPECT_TRUE(settle());
    EXPECT_EQ(accepted.size(), 1u);
  }
  RecordingHandler& server() { return *accepted[0]; }
  [[nodiscard]] std::size_t streams() { return a.set().streams() + b.set().streams(); }

  std::unique_ptr<RecordingHandler> client;
};

TEST(StreamContract, CallsNoHandlerBeforeAFunctionReturns) {
  OpenedPair pair;
  RecordingHandler& server = pair.server();
  server.stream->set_handler(nullptr);
  write_all(*pair.client->stream, "early");
  pair.client->stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(server.text, "");
  pair.b.wakes = 0;
  server.stream->set_handler(&server);
  EXPECT_EQ(server.text, "");
  EXPECT_EQ(pair.b.wakes, 1);
  ASSERT_TRUE(pair.b.set().needs_dispatch());
  pair.b.set().dispatch();
  EXPECT_EQ(server.text, "early");
  EXPECT_EQ(server.ends, 1);
}

TEST(StreamContract, WakesTheConnectionForWhatAGatewayDoes) {
  OpenedPair pair;
  pair.a.wakes = 0;
  write_all(*pair.client->stream, "x");
  EXPECT_EQ(pair.a.wakes, 1);
}

TEST(StreamContract, AsksTheWriterToWaitAndToGoOn) {
  OpenedPair pair;
  LinkStream& stream = *pair.client->stream;
  EXPECT_EQ(stream.writable(), limits::kStreamUnsentOctets);
  write_all(stream, pattern(limits::kStreamUnsentOctets - 1));
  EXPECT_EQ(stream.writable(), 1u);
  write_all(stream, "12");
  EXPECT_EQ(stream.writable(), 0u);
  EXPECT_EQ(pair.client->writables, 0);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.client->writables, 1);
  EXPECT_EQ(stream.writable(), limits::kStreamUnsentOctets);
  write_all(stream, "more");
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.client->writables, 1);
}

TEST(StreamContract, EndsSoonUnlessAWriterIsHeldUp) {
  StreamPair pair;
  const auto client = pair.open();
  EXPECT_TRUE(pair.a.set().ends_soon());
  write_all(*client->stream, pattern(1000));
  EXPECT_TRUE(pair.a.set().ends_soon());
  write_all(*client->stream, pattern(limits::kStreamUnsentOctets));
  EXPECT_FALSE(pair.a.set().ends_soon());
  client->stream->finish();
  EXPECT_TRUE(pair.a.set().ends_soon());
  const auto other = pair.open();
  write_all(*other->stream, pattern(limits::kStreamUnsentOctets));
  EXPECT_FALSE(pair.a.set().ends_soon());
  other->stream->abort(StreamCode::cancelled);
  EXPECT_TRUE(pair.a.set().ends_soon());
  ASSERT_TRUE(pair.settle());
}

TEST(StreamContract, DoesNotEndSoonWhileItsWriterKeepsUp) {
  OpenedPair pair;
  LinkStream& stream = *pair.client->stream;
  write_all(stream, pattern(limits::kStreamUnsentOctets));
  // It writes again only when much has left, and until then less is unsent.
  std::size_t left = 0;
  Segment segment;
  while (left < limits::kStreamUnsentOctets - 10'000 && pair.a.set().next_segment(1400, segment)) {
    left += segment.range.octets;
    EXPECT_FALSE(pair.a.set().ends_soon());
  }
  EXPECT_GE(left, limits::kStreamUnsentOctets - 10'000);
  while (pair.a.set().next_segment(1400, segment)) left += segment.range.octets;
  EXPECT_TRUE(pair.a.set().ends_soon());
  write_all(stream, pattern(1000));
  EXPECT_TRUE(pair.a.set().ends_soon());
}

TEST(StreamContract, StopsTheSenderWhereTheReaderConsumesNothing) {
  OpenedPair pair;
  pair.server().consume = false;
  const std::string text = pattern(1'000'000);
  write_all(*pair.client->stream, text);
  pair.client->stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().text.size(), limits::kFirstStreamWindowOctets);
  std::size_t given_back = 0;
  while (pair.server().ends == 0) {
    const std::size_t octets = pair.server().text.size() - given_back;
    ASSERT_GT(octets, 0u);
    pair.server().stream->consumed(octets);
    given_back += octets;
    ASSERT_TRUE(pair.settle());
  }
  EXPECT_EQ(pair.server().text, text);
  EXPECT_EQ(pair.b.set().streams(), 1u);  // it may still write
}

TEST(StreamContract, KeepsAFinishedStreamUntilItsOctetsAreConsumed) {
  OpenedPair pair;
  pair.client->consume = false;
  write_all(*pair.server().stream, "response");
  pair.server().stream->finish();
  pair.client->stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.client->ends, 1);
  EXPECT_EQ(pair.a.set().streams(), 1u);
  EXPECT_EQ(pair.b.set().streams(), 0u);
  pair.client->stream->consumed(8);
  EXPECT_EQ(pair.a.set().streams(), 0u);
  pair.client->stream->consumed(1);  // nothing any more
  EXPECT_TRUE(pair.client->stream->left());
}

TEST(StreamContract, ClosesHalfAStream) {
  OpenedPair pair;
  pair.client->stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().ends, 1);
  write_all(*pair.server().stream, pattern(500'000));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.client->text.size(), 500'000u);
  EXPECT_EQ(pair.client->ends, 0);
}

TEST(StreamContract, AbortEndsBothWaysAtBothEnds) {
  OpenedPair pair;
  write_all(*pair.client->stream, pattern(100'000));
  pair.client->stream->abort(StreamCode::timed_out);
  write_all(*pair.client->stream, "nothing");
  EXPECT_EQ(pair.client->stream->writable(), 0u);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().aborts, std::vector<StreamCode>{StreamCode::timed_out});
  EXPECT_TRUE(pair.client->aborts.empty());
  EXPECT_TRUE(pair.client->stops.empty());
  EXPECT_EQ(pair.streams(), 0u);
}

TEST(StreamContract, DestroyingAbortsWithCancelled) {
  OpenedPair pair;
  pair.client->stream.reset();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().aborts, std::vector<StreamCode>{StreamCode::cancelled});
  EXPECT_EQ(pair.streams(), 0u);
}

TEST(StreamContract, DestroyingAnAcceptedStreamRefusesIt) {
  StreamPair pair;
  pair.b.on_accept = [](std::unique_ptr<LinkStream> stream, const StreamOpening&) { stream.reset(); };
  const auto client = pair.open();
  write_all(*client->stream, "request");
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(client->aborts, std::vector<StreamCode>{StreamCode::refused});
  EXPECT_EQ(pair.a.set().streams() + pair.b.set().streams(), 0u);
}

TEST(StreamContract, WhatWasFinishedGoesOnWithoutItsHandle) {
  OpenedPair pair;
  const std::string text = pattern(3'000'000);
  write_all(*pair.client->stream, text);
  pair.client->stream->finish();
  pair.client->stream.reset();
  pair.loss = 0.2;
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().text, text);
  EXPECT_EQ(pair.server().ends, 1);
  EXPECT_EQ(pair.server().stops, std::vector<StreamCode>{StreamCode::cancelled});
  EXPECT_TRUE(pair.server().aborts.empty());
  EXPECT_EQ(pair.streams(), 0u);
}

TEST(StreamContract, WhatStillComesInForAForgottenStreamIsDropped) {
  OpenedPair pair;
  write_all(*pair.server().stream, pattern(3'000'000));
  const std::string text = pattern(600'000);
  write_all(*pair.client->stream, text);
  pair.client->stream->finish();
  pair.client->stream.reset();
  ASSERT_TRUE(pair.settle());
  // The peer's answer to STOP_SENDING must not end what is still on its way to it.
  EXPECT_EQ(pair.server().text, text);
  EXPECT_EQ(pair.server().ends, 1);
  EXPECT_EQ(pair.streams(), 0u);
  EXPECT_EQ(pair.fault, StreamFault::none);
}

TEST(StreamContract, EndsAForgottenStreamWhosePeerTakesNothing) {
  OpenedPair pair;
  pair.server().consume = false;
  write_all(*pair.client->stream, pattern(3'000'000));
  pair.client->stream->finish();
  pair.client->stream.reset();
  ASSERT_TRUE(pair.settle());
  pair.a.set().expire();
  EXPECT_EQ(pair.a.set().streams(), 1u);
  pair.clock.advance(limits::kStreamLingerLimit + std::chrono::seconds(1));
  pair.a.set().expire();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().aborts, std::vector<StreamCode>{StreamCode::timed_out});
  EXPECT_EQ(pair.streams(), 0u);
}

TEST(StreamContract, StopEndsTheOtherEndsWritingAlone) {
  OpenedPair pair;
  write_all(*pair.server().stream, pattern(1000));
  ASSERT_TRUE(pair.settle());
  pair.client->stream->stop(StreamCode::unwanted);
  write_all(*pair.server().stream, pattern(1'000'000));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().stops, std::vector<StreamCode>{StreamCode::unwanted});
  EXPECT_TRUE(pair.server().aborts.empty());
  EXPECT_EQ(pair.client->text.size(), 1000u);
  EXPECT_EQ(pair.client->ends, 0);
  EXPECT_TRUE(pair.client->aborts.empty());
  write_all(*pair.client->stream, "goes on");
  pair.client->stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.server().text, "goes on");
  EXPECT_EQ(pair.server().ends, 1);
  EXPECT_EQ(pair.streams(), 0u);
}

TEST(StreamContract, GivesTheLinkBackWhatNobodyReads) {
  // More than the link's window goes by on streams that are stopped, aborted or forgotten with octets unread.
  StreamPair pair;
  pair.then_accept = [](RecordingHandler& server) { server.consume = false; };
  for (int i = 0; i < 60; ++i) {
    const auto client = pair.open();
    write_all(*client->stream, pattern(100'000));
    ASSERT_TRUE(pair.settle());
    RecordingHandler& server = *pair.accepted.back();
    ASSERT_EQ(server.text.size(), 100'000u) << i;
    if (i % 3 == 0) server.stream->stop(StreamCode::unwanted);
    if (i % 3 == 1) server.stream->abort(StreamCode::internal);
    if (i % 3 == 2) client->stream->abort(StreamCode::cancelled);
    server.stream.reset();
    client->stream.reset();
    ASSERT_TRUE(pair.settle());
  }
  EXPECT_EQ(pair.a.set().streams() + pair.b.set().streams(), 0u);
}

TEST(StreamContract, SaysWhetherAnythingLeft) {
  StreamPair pair;
  const auto client = pair.open();
  write_all(*client->stream, "x");
  EXPECT_FALSE(client->stream->left());
  client->stream->abort(StreamCode::cancelled);
  EXPECT_FALSE(client->stream->left());
  ASSERT_TRUE(pair.settle());
  EXPECT_TRUE(pair.accepted.empty());
  EXPECT_EQ(pair.a.set().streams() + pair.b.set().streams(), 0u);
}

TEST(StreamContract, ToleratesHandlersThatDestroyTheirStream) {
  for (const int when : {0, 1, 2, 3}) {
    OpenedPair pair;
    RecordingHandler& server = pair.server();
    const auto destroy = [&server] { server.stream.reset(); };
    if (when == 0) server.then_data = destroy;
    if (when == 1) server.then_end = destroy;
    if (when == 2) server.then_abort = destroy;
    if (when == 3) server.then_writable = destroy;
    if (when == 3) write_all(*server.stream, pattern(limits::kStreamUnsentOctets));
    write_all(*pair.client->stream, pattern(20'000));
    if (when == 1) pair.client->stream->finish();
    ASSERT_TRUE(pair.settle());
    if (when == 2) pair.client->stream->abort(StreamCode::internal);
    ASSERT_TRUE(pair.settle());
    EXPECT_EQ(server.stream, nullptr) << when;
    EXPECT_EQ(pair.streams(), 0u) << when;
    EXPECT_EQ(pair.fault, StreamFault::none);
  }
}

TEST(StreamContract, MovesBothDirectionsToAnotherRing) {
  OpenedPair pair;
  pair.client->stream->set_ring(4);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.a.set().blender().ring(4).nSockets, 1u);
  EXPECT_EQ(pair.b.set().blender().ring(4).nSockets, 1u);
  EXPECT_EQ(pair.b.set().blender().ring(2).nSockets, 0u);
  pair.server().stream->set_ring(0);
  pair.loss = 0.5;
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.a.set().blender().ring(0).nSockets, 1u);
}

TEST(StreamContract, TellsEveryHandlerThatTheLinkIsLost) {
  StreamPair pair;
  std::vector<std::unique_ptr<RecordingHandler>> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(pair.open());
  ASSERT_TRUE(pair.settle());
  clients[0]->then_abort = [&] {
    clients[1]->stream.reset();  // one that was not told yet
    clients[2]->stream->abort(StreamCode::internal);
    StreamOpening opening;
    EXPECT_EQ(pair.a.set().open(opening, *clients[0]), nullptr);
    clients[0]->stream.reset();
  };
  pair.a.set().lose({StreamCode::link_lost, "cut"});
  EXPECT_EQ(clients[0]->aborts, std::vector<StreamCode>{StreamCode::link_lost});
  EXPECT_TRUE(clients[1]->aborts.empty());
  EXPECT_TRUE(clients[2]->aborts.empty());
  EXPECT_EQ(clients[9]->aborts, std::vector<StreamCode>{StreamCode::link_lost});
  EXPECT_EQ(pair.a.set().streams(), 0u);
  write_all(*clients[9]->stream, "into the void");
  clients[9]->stream->finish();
  EXPECT_EQ(clients[9]->stream->writable(), 0u);
}

TEST(StreamContract, LosesTheLinkAtTheEndOfADispatch) {
  OpenedPair pair;
  pair.server().then_data = [&pair] { pair.b.set().lose({StreamCode::link_lost, "closed by a handler"}); };
  write_all(*pair.client->stream, "x");
  pair.client->stream->finish();
  while (pair.server().aborts.empty()) {
    const testing::TestPacket packet = pair.a.build();
    ASSERT_FALSE(packet.empty());
    ASSERT_EQ(pair.b.receive(packet), StreamFault::none);
    pair.b.set().dispatch();
  }
  EXPECT_EQ(pair.server().text, "x");
  EXPECT_EQ(pair.b.set().streams(), 0u);
}

TEST(StreamContract, HandlesOutliveTheLink) {
  OpenedPair pair;
  pair.a.destroy_set();
  write_all(*pair.client->stream, "x");
  pair.client->stream->finish();
  pair.client->stream->consumed(5);
  pair.client->stream->set_ring(1);
  EXPECT_TRUE(pair.client->stream->left());
  EXPECT_TRUE(pair.client->aborts.empty());
}

TEST(StreamContract, RefusesToOpenMoreThanThePeerAllows) {
  EndpointSettings few;
  few.max_streams = 4;
  StreamPair pair(few);
  pair.then_accept = [](RecordingHandler& server) { server.then_end = [&server] { server.stream->finish(); }; };
  std::vector<std::unique_ptr<RecordingHandler>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(pair.open());
  EXPECT_EQ(pair.open()->stream, nullptr);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.open()->stream, nullptr);
  clients[2]->stream->finish();
  ASSERT_TRUE(pair.settle());
  EXPECT_NE(pair.open()->stream, nullptr);
  EXPECT_EQ(pair.fault, StreamFault::none);
}

TEST(StreamContract, SendsALostOpeningThoughTheLinkIsBlocked) {
  EndpointSettings narrow;
  narrow.max_link_receive_octets = 50'000;
  StreamPair pair(narrow);
  const auto client = pair.open();
  const testing::TestPacket opening = pair.a.build();
  ASSERT_EQ(opening.segments.size(), 1u);
  write_all(*client->stream, pattern(100'000));
  ASSERT_TRUE(pair.settle());  // the other end may not read before it knows the stream
  EXPECT_TRUE(pair.accepted.empty());
  pair.a.lost(opening);
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(pair.accepted.size(), 1u);
  EXPECT_EQ(pair.accepted[0]->text, pattern(100'000));
}

TEST(StreamContract, ForgetsAStreamThatIsResetBeforeAnyoneKnewIt) {
  StreamPair pair;
  const auto client = pair.open();
  write_all(*client->stream, "never read");
  const testing::TestPacket first = pair.a.build();
  client->stream->abort(StreamCode::cancelled);
  ASSERT_EQ(pair.b.receive(first), StreamFault::none);
  const testing::TestPacket reset = pair.a.build();
  ASSERT_EQ(pair.b.receive(reset), StreamFault::none);  // before its dispatch
  pair.a.acked(first);
  pair.a.acked(reset);
  ASSERT_TRUE(pair.settle());
  EXPECT_TRUE(pair.accepted.empty());
  EXPECT_EQ(pair.a.set().streams() + pair.b.set().streams(), 0u);
}

TEST(StreamContract, CountsTheHostedConnections) {
  StreamPair pair;
  std::vector<std::unique_ptr<RecordingHandler>> clients;
  for (std::uint32_t i = 0; i < 30; ++i) {
    clients.push_back(pair.open(2, i / 3));
    write_all(*clients.back()->stream, "x");
  }
  EXPECT_EQ(pair.a.set().hosted(), 10u);
  pair.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(pair.a.set().hosted(), 1u);
}

}  // namespace
}  // namespace ringway::tmp
