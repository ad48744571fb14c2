#include "net/remote_link.h"

#include <gtest/gtest.h>

#include <atomic>
#include <list>

#include "base/limits.h"
#include "net/remote_link_host.h"
#include "tests/net/support.h"

namespace ringway::net {
namespace {

/// A stream of a link that is a TCP connection in truth.
class TcpLinkStream final : public tmp::LinkStream {
 public:
  TcpLinkStream(std::unique_ptr<ByteStream> stream, std::atomic<int>& ring) : stream_(std::move(stream)), ring_(ring) {}
  void set_handler(ByteStreamHandler* handler) override { stream_->set_handler(handler); }
  void write(Slice data) override { stream_->write(std::move(data)); }
  void write(ByteQueue& data) override { stream_->write(data); }
  [[nodiscard]] std::size_t writable() const override { return stream_->writable(); }
  void finish() override { stream_->finish(); }
  void stop(StreamCode code) override { stream_->stop(code); }
  void abort(StreamCode code) override { stream_->abort(code); }
  void consumed(std::size_t count) override { stream_->consumed(count); }
  void set_ring(std::uint8_t ring) override { ring_ = ring; }
  [[nodiscard]] bool left() const override { return true; }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::atomic<int>& ring_;
};

/// Sends everything back, at the pace at which it is taken, and ends when its client does.
class EchoServer final : public AcceptHandler {
 public:
  explicit EchoServer(Worker& worker) {
    ListenSettings settings;
    settings.address = loopback();
    listener = Listener::open(worker, settings, *this).value();
  }
  void on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& /*info*/) override {
    Session& session = sessions.emplace_back();
    session.server = this;
    session.stream = std::move(stream);
    session.stream->set_handler(&session);
    session.place = std::prev(sessions.end());
  }

  struct Session final : public ByteStreamHandler {
    void on_data(Slice data) override {
      held += data.size();
      stream->write(std::move(data));
      give_credit();
    }
    void on_end() override { stream->finish(); }
    void on_writable() override { give_credit(); }
    void on_stop(StreamCode /*code*/) override {}
    void on_abort(const StreamEnd& /*end*/) override {
      ++server->aborted;
      server->sessions.erase(place);
    }
    void give_credit() {
      if (stream->writable() > 0) stream->consumed(std::exchange(held, 0));
    }

    EchoServer* server = nullptr;
    std::unique_ptr<ByteStream> stream;
    std::list<Session>::iterator place;
    std::size_t held = 0;
  };

  std::unique_ptr<Listener> listener;
  std::list<Session> sessions;
  std::atomic<int> aborted{0};
};

class TcpLink final : public tmp::Link {
 public:
  TcpLink(Worker& worker, const SocketAddress& address) : connector_(worker), address_(address) {}
  [[nodiscard]] bool up() const override { return is_up; }
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  std::unique_ptr<tmp::LinkStream> open(const tmp::StreamOpening& opening, ByteStreamHandler& handler) override {
    if (opening.site == "nowhere") return nullptr;
    return std::make_unique<TcpLinkStream>(connector_.connect(address_, nullptr, handler), ring);
  }
  [[nodiscard]] std::size_t streams() const override { return 7; }
  [[nodiscard]] tmp::LinkQuality quality() const override { return its_quality; }
  [[nodiscard]] const tmp::LinkCounters& counters() const override { return counters_; }
  void drain() override { drained = true; }
  void close(const std::string& /*reason*/) override { closed = true; }

  bool is_up = true;  // these are changed on its worker alone
  tmp::LinkQuality its_quality;
  std::atomic<bool> drained{false};
  std::atomic<bool> closed{false};
  std::atomic<int> ring{-1};

 private:
  TcpConnector connector_;
  SocketAddress address_;
  std::string peer_ = "host-1";
  tmp::LinkCounters counters_;
};

class LinkEvents final : public tmp::LinkHandler {
 public:
  void on_link_up(tmp::Link& /*link*/) override { ++ups; }
  void on_link_down(tmp::Link& /*link*/, const std::string& reason) override {
    ++downs;
    down_reason = reason;
  }
  void on_stream(tmp::Link& /*link*/, std::unique_ptr<tmp::LinkStream> stream,
                 const tmp::StreamOpening& opening) override {
    site = opening.site;
    given.take(std::move(stream));
  }
  void on_link_draining(tmp::Link& /*link*/) override { ++drains; }

  int ups = 0;
  int downs = 0;
  int drains = 0;
  std::string down_reason;
  std::string site;
  TestEnd given;
};

/// The link on a thread of its own, its user on the test's.
class RemoteLinkTest : public testing::Test {
 protected:
  RemoteLinkTest() {
    host_worker_->start();
    EXPECT_TRUE(run([&] { return events_.ups == 1; }));
  }
  ~RemoteLinkTest() override {
    streams_.clear();
    events_.given.stream.reset();
    remote_.reset();
    host_worker_->stop();
    host_worker_->join();
    host_.reset();
    server_.sessions.clear();
  }

  bool run(const std::function<bool()>& done) { return worker_->run_until(done, kPatience); }
  void on_host(std::function<void()> work) { EXPECT_TRUE(host_worker_->post(std::move(work))); }
  TestEnd& open(const std::string& site = "shop") {
    TestEnd& end = streams_.emplace_back();
    tmp::StreamOpening opening;
    opening.site = site;
    end.stream = remote_->open(opening, end);
    return end;
  }

  std::unique_ptr<Worker> host_worker_ = make_worker();
  std::unique_ptr<Worker> worker_ = make_worker();
  EchoServer server_{*host_worker_};
  TcpLink link_{*host_worker_, server_.listener->address()};
  std::shared_ptr<LinkChannel> channel_ = LinkChannel::make();
  std::unique_ptr<RemoteLinkHost> host_ = std::make_unique<RemoteLinkHost>(*host_worker_, link_, channel_);
  LinkEvents events_;
  std::unique_ptr<RemoteLink> remote_ = std::make_unique<RemoteLink>(*worker_, "host-1", channel_, events_);
  std::deque<TestEnd> streams_;
};

TEST_F(RemoteLinkTest, TellsWhatItsOwnerKnows) {
  EXPECT_TRUE(remote_->up());
  EXPECT_EQ(remote_->streams(), 7U);
  EXPECT_EQ(remote_->peer(), "host-1");
  on_host([this] {
    link_.is_up = false;
    host_->link_down("the network went away");
  });
  ASSERT_TRUE(run([&] { return events_.downs == 1; }));
  EXPECT_EQ(events_.down_reason, "the network went away");
  tmp::StreamOpening opening;
  TestEnd end;
  EXPECT_EQ(remote_->open(opening, end), nullptr);
}

TEST_F(RemoteLinkTest, HearsThatThePeerIsSilentThoughNoPacketPasses) {
  on_host([this] { link_.its_quality.silence = std::chrono::milliseconds(700); });
  ASSERT_TRUE(run([&] { return remote_->quality().silence == std::chrono::milliseconds(700); }));
}

TEST_F(RemoteLinkTest, CountsItsOwnStreamsBetweenTheNews) {
  open();
  open();
  EXPECT_EQ(remote_->streams(), 9U);
  streams_.pop_back();
  EXPECT_EQ(remote_->streams(), 8U);
}

TEST_F(RemoteLinkTest, HearsOfALinkMadeAgainThoughOneLetterToldAll) {
  on_host([this] { host_->link_draining(); });
  ASSERT_TRUE(run([&] { return events_.drains == 1; }));
  on_host([this] {
    link_.is_up = false;
    host_->link_down("it ended");
    link_.is_up = true;
    host_->link_up();
  });
  ASSERT_TRUE(run([&] { return events_.ups == 2; }));
  EXPECT_EQ(events_.downs, 0);
}

TEST_F(RemoteLinkTest, WhatCameBeforeAnAbortIsHeardBeforeIt) {
  std::vector<LinkLetter> letters(1);
  letters[0].stream = 2;
  letters[0].opening = std::make_unique<tmp::StreamOpening>();
  letters[0].data.append("last words");
  letters[0].aborted = StreamCode::origin_failed;
  channel_->to_user->put(letters, 0);
  ASSERT_TRUE(run([&] { return events_.given.aborted; }));
  EXPECT_EQ(events_.given.received, "last words");
  EXPECT_EQ(events_.given.end.code, StreamCode::origin_failed);
}

TEST_F(RemoteLinkTest, CarriesOctetsAndEndsBothWays) {
  TestEnd& end = open();
  end.write("there and back");
  end.stream->finish();
  ASSERT_TRUE(run([&] { return end.ended; }));
  EXPECT_EQ(end.received, "there and back");
}

TEST_F(RemoteLinkTest, MovesMuchOnManyStreamsWithBackPressure) {
  const std::string sent = pattern(2 << 20);
  std::vector<std::size_t> at(8);
  for (std::size_t i = 0; i < at.size(); ++i) open();
  ASSERT_TRUE(run([&] {
    bool all = true;
    for (std::size_t i = 0; i < at.size(); ++i) {
      TestEnd& end = streams_[i];
      const std::size_t count = std::min(end.stream->writable(), sent.size() - at[i]);
      if (count > 0) end.write(std::string_view(sent).substr(at[i], count));
      at[i] += count;
      if (at[i] == sent.size()) end.stream->finish();
      all = all && end.ended;
    }
    return all;
  }));
  for (const TestEnd& end : streams_) EXPECT_TRUE(end.received == sent);
}

TEST_F(RemoteLinkTest, AsksItsWriterToWait) {
  TestEnd& end = open();
  end.consumes = false;
  std::size_t written = 0;
  ASSERT_TRUE(run([&] {
    while (end.stream->writable() > 0 && written < (64U << 20)) {
      end.write(std::string(16384, 'x'));
      written += 16384;
    }
    // What the echo sends back is not consumed: everything between fills up.
    return end.received_octets >= limits::kTcpReceiveOctets && end.stream->writable() == 0;
  }));
  EXPECT_LT(end.received_octets, limits::kTcpReceiveOctets + kChunkOctets);
  end.consumes = true;
  end.stream->consumed(end.received_octets);
  ASSERT_TRUE(run([&] { return end.received_octets == written; }));
  EXPECT_GT(end.writable_calls, 0);
}

TEST_F(RemoteLinkTest, SaysThatARefusedStreamDidNothing) {
  TestEnd& end = open("nowhere");
  end.write("POST");
  auto* stream = dynamic_cast<tmp::LinkStream*>(end.stream.get());
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(stream->left());  // nobody knows yet
  ASSERT_TRUE(run([&] { return end.aborted; }));
  EXPECT_EQ(end.end.code, StreamCode::refused);
  EXPECT_FALSE(stream->left());
}

TEST_F(RemoteLinkTest, AbortReachesTheOtherEnd) {
  TestEnd& end = open();
  end.write("hello");
  ASSERT_TRUE(run([&] { return end.received == "hello"; }));
  end.stream.reset();
  ASSERT_TRUE(run([&] {
    worker_->post([] {});
    return server_.aborted == 1;
  }));
}

TEST_F(RemoteLinkTest, WhatAFinishedAndForgottenStreamWroteArrives) {
  TestEnd& end = open();
  const std::string sent = pattern(100000);
  // Shared: the host may still be asked when the test is over.
  const auto all_there = std::make_shared<std::atomic<bool>>(false);
  end.write(sent);
  end.stream->finish();
  end.stream.reset();
  ASSERT_TRUE(run([&] {
    on_host([this, all_there] { *all_there = host_->streams() == 0 && server_.sessions.size() == 1; });
    worker_->post([] {});
    return all_there->load();
  }));
  EXPECT_EQ(server_.aborted, 0);
}

TEST_F(RemoteLinkTest, MovesARingAndPassesWishesOn) {
  TestEnd& end = open();
  dynamic_cast<tmp::LinkStream&>(*end.stream).set_ring(4);
  remote_->drain();
  ASSERT_TRUE(run([&] {
    worker_->post([] {});
    return link_.ring == 4 && link_.drained;
  }));
  remote_->close("enough");
  ASSERT_TRUE(run([&] {
    worker_->post([] {});
    return link_.closed.load();
  }));
}

TEST_F(RemoteLinkTest, TakesStreamsThatThePeerOpened) {
  on_host([this] {
    tmp::StreamOpening opening;
    opening.site = "shop";
    // The handler given here is replaced before anything is heard.
    static TestEnd nobody;
    host_->give(link_.open(opening, nobody), opening);
  });
  ASSERT_TRUE(run([&] { return events_.given.stream != nullptr; }));
  EXPECT_EQ(events_.site, "shop");
  events_.given.write("answer");
  ASSERT_TRUE(run([&] { return events_.given.received == "answer"; }));
}

TEST_F(RemoteLinkTest, StreamsDieWithTheirHost) {
  TestEnd& end = open();
  end.write("hello");
  ASSERT_TRUE(run([&] { return end.received == "hello"; }));
  on_host([this] { host_.reset(); });
  ASSERT_TRUE(run([&] { return end.aborted && events_.downs == 1; }));
  EXPECT_EQ(end.end.code, StreamCode::link_lost);
}

}  // namespace
}  // namespace ringway::net
