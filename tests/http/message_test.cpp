#include "http/message.h"

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

TEST(Fields, KeepsOrderAndLowersNames) {
  Fields fields;
  fields.add("B-Name", "One");
  fields.add("a", "");
  fields.add("b-nAME", "two");
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].name, "b-name");
  EXPECT_EQ(fields[0].value, "One");
  EXPECT_EQ(fields[1].value, "");
  EXPECT_EQ(fields[2].value, "two");
  EXPECT_EQ(fields.count("b-name"), 2U);
  EXPECT_EQ(fields.find("b-name"), "One");
  EXPECT_EQ(fields.find("c"), std::nullopt);
}

TEST(Fields, SetReplacesAllOfThatName) {
  Fields fields;
  fields.add("x", "1");
  fields.add("y", "2");
  fields.add("X", "3");
  fields.set("X", "4");
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "y");
  EXPECT_EQ(fields.find("x"), "4");
}

TEST(Fields, OctetsCountOnlyWhatIsThere) {
  Fields fields;
  fields.add("name", "value");
  fields.add("gone", "much");
  fields.remove("GONE");
  EXPECT_EQ(fields.octets(), 9U);
  fields.clear();
  EXPECT_EQ(fields.octets(), 0U);
  EXPECT_TRUE(fields.empty());
}

TEST(Fields, TokensAreFoundInEveryFieldOfTheName) {
  Fields fields;
  fields.add("connection", "keep-alive , Foo");
  fields.add("connection", ",,close");
  EXPECT_TRUE(fields.has_token("connection", "foo"));
  EXPECT_TRUE(fields.has_token("connection", "CLOSE"));
  EXPECT_FALSE(fields.has_token("connection", "keep"));
  EXPECT_FALSE(fields.has_token("connection", ""));
  EXPECT_FALSE(fields.has_token("upgrade", "foo"));
}

TEST(HopByHop, RemovesWhatConnectionNamesAndFraming) {
  Fields fields;
  for (const char* name : {"Connection", "Keep-Alive", "TE", "Upgrade", "Transfer-Encoding", "Content-Length",
                           "Proxy-Connection", "HTTP2-Settings", "Accept", "X-Private", "Trailer"}) {
    fields.add(name, std::string_view(name) == "Connection" ? "X-Private, close" : "v");
  }
  remove_hop_by_hop(fields);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "accept");
  EXPECT_EQ(fields[1].name, "trailer");
}

TEST(HopByHop, ConnectionMayNameItself) {
  Fields fields;
  fields.add("connection", "connection, a");
  fields.add("connection", "b");
  fields.add("a", "1");
  fields.add("b", "2");
  fields.add("c", "3");
  remove_hop_by_hop(fields);
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].name, "c");
}

TEST(Message, IdempotentMethods) {
  EXPECT_TRUE(is_idempotent("GET"));
  EXPECT_TRUE(is_idempotent("DELETE"));
  EXPECT_FALSE(is_idempotent("POST"));
  EXPECT_FALSE(is_idempotent("PATCH"));
  EXPECT_FALSE(is_idempotent("get"));
}

TEST(Message, ReasonPhrases) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(421), "Misdirected Request");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(reason_phrase(0), "Unknown");
  EXPECT_EQ(reason_phrase(999), "Unknown");
}

}  // namespace
}  // namespace ringway::http
