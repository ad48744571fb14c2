#include "cli/dns/handover.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <future>
#include <string_view>
#include <thread>

namespace ringway::cli {
namespace {

/// The running one's end of the talk, as a test wants it: it gives no sockets away.
class FakeRunning {
 public:
  FakeRunning() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ::unlink(path.c_str());
    listener_ = net::Descriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
  }
  FakeRunning(const FakeRunning&) = delete;
  FakeRunning& operator=(const FakeRunning&) = delete;
  ~FakeRunning() { ::unlink(path.c_str()); }

  /// Whom it has handed over to.
  Result<Handover> hand_over() {
    std::thread talk([this] {
      peer_ = net::Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      hear();
      say("end");
    });
    auto next = Handover::ask(path);
    talk.join();
    return next;
  }
  void say(std::string_view words) {
    EXPECT_EQ(::send(peer_.get(), words.data(), words.size(), MSG_NOSIGNAL), words.size());
  }
  /// With a file that holds `text`.
  void say(std::string words, std::string_view text) {
    const net::Descriptor file(::memfd_create("test", MFD_CLOEXEC));
    EXPECT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    iovec vector{words.data(), words.size()};
    alignas(cmsghdr) std::uint8_t room[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    cmsghdr* const note = CMSG_FIRSTHDR(&message);
    *note = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    const int fd = file.get();
    std::memcpy(CMSG_DATA(note), &fd, sizeof fd);
    EXPECT_EQ(::sendmsg(peer_.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
  }
  std::string hear(int how = 0) {
    char words[64];
    const ssize_t got = ::recv(peer_.get(), words, sizeof words, how);
    return got > 0 ? std::string(words, static_cast<std::size_t>(got)) : "";
  }
  void hang_up() { peer_.close(); }

  const std::string path = testing::TempDir() + "ringway_handover_" + std::to_string(::getpid());

 private:
  net::Descriptor listener_;
  net::Descriptor peer_;
};

TEST(Handover, ThatIsTooLateIsNone) {
  FakeRunning running;
  auto next = running.hand_over();
  ASSERT_TRUE(next) << next.error().message;
  running.say("too late");
  running.hang_up();
  const Status concluded = next->conclude();
  ASSERT_FALSE(concluded) << "both would serve";
  EXPECT_EQ(concluded.error().message, "the running redirector has gone on: this one took too long");
}

TEST(Handover, IsTooLateWhileItSaysThatItServes) {
  FakeRunning running;
  auto next = running.hand_over();
  ASSERT_TRUE(next) << next.error().message;
  auto concluded = std::async(std::launch::async, [&] { return next->conclude(); });
  EXPECT_EQ(running.hear(MSG_PEEK), "serving");
  running.say("too late");
  running.hang_up();  // without having read it: the kernel resets the talk
  EXPECT_FALSE(concluded.get());
}

TEST(Handover, IsOneWhereTheOtherSaysSoOrDies) {
  for (const bool dies : {false, true}) {
    FakeRunning running;
    auto next = running.hand_over();
    ASSERT_TRUE(next) << next.error().message;
    std::thread other([&] {
      if (!dies) {
        EXPECT_EQ(running.hear(), "serving");
        running.say("yours");
      }
      running.hang_up();
    });
    const Status concluded = next->conclude();
    other.join();
    EXPECT_TRUE(concluded) << concluded.error().message;
  }
}

/// What comes of asking for tables, where the other answers so.
Result<TableLegacy> tables_of(const std::function<void(FakeRunning& running)>& answer) {
  FakeRunning running;
  auto next = running.hand_over();
  EXPECT_TRUE(next) << next.error().message;
  auto tables = std::async(std::launch::async, [&] { return next->ask_tables(); });
  EXPECT_EQ(running.hear(), "tables");
  answer(running);
  return tables.get();
}

TEST(Handover, TablesComeAsFiles) {
  const auto tables = tables_of([](FakeRunning& running) {
    running.say("told 1500", std::string(100000, 't'));
    running.say("own", "mine");
    running.say("end");
  });
  ASSERT_TRUE(tables);
  EXPECT_EQ(tables->told, std::string(100000, 't'));
  EXPECT_EQ(tables->told_age, std::chrono::milliseconds(1500));
  EXPECT_EQ(tables->own, "mine");
}

TEST(Handover, TablesThatCannotBeReadAreEmpty) {
  const auto tables = tables_of([](FakeRunning& running) {
    running.say("told 7");
    running.say("end");
  });
  ASSERT_TRUE(tables);
  EXPECT_EQ(tables->told, "");
  EXPECT_FALSE(tables->own);
}

TEST(Handover, WhatIsNoTableEndsThem) {
  for (const char* const words : {"told x", "told 1 2", "told", "table", ""}) {
    const auto tables = tables_of([&](FakeRunning& running) {
      running.say("own", "mine");
      if (*words != 0) running.say(words, "odd");
      running.hang_up();
    });
    ASSERT_TRUE(tables) << words;
    EXPECT_EQ(tables->own, "mine") << words;
    EXPECT_FALSE(tables->told) << words;
  }
}

TEST(Handover, TablesOfWhoHasGoneOnAreNone) {
  const auto tables = tables_of([](FakeRunning& running) { running.say("too late"); });
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().message, "the running redirector has gone on: this one took too long");
}

TEST(Handover, IsNoneWhereNobodyRuns) {
  auto next = Handover::ask(testing::TempDir() + "ringway_handover_of_nobody");
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_TRUE(next->take_sockets().empty());
  EXPECT_TRUE(next->conclude());
}

}  // namespace
}  // namespace ringway::cli
