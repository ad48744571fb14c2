#include "agent/messages.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/limits.h"

namespace ringway::agent {
namespace {

std::string written(const Message& message) {
  ByteQueue out;
  write_message(out, message);
  return out.text();
}

std::string framed(std::string_view text) {
  std::uint8_t length[4];
  store_u32(length, static_cast<std::uint32_t>(text.size()));
  return std::string(reinterpret_cast<const char*>(length), 4) + std::string(text);
}

void add(MessageReader& reader, std::string_view octets) {
  ByteQueue queue;
  queue.append(octets);
  while (!queue.empty()) reader.add(queue.pop_front());
}

Message a_report() {
  Message message;
  Report& report = message.report.emplace();
  report.cpu = 0.25;
  report.exchanges = 1ULL << 60;
  report.sites.push_back({"shop", 10, 1, 2, 30, {1, 2, 3, 4, 5}, {{"127.0.0.1:8000", 4, 64, 10, 1, false}}});
  report.links.push_back({"host-1", 80000, 0.01, 0.02, 0.5});
  report.clients.push_back({"192.0.2.0/24", 7, 30000});
  report.secure_entrances.push_back({443, {"http/1.1"}, {"blog", "shop"}});
  return message;
}

TEST(AgentMessages, ComeOutAtEverySplit) {
  Message hello;
  hello.hello = Hello{"0.1.0", {3, 17, "cd", 2, "ab"}};
  const std::string octets = written(hello) + written(a_report());
  for (std::size_t split = 0; split <= octets.size(); ++split) {
    MessageReader reader;
    std::vector<Message> got;
    for (const std::string_view part :
         {std::string_view(octets).substr(0, split), std::string_view(octets).substr(split)}) {
      add(reader, part);
      while (true) {
        auto next = reader.next();
        ASSERT_TRUE(next) << next.error().message;
        if (!*next) break;
        got.push_back(std::move(**next));
      }
    }
    ASSERT_EQ(got.size(), 2U) << split;
    EXPECT_EQ(got[0].hello->in_use, (ContentMark{3, 17, "cd", 2, "ab"}));
    EXPECT_EQ(written(got[1]), written(a_report()));
    EXPECT_EQ(got[1].report->secure_entrances, a_report().report->secure_entrances);
  }
}

TEST(AgentMessages, PassOverWhatANewerReleaseSays) {
  MessageReader reader;
  add(reader, framed(R"({"greeting": {"to": "all"}})") + framed(R"({"hello": {"release": "9", "colour": "red"}})"));
  const auto strange = reader.next();
  ASSERT_TRUE(strange);
  EXPECT_FALSE((*strange)->hello);
  EXPECT_EQ(reader.next().value()->hello->release, "9");
}

TEST(AgentMessages, RefuseWhatIsNone) {
  for (const std::string& octets :
       {framed("{"), framed("[]"), framed(R"({"hello": 1})"), framed(R"({"status": {"mark": {}, "stage": "done"}})"),
        framed(R"({"report": {"cpu": 2}})"), std::string("\xff\xff\xff\xff", 4)}) {
    MessageReader reader;
    add(reader, octets);
    EXPECT_FALSE(reader.next()) << octets;
  }
}

TEST(AgentMessages, SendLargeContentsInParts) {
  SectionChanges changes;
  for (int i = 0; i < 3000; ++i) changes.changed["sites/s" + std::to_string(i)] = std::string(1000, '"');
  changes.removed = {"sites/gone"};
  const std::vector<Message> messages = content_messages({1, 2, "c", 3, "h"}, "b", changes);
  EXPECT_GT(messages.size(), 3U);
  Sections got = {{"sites/gone", "x"}};
  for (const Message& message : messages) {
    EXPECT_LT(written(message).size(), limits::kMaxAgentMessageOctets);
    EXPECT_EQ(message.content->last, &message == &messages.back());
    EXPECT_EQ(message.content->base, "b");
    for (const Section& section : message.content->sections) {
      section.text.empty() ? static_cast<void>(got.erase(section.name))
                           : static_cast<void>(got.emplace(section.name, section.text));
    }
  }
  EXPECT_EQ(got, changes.changed);
  EXPECT_EQ(content_messages({}, "", {}).size(), 1U);
}

TEST(Content, DiffersByWhatLeadsFromOneToTheOther) {
  const Sections from = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  const Sections to = {{"a", "1"}, {"b", "20"}, {"d", "4"}};
  const SectionChanges changes = difference(from, to);
  EXPECT_EQ(changes.changed, (Sections{{"b", "20"}, {"d", "4"}}));
  EXPECT_EQ(changes.removed, std::vector<std::string>{"c"});
  EXPECT_EQ(applied(from, changes), to);
  EXPECT_EQ(hash_of(applied(from, changes)), hash_of(to));
  EXPECT_NE(hash_of(from), hash_of(to));
  EXPECT_NE(hash_of({{"ab", "c"}}), hash_of({{"a", "bc"}}));
}

}  // namespace
}  // namespace ringway::agent
