#include "net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <functional>

#include "base/limits.h"
#include "tests/net/support.h"

namespace ringway::net {
namespace {

TEST(TcpStream, CarriesOctetsBothWays) {
  TcpPair pair;
  pair.open();
  pair.client.write("to the server");
  pair.server().write("to the client");
  ASSERT_TRUE(pair.run([&] { return pair.client.received.size() == 13 && pair.server().received.size() == 13; }));
  EXPECT_EQ(pair.server().received, "to the server");
  EXPECT_EQ(pair.client.received, "to the client");
}

TEST(TcpStream, TakesWritesBeforeItIsOpen) {
  TcpPair pair;
  EXPECT_FALSE(pair.client.opened);
  pair.client.write("early");
  pair.client.stream->finish();
  ASSERT_TRUE(pair.run([&] { return !pair.acceptor.ends.empty() && pair.server().ended; }));
  EXPECT_EQ(pair.server().received, "early");
}

TEST(TcpStream, CallsNoHandlerFromItsOwnFunctions) {
  TcpPair pair;
  pair.open();
  pair.client.consumes = false;
  pair.server().write(pattern(1000));
  ASSERT_TRUE(pair.run([&] { return pair.client.received.size() == 1000; }));
  const int calls = pair.client.data_calls;
  pair.client.write(pattern(2 * limits::kTcpUnsentOctets));
  pair.client.stream->consumed(1000);
  pair.client.stream->finish();
  EXPECT_EQ(pair.client.data_calls, calls);
  EXPECT_EQ(pair.client.writable_calls, 0);
  EXPECT_FALSE(pair.client.ended);
}

TEST(TcpStream, GoesOnReadingAfterItsOwnEnd) {
  TcpPair pair;
  pair.open();
  pair.client.write("request");
  pair.client.stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.server().ended; }));
  EXPECT_FALSE(pair.client.ended);
  pair.server().write("answer");
  ASSERT_TRUE(pair.run([&] { return pair.client.received == "answer"; }));
  pair.server().stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.client.ended; }));
}

TEST(TcpStream, MovesMuchInOrderWithBackPressure) {
  TcpPair pair;
  pair.open();
  const std::string sent = pattern(8 << 20);
  std::size_t at = 0;
  const auto feed = [&] {
    const std::size_t count = std::min({pair.client.stream->writable(), sent.size() - at, std::size_t{50000}});
    if (count > 0) pair.client.write(std::string_view(sent).substr(at, count));
    at += count;
    if (at == sent.size()) pair.client.stream->finish();
    return pair.server().ended;
  };
  ASSERT_TRUE(pair.run(feed));
  EXPECT_TRUE(pair.server().received == sent);
}

TEST(TcpStream, AsksItsWriterToWaitAndCallsItBack) {
  TcpPair pair;
  pair.open();
  pair.server().consumes = false;
  std::size_t written = 0;
  const std::string piece = pattern(32 * 1024);
  do {  // until the kernel's buffers are full as well
    while (pair.client.stream->writable() > 0) {
      pair.client.write(piece);
      written += piece.size();
    }
    pair.settle();
  } while (pair.client.stream->writable() > 0);
  const int calls = pair.client.writable_calls;
  // What is neither read nor unsent is the kernel's.
  EXPECT_LT(pair.server().received_octets, limits::kTcpReceiveOctets + kChunkOctets);
  pair.server().consumes = true;
  pair.server().stream->consumed(pair.server().received_octets);
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets == written; }));
  EXPECT_EQ(pair.client.writable_calls, calls + 1);
}

TEST(TcpStream, ReadsAtMostItsBoundUntilConsumed) {
  TcpPair pair;
  pair.open();
  pair.server().consumes = false;
  pair.client.write(pattern(1 << 20));
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets >= limits::kTcpReceiveOctets; }));
  const std::size_t held = pair.server().received_octets;
  pair.settle();
  EXPECT_EQ(pair.server().received_octets, held);
  pair.server().consumes = true;
  pair.server().stream->consumed(held);
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets == std::size_t{1} << 20; }));
}

TEST(TcpStream, WhatOneTurnWritesLeavesTogether) {
  TcpPair pair;
  pair.open();
  for (int i = 0; i < 20; ++i) pair.client.write("piece ");
  ASSERT_TRUE(pair.run([&] { return pair.server().received.size() == 120; }));
  EXPECT_EQ(pair.server().data_calls, 1);
}

TEST(TcpStream, SendsTheRestAfterItsOwnerLeft) {
  TcpPair pair;
  pair.open();
  const std::string sent = pattern(3 << 20);
  pair.server().consumes = false;
  pair.client.write(sent);
  pair.client.stream->finish();
  pair.client.stream.reset();
  EXPECT_EQ(pair.worker->adopted(), 1U);
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets >= limits::kTcpReceiveOctets; }));
  pair.server().consumes = true;
  pair.server().stream->consumed(pair.server().received_octets);
  ASSERT_TRUE(pair.run([&] { return pair.server().ended; }));
  EXPECT_TRUE(pair.server().received == sent);
  EXPECT_FALSE(pair.server().aborted);
  pair.server().stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.worker->adopted() == 0; }));
}

TEST(TcpStream, AnAnswerIsNotLostToARequestThatStillComes) {
  TcpPair pair;
  pair.open();
  pair.client.write(pattern(1 << 20));
  pair.server().destroy_after = SIZE_MAX;
  pair.server().write("413");
  pair.server().stream->finish();
  pair.server().stream.reset();  // closing with unread octets would reset the connection
  pair.client.write(pattern(1 << 20));
  ASSERT_TRUE(pair.run([&] { return pair.client.ended || pair.client.aborted; }));
  EXPECT_FALSE(pair.client.aborted) << pair.client.end.message;
  EXPECT_EQ(pair.client.received, "413");
}

TEST(TcpStream, LetsAStalledPeerGoInTime) {
  TcpPair pair;
  pair.open();
  pair.server().consumes = false;
  pair.client.write(pattern(16 << 20));
  pair.client.stream->finish();
  pair.client.stream.reset();
  EXPECT_EQ(pair.worker->adopted(), 1U);
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets >= limits::kTcpReceiveOctets; }));
  // Its deadline is the loop's only timer: time moves on at once.
  ASSERT_EQ(pair.worker->loop().timers.size(), 1U);
  pair.worker->loop().timers.run(pair.worker->now() + limits::kLingerLimit + limits::kLingerIdleLimit);
  EXPECT_EQ(pair.worker->adopted(), 0U);
  ASSERT_TRUE(pair.run([&] { return pair.server().aborted; }));
  EXPECT_EQ(pair.server().end.code, StreamCode::connection_failed);
}

TEST(TcpStream, AbortResetsThePeer) {
  TcpPair pair;
  pair.open();
  pair.client.stream->abort(StreamCode::internal);
  ASSERT_TRUE(pair.run([&] { return pair.server().aborted; }));
  EXPECT_FALSE(pair.client.aborted);
  EXPECT_FALSE(pair.server().ended);
  EXPECT_EQ(pair.server().end.code, StreamCode::connection_failed);
  EXPECT_NE(pair.server().end.message.find("reset by peer"), std::string::npos) << pair.server().end.message;
}

TEST(TcpStream, DestroyingAnUnfinishedOneResetsThePeer) {
  TcpPair pair;
  pair.open();
  pair.client.stream.reset();
  ASSERT_TRUE(pair.run([&] { return pair.server().aborted; }));
}

TEST(TcpStream, HearsOfAResetWhileItDoesNotRead) {
  TcpPair pair;
  pair.open();
  pair.server().consumes = false;
  pair.client.write(pattern(1 << 20));
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets >= limits::kTcpReceiveOctets; }));
  pair.client.stream->abort(StreamCode::cancelled);
  ASSERT_TRUE(pair.run([&] { return pair.server().aborted; }));
}

TEST(TcpStream, AHandlerMayDestroyItsStreamInOnData) {
  TcpPair pair;
  pair.open();
  pair.server().destroy_after = 100000;
  pair.client.write(pattern(1 << 20));
  ASSERT_TRUE(pair.run([&] { return pair.client.aborted; }));
  EXPECT_EQ(pair.server().stream, nullptr);
  EXPECT_FALSE(pair.server().aborted);
}

TEST(TcpStream, StopDropsWhatComes) {
  TcpPair pair;
  pair.open();
  pair.server().stream->stop(StreamCode::unwanted);
  const std::string much = pattern(1 << 20);
  std::size_t written = 0;
  ASSERT_TRUE(pair.run([&] {
    if (pair.client.stream->writable() > 0 && written < (16U << 20)) {
      pair.client.write(much);
      written += much.size();
    }
    if (written == (16U << 20)) pair.client.stream->finish();
    return pair.server().ended;
  }));
  EXPECT_EQ(pair.server().received_octets, 0U);
  pair.server().write("still here");
  ASSERT_TRUE(pair.run([&] { return pair.client.received == "still here"; }));
}

TEST(TcpStream, ReadsWhatAPeerSaidBeforeItReset) {
  TcpPair pair;
  BlockingClient raw(pair.listener->address());
  ASSERT_TRUE(pair.run([&] { return pair.acceptor.ends.size() == 2; }));
  TestEnd& end = pair.acceptor.ends.back();
  raw.send("last words");
  raw.reset();
  ASSERT_TRUE(pair.run([&] { return end.aborted; }));
  EXPECT_EQ(end.end.code, StreamCode::connection_failed);
}

TEST(TcpStream, IdleOnesHoldNoChunk) {
  TcpPair pair;
  pair.open();
  const std::size_t before = Chunk::alive();
  pair.client.keeps = pair.server().keeps = false;
  pair.client.write(pattern(100000));
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets == 100000; }));
  EXPECT_EQ(Chunk::alive(), before);
}

}  // namespace
}  // namespace ringway::net
