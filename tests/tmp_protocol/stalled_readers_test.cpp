// Readers that stop reading: they must not stop the link for the others, nor take the process's memory.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "stream_pair.h"

namespace ringway::tmp {
namespace {

using testing::pattern;
using testing::RecordingHandler;

constexpr std::uint64_t kWindow = limits::kFirstStreamWindowOctets;

/// The receiving end of a link, whose peer sends as much as it may.
class StalledReaders : public ::testing::Test {
 protected:
  /// One that holds a whole stream's window.
  RecordingHandler& stall() {
    RecordingHandler& reader = open();
    reader.consume = false;
    fill(kWindow);
    return reader;
  }

  RecordingHandler& open() {
    EXPECT_EQ(set.on_stream_open(next_id += 2, {}), StreamFault::none);
    set.dispatch();
    return *readers.back();
  }

  /// `octets` more on the newest stream.
  void fill(std::uint64_t octets) {
    for (std::uint64_t offset = 0; offset < octets; offset += kPiece.size()) {
      ASSERT_EQ(set.on_stream(next_id, offset, as_bytes(kPiece), Fin::absent), StreamFault::none);
      set.dispatch();
    }
    drop_control();
  }

  void drop_control() {
    while (set.next_control()) set.pop_control();
  }

  void wait_and_expire() {
    clock.advance(limits::kStalledReaderLimit + std::chrono::milliseconds(1));
    set.expire();
    set.dispatch();
  }

  std::size_t ended() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(readers, [](const auto& each) { return !each->aborts.empty(); }));
  }

  const std::string kPiece = pattern(1024);
  testing::TestClock clock;
  MemoryBudget budget{64 * limits::kFirstLinkWindowOctets};
  EndpointSettings settings;
  std::vector<std::unique_ptr<RecordingHandler>> readers;
  testing::StreamEndpoint host{Initiator::connecting, settings, settings, clock};
  StreamSet set{Initiator::accepting,   settings, StreamSet::first_limits(settings), &budget, clock,
                testing::test_overhead, host};
  std::uint64_t next_id = static_cast<std::uint64_t>(-2);

  void SetUp() override {
    host.on_accept = [this](std::unique_ptr<LinkStream> stream, const StreamOpening&) {
      readers.push_back(std::make_unique<RecordingHandler>());
      readers.back()->stream = std::move(stream);
      readers.back()->stream->set_handler(readers.back().get());
    };
  }

  void TearDown() override {
    readers.clear();
    drop_control();
    EXPECT_EQ(set.reader_loan().octets(), 0u);
    EXPECT_EQ(budget.taken(), set.receive_window().window());
  }
};

TEST_F(StalledReaders, LeaveTheLinksWindowToTheOthers) {
  for (int i = 0; i < 100; ++i) stall();
  EXPECT_GT(100 * kWindow, set.receive_window().window());
  RecordingHandler& other = open();
  fill(10 * limits::kFirstLinkWindowOctets);
  EXPECT_EQ(other.text.size(), 10 * limits::kFirstLinkWindowOctets);
  EXPECT_EQ(set.reader_loan().octets(), 100 * kWindow);
}

TEST_F(StalledReaders, AreLetBeWhileMemoryReaches) {
  for (int i = 0; i < 100; ++i) stall();
  wait_and_expire();
  EXPECT_EQ(ended(), 0u);
}

TEST_F(StalledReaders, AreEndedOnceMemoryDoesNotReach) {
  const std::uint64_t fit = (64 - 1) * limits::kFirstLinkWindowOctets / kWindow;
  RecordingHandler& busy = stall();
  for (std::uint64_t i = 1; i < fit + 2; ++i) stall();
  EXPECT_LE(budget.taken(), 64 * limits::kFirstLinkWindowOctets);
  clock.advance(limits::kStalledReaderLimit);
  busy.stream->consumed(1);
  wait_and_expire();
  EXPECT_GE(ended() * kWindow, set.receive_window().window());
  EXPECT_LT(ended(), fit / 2);
  for (const auto& reader : readers) {
    if (!reader->aborts.empty()) {
      EXPECT_EQ(reader->aborts, std::vector{StreamCode::timed_out});
    }
  }
}

TEST_F(StalledReaders, ThatWereGivenSomethingJustNowAreNotStalled) {
  RecordingHandler& idle = open();
  idle.consume = false;
  const std::uint64_t idle_id = next_id;
  const std::uint64_t fit = (64 - 1) * limits::kFirstLinkWindowOctets / kWindow;
  for (std::uint64_t i = 0; i < fit + 2; ++i) stall();
  clock.advance(limits::kStalledReaderLimit * 2);
  ASSERT_EQ(set.on_stream(idle_id, 0, as_bytes(kPiece), Fin::absent), StreamFault::none);
  set.dispatch();
  set.expire();
  set.dispatch();
  EXPECT_GT(ended(), 0u);
  EXPECT_TRUE(idle.aborts.empty());
}

}  // namespace
}  // namespace ringway::tmp
