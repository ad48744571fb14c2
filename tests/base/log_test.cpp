#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/line_file.h"

namespace ringway {
namespace {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return Time(std::chrono::hours(5) + since_start); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(1795262401123));
  }
  Duration since_start{};
};

class Lines final : public LineSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

struct Written {
  explicit Written(LogSettings settings = {}) : log("frontend", settings, sink, clock) {}
  FixedClock clock;
  Lines sink;
  Log log;
};

TEST(Log, WritesALineForPeople) {
  Written written;
  written.log.info("the link to host-1 is up", {{"remote", "10.0.0.2:7400"}, {"reason", "made again"}, {"note", ""}});
  ASSERT_EQ(written.sink.lines.size(), 1U);
  EXPECT_EQ(written.sink.lines[0],
            "2026-11-21T12:00:01.123Z info    frontend: the link to host-1 is up remote=10.0.0.2:7400 "
            "reason=\"made again\" note=\"\"");
}

TEST(Log, AMarkStandsInEveryLine) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    Written written({LogLevel::info, format});
    written.log.set_mark("revision", "7");
    written.log.info("link is up", {{"peer", "host-1"}});
    written.log.set_mark("revision", "8");
    written.log.limited("kind", LogLevel::info, "again");
    const bool text = format == LogFormat::text;
    EXPECT_TRUE(written.sink.lines[0].ends_with(text ? " peer=host-1 revision=7" : R"("host-1","revision":"7"})"))
        << written.sink.lines[0];
    EXPECT_TRUE(written.sink.lines[1].ends_with(text ? "again revision=8" : R"("again","revision":"8"})"))
        << written.sink.lines[1];
  }
}

TEST(Log, WritesJsonWhereAsked) {
  Written written({LogLevel::info, LogFormat::json});
  written.log.warning("bad \"file\"", {{"path", "/etc/ringway"}});
  EXPECT_EQ(
      written.sink.lines.at(0),
      R"({"time":"2026-11-21T12:00:01.123Z","level":"warning","source":"frontend","message":"bad \"file\"","path":"/etc/ringway"})");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Written written({LogLevel::warning, LogFormat::text});
  written.log.debug("no");
  written.log.info("no");
  written.log.limited("kind", LogLevel::info, "no");
  written.log.warning("yes");
  written.log.error("yes");
  EXPECT_EQ(written.sink.lines.size(), 2U);
  written.log.set({LogLevel::debug, LogFormat::text});
  written.log.debug("now");
  EXPECT_EQ(written.sink.lines.size(), 3U);
}

TEST(Log, LetsNoStrangerWriteALine) {
  Written written;
  written.log.info("peer says\n2026 error", {{"reason", "a\r\nb \x1b[31m\x7f \xff \xc2\x9b \xc3\xa9 \"q\" \\"}});
  const std::string& line = written.sink.lines.at(0);
  EXPECT_NE(line.find(R"(peer says\x0a2026 error)"), std::string::npos) << line;
  EXPECT_NE(line.find("reason=\"a\\x0d\\x0ab \\x1b[31m\\x7f \\xff \\xc2\\x9b \xc3\xa9 \\\"q\\\" \\\\\""),
            std::string::npos)
      << line;
}

TEST(Log, LimitsWhatStrangersCause) {
  Written written;
  for (int i = 0; i < 100; ++i) written.log.limited("bad packet", LogLevel::info, "dropped");
  EXPECT_EQ(written.sink.lines.size(), Log::kBurst);
  written.log.limited("bad cookie", LogLevel::info, "another kind is not held back");
  EXPECT_EQ(written.sink.lines.size(), Log::kBurst + 1);
  written.clock.since_start += Log::kWindow;
  written.log.limited("bad packet", LogLevel::info, "dropped");
  EXPECT_TRUE(written.sink.lines.back().ends_with("dropped left_out=95")) << written.sink.lines.back();
  written.log.limited("bad packet", LogLevel::info, "dropped");
  EXPECT_TRUE(written.sink.lines.back().ends_with("dropped")) << written.sink.lines.back();
}

TEST(Log, KeepsABoundedNumberOfKinds) {
  Written written;
  for (int i = 0; i < 1000; ++i) written.log.limited("kind " + std::to_string(i), LogLevel::info, "x");
  EXPECT_EQ(written.sink.lines.size(), Log::kKinds - 1 + Log::kBurst);
}

TEST(WallTime, IsWrittenAsRfc3339) {
  const auto at = [](std::int64_t ms) { return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms)); };
  EXPECT_EQ(format_wall_time(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_wall_time(at(951782399999)), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(format_wall_time(at(-1)), "1969-12-31T23:59:59.999Z");
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class LineFileTest : public testing::Test {
 protected:
  LineFileTest() { std::remove(path.c_str()); }
  ~LineFileTest() override {
    std::remove(path.c_str());
    std::remove((path + ".1").c_str());
  }
  const std::string path = testing::TempDir() + "ringway_line_file_" + std::to_string(::getpid());
};

TEST_F(LineFileTest, GathersLinesUntilFlushed) {
  auto file = std::move(LineFile::open(path)).value();
  file->write("one");
  file->write("two");
  EXPECT_EQ(contents(path), "");
  file->flush();
  EXPECT_EQ(contents(path), "one\ntwo\n");
  file->write(std::string(LineFile::kGatherOctets, 'x'));
  EXPECT_EQ(contents(path).size(), 8 + LineFile::kGatherOctets + 1);
}

TEST_F(LineFileTest, GoesToANewFileAfterARotation) {
  auto file = std::move(LineFile::open(path)).value();
  file->write("old");
  ASSERT_EQ(std::rename(path.c_str(), (path + ".1").c_str()), 0);
  ASSERT_TRUE(file->reopen().ok());
  file->write("new");
  file.reset();
  EXPECT_EQ(contents(path + ".1"), "old\n");
  EXPECT_EQ(contents(path), "new\n");
}

TEST_F(LineFileTest, CountsLinesThatTheDiskDidNotTake) {
  auto file = std::move(LineFile::open("/dev/full")).value();
  file->write("lost");
  file->write("lost as well");
  file->flush();
  EXPECT_EQ(file->dropped(), 2U);
}

TEST_F(LineFileTest, SaysWhyItCannotBeOpened) {
  const auto file = LineFile::open("/nonexistent/access.log");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message, "cannot open /nonexistent/access.log: No such file or directory");
}

}  // namespace
}  // namespace ringway
