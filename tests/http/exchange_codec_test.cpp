#include "http/exchange_codec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.h"
#include "http/link_coder.h"
#include "http/varint.h"
#include "tests/http/exchange_transcript.h"

namespace ringway::http {
namespace {

using namespace std::string_literals;
using Direction = ExchangeReader::Direction;
using Kind = Content::Kind;

/// Octets that do not compress, the same in each run.
std::string noise(std::size_t octets) {
  std::string text(octets, '\0');
  std::uint64_t state = 88172645463325252ULL;
  for (char& octet : text) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    octet = static_cast<char>(state >> 32);
  }
  return text;
}

/// Text that compresses well, and is long.
std::string prose(std::size_t octets) {
  std::string text;
  for (int line = 0; text.size() < octets; ++line) text += "<li>item number " + std::to_string(line * 7919) + "</li>\n";
  text.resize(octets);
  return text;
}

void write_content(ExchangeWriter& writer, ByteQueue& out, std::string_view text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) writer.content(out, slice_of(text.substr(at, piece)));
}

RequestHead request_head() {
  RequestHead head;
  head.method = "GET";
  head.authority = "shop.test";
  head.target = "/cart?x=1";
  head.fields.add("accept", "*/*");
  head.fields.add("cookie", "a=b");
  return head;
}

ResponseHead response_head(std::string_view type = "text/html") {
  ResponseHead head;
  head.reason = "OK";
  if (!type.empty()) head.fields.add("content-type", type);
  return head;
}

/// A whole response of such content, in pieces, and what the writer counted.
struct Written {
  std::string octets;
  std::uint64_t in;
  std::uint64_t out;
};

Written write_response(std::string_view text, std::string_view type, std::size_t piece, Content content) {
  ExchangeWriter writer;
  ByteQueue out;
  writer.response_head(out, response_head(type), content, {});
  write_content(writer, out, text, piece);
  writer.complete(out, {});
  return {out.text(), writer.content_in(), writer.content_out()};
}

std::string response_transcript(std::string_view text, std::string_view type, std::string_view framing) {
  std::string expected = "response 200 'OK' 1.1 " + std::string(framing) + " origin= queue=0 origin_time=0\n";
  if (!type.empty()) expected += "  content-type: " + std::string(type) + "\n";
  if (!text.empty()) expected += "content " + std::string(text) + "\n";
  return expected + "complete\n";
}

TEST(ExchangeCodec, CarriesARequest) {
  ExchangeWriter writer;
  ByteQueue out;
  RequestHead head = request_head();
  head.scheme = "https";
  head.expects_continue = true;
  head.method = "QUERY";
  writer.request_head(out, head, {Kind::chunked, 0}, {"id-1"});
  writer.content(out, slice_of("hello"));
  writer.content(out, Slice());
  writer.content(out, slice_of(", world"));
  Fields trailers;
  trailers.add("x-sum", "9");
  writer.complete(out, trailers);
  const std::string octets = out.text();
  for_each_split(octets.size(), [&](const std::vector<std::size_t>& cuts) {
    ASSERT_EQ(read_exchange(Direction::request, octets, cuts),
              "request QUERY https://shop.test /cart?x=1 1.1 chunked expects id=id-1\n  accept: */*\n  cookie: a=b\n"
              "content hello, world\ncomplete\n  x-sum: 9\n");
  });
  EXPECT_EQ(writer.content_in(), 12U);
  EXPECT_EQ(writer.content_out(), 12U);
}

TEST(ExchangeCodec, CarriesAResponse) {
  ExchangeWriter writer;
  ByteQueue out;
  ResponseHead hints;
  hints.status = 103;
  hints.reason = "Early Hints";
  hints.fields.add("link", "</a>");
  writer.interim_head(out, hints);
  ResponseHead head = response_head();
  head.status = 404;
  head.reason = "Gone fishing";
  head.minor_version = 0;
  ResponseContext context;
  context.origin = "192.0.2.1:80";
  context.queue_us = 70'000;
  context.origin_us = UINT32_MAX;
  context.from_gateway = true;
  writer.response_head(out, head, {Kind::length, 3}, context);
  writer.content(out, slice_of("abc"));
  writer.complete(out, {});
  const std::string octets = out.text();
  for_each_split(octets.size(), [&](const std::vector<std::size_t>& cuts) {
    ASSERT_EQ(read_exchange(Direction::response, octets, cuts),
              "interim 103 'Early Hints'\n  link: </a>\n"
              "response 404 'Gone fishing' 1.0 length=3 origin=192.0.2.1:80 queue=70000 origin_time=4294967295 "
              "from_gateway\n  content-type: text/html\ncontent abc\ncomplete\n");
  });
}

TEST(ExchangeCodec, KeepsEveryFraming) {
  const std::vector<std::pair<Content, std::string>> framings = {
      {{Kind::none, 0}, "none"},
      {{Kind::none, 9}, "none,would=9"},
      {{Kind::none, Content::kUnsaid}, "none,unsaid"},
      {{Kind::length, 0}, "length=0"},
      {{Kind::length, 70'000}, "length=70000"},  // to HEAD: announced and not sent
      {{Kind::chunked, 0}, "chunked"},
      {{Kind::until_close, 0}, "until_close"},
  };
  for (const auto& [content, text] : framings) {
    EXPECT_EQ(read_exchange(Direction::response, write_response("", "", 1, content).octets),
              response_transcript("", "", text));
  }
}

TEST(ExchangeCodec, ASmallRequestTakesFewOctets) {
  ExchangeWriter writer;
  ByteQueue out;
  writer.request_head(out, request_head(), {}, {});
  writer.complete(out, {});
  // Kind, length, flags, method, counted authority and target, no id, one pair, one counted cookie; the end.
  EXPECT_EQ(out.size(), 2U + 1 + 1 + 10 + 10 + 1 + 1 + 5 + 2);
}

TEST(ExchangeCodec, WhatMayNotStandInARecordIsLeftOut) {
  ExchangeWriter writer;
  ByteQueue out;
  RequestHead head = request_head();
  head.fields.add("bad", "a\r\nb");
  writer.request_head(out, head, {}, {std::string(65, 'i')});
  writer.complete(out, {});
  EXPECT_EQ(read_exchange(Direction::request, out.text()),
            "request GET http://shop.test /cart?x=1 1.1 none\n  accept: */*\n  cookie: a=b\ncomplete\n");
}

TEST(ExchangeCodec, CompressibleContentCrossesCompressed) {
  const std::string text = prose(100'000);
  for (const std::size_t piece : {std::size_t{100}, std::size_t{1500}, kChunkOctets}) {
    for (const Content content : {Content{Kind::length, text.size()}, Content{Kind::chunked, 0}}) {
      const Written written = write_response(text, "text/html", piece, content);
      EXPECT_EQ(written.in, text.size());
      EXPECT_LT(written.out, text.size() / 3) << piece;
      EXPECT_EQ(read_exchange(Direction::response, written.octets),
                response_transcript(text, "text/html", Transcript::describe(content)));
    }
  }
}

TEST(ExchangeCodec, CompressedContentIsReadAtEverySplit) {
  const std::string text = prose(3000);
  const Written written = write_response(text, "text/html", 1000, {Kind::chunked, 0});
  const std::string expected = response_transcript(text, "text/html", "chunked");
  for_each_split(written.octets.size(), [&](const std::vector<std::size_t>& cuts) {
    ASSERT_EQ(read_exchange(Direction::response, written.octets, cuts), expected);
  });
}

TEST(ExchangeCodec, EachCallOfContentComesOutAtOnce) {
  ExchangeWriter writer;
  ExchangeTranscript transcript(Direction::response);
  const auto pass = [&](ByteQueue& out) {
    while (!out.empty()) transcript.feed(out.pop_front());
  };
  ByteQueue out;
  writer.response_head(out, response_head("text/event-stream"), {Kind::chunked, 0}, {});
  pass(out);
  std::uint64_t given = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    writer.content(out, slice_of(event));
    given += event.size();
    pass(out);
    ASSERT_EQ(transcript.reader.content_out(), given);
  }
  EXPECT_EQ(writer.content_out(), transcript.reader.content_in());
}

TEST(ExchangeCodec, ContentThatGainsNothingCrossesAsItIs) {
  const std::string text = noise(300'000);
  const Written written = write_response(text, "text/html", kChunkOctets, {Kind::length, text.size()});
  EXPECT_EQ(written.out, text.size());
  EXPECT_EQ(read_exchange(Direction::response, written.octets),
            response_transcript(text, "text/html", "length=300000"));
  // Also where it begins well: what was compressed until then stays so.
  const std::string mixed = prose(8000) + text;
  const Written later = write_response(mixed, "text/html", 4000, {Kind::chunked, 0});
  EXPECT_LT(later.out, mixed.size());
  EXPECT_EQ(read_exchange(Direction::response, later.octets), response_transcript(mixed, "text/html", "chunked"));
}

TEST(ExchangeCodec, MoreContentThanAnnouncedBreaksNoCompressor) {
  ExchangeWriter writer;
  ByteQueue out;
  writer.response_head(out, response_head(), {Kind::length, 2000}, {});
  write_content(writer, out, prose(6000), 1500);
  writer.complete(out, {});
  EXPECT_NE(read_exchange(Direction::response, out.text()).find("error more content than its head says"),
            std::string::npos);
}

TEST(ChooseCoding, WantsCompressibleTypesThatAreNotEncodedYet) {
  const auto choose = [](std::string_view type, std::string_view encoding, Content content) {
    Fields fields;
    if (!type.empty()) fields.add("content-type", type);
    if (!encoding.empty()) fields.add("content-encoding", encoding);
    return choose_coding(fields, content) == LinkCoding::zstd;
  };
  const Content chunked{Kind::chunked, 0};
  for (const char* type : {"text/html", "Text/HTML; charset=utf-8", "application/json", "application/ld+json",
                           "image/svg+xml", "application/rss+xml;q=1", "text/x-anything"}) {
    EXPECT_TRUE(choose(type, "", chunked)) << type;
  }
  for (const char* type :
       {"", "image/png", "video/mp4", "application/zip", "application/octet-stream", "font/woff2", "+", ";"}) {
    EXPECT_FALSE(choose(type, "", chunked)) << type;
  }
  EXPECT_TRUE(choose("text/css", "identity", chunked));
  EXPECT_FALSE(choose("text/css", "gzip", chunked));
  EXPECT_FALSE(choose("text/css", "", {Kind::length, 1399}));
  EXPECT_TRUE(choose("text/css", "", {Kind::length, 1400}));
  EXPECT_FALSE(choose("text/css", "", {Kind::none, 5000}));
  EXPECT_TRUE(choose("text/css", "", {Kind::until_close, 0}));
}

/// Keeps content and feeds on only when asked to.
class Sink final : public ExchangeEvents {
 public:
  void on_exchange_content(Slice data) override {
    octets += data.size();
    largest = std::max(largest, data.size());
  }
  void on_exchange_complete(Fields /*trailers*/) override { completed = true; }
  std::size_t octets = 0;
  std::size_t largest = 0;
  bool completed = false;
};

TEST(ExchangeReader, DecodesABoundedAmountPerFeed) {
  const std::size_t size = 40 * limits::kMaxDecodedPerFeed + 5;
  const Written written = write_response(std::string(size, 'b'), "text/plain", kChunkOctets, {Kind::length, size});
  ASSERT_LT(written.octets.size(), 100'000U);
  Sink sink;
  ExchangeReader reader(Direction::response, sink);
  std::size_t before = 0;
  std::size_t feeds = 0;
  feed_cut(written.octets, {}, [&](const Slice& data) {
    ASSERT_TRUE(reader.feed(data).ok());
    ASSERT_LE(sink.octets - before, limits::kMaxDecodedPerFeed);
    before = sink.octets;
    ++feeds;
  });
  while (reader.pending()) {
    ASSERT_FALSE(sink.completed);
    ASSERT_TRUE(reader.feed(Slice()).ok());
    ASSERT_LE(sink.octets - before, limits::kMaxDecodedPerFeed);
    before = sink.octets;
    ++feeds;
  }
  EXPECT_EQ(sink.octets, size);
  EXPECT_TRUE(sink.completed);
  EXPECT_GE(feeds, 40U);
  EXPECT_EQ(reader.content_out(), size);
  EXPECT_EQ(reader.content_in(), written.out);
}

TEST(LinkCoders, ThePoolIsBoundedAndTheWriterGoesOnWithout) {
  std::vector<std::unique_ptr<LinkCompressor>> taken;
  for (std::size_t i = 0; i < limits::kMaxLinkCompressors; ++i) {
    taken.push_back(LinkCompressor::acquire(std::nullopt));
    ASSERT_NE(taken.back(), nullptr);
  }
  EXPECT_EQ(LinkCompressor::acquire(std::nullopt), nullptr);
  const std::string text = prose(20'000);
  const Written without = write_response(text, "text/html", 4000, {Kind::chunked, 0});
  EXPECT_EQ(without.out, text.size());
  EXPECT_EQ(read_exchange(Direction::response, without.octets), response_transcript(text, "text/html", "chunked"));
  taken.pop_back();
  EXPECT_LT(write_response(text, "text/html", 4000, {Kind::chunked, 0}).out, text.size());
  EXPECT_LT(write_response(text, "text/html", 4000, {Kind::chunked, 0}).out, text.size());
}

TEST(LinkCoders, DecodersAreBoundedToo) {
  const Written written = write_response(prose(5000), "text/html", 5000, {Kind::chunked, 0});
  std::vector<std::unique_ptr<LinkDecompressor>> taken;
  for (std::size_t i = 0; i < limits::kMaxLinkDecompressors; ++i) {
    taken.push_back(LinkDecompressor::acquire());
    ASSERT_NE(taken.back(), nullptr);
  }
  EXPECT_EQ(LinkDecompressor::acquire(), nullptr);
  EXPECT_NE(read_exchange(Direction::response, written.octets).find("error too many streams"), std::string::npos);
  taken.clear();
  EXPECT_EQ(read_exchange(Direction::response, written.octets).find("error"), std::string::npos);
}

// ---- What is malformed ----

std::string record(int kind, std::string_view payload) {
  std::string out(1, static_cast<char>(kind));
  append_varint(out, payload.size());
  return out.append(payload);
}

const std::string kRequest = record(0,
                                    "\x01\x01\x01"
                                    "a\x01/\x00"s);                    // GET http://a/
const std::string kResponse = record(2, "\x21\x00\xc8\x00\x00\x00"s);  // 200, chunked
const std::string kEnd = record(5, "");

TEST(ExchangeReader, ReadsWhatTheTestsWriteByHand) {
  EXPECT_EQ(read_exchange(Direction::request, kRequest + kEnd), "request GET http://a / 1.1 none\ncomplete\n");
  EXPECT_EQ(read_exchange(Direction::response, kResponse + record(3, "x") + record(3, "") + kEnd),
            response_transcript("x", "", "chunked"));
}

TEST(ExchangeReader, PassesOverRecordsThatMayBeIgnored) {
  const std::string odd = record(64, "anything") + record(255, "") + record(100, std::string(20'000, 'z'));
  const std::string octets = odd + kResponse + odd + record(3, "x") + odd + kEnd;
  EXPECT_EQ(read_exchange(Direction::response, octets), response_transcript("x", "", "chunked"));
  EXPECT_EQ(read_exchange(Direction::response, octets, {1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 4000}),
            response_transcript("x", "", "chunked"));
}

TEST(ExchangeReader, RefusesRecordsOutOfTheirPlace) {
  const auto fails = [](Direction direction, const std::string& octets) {
    const std::string whole = read_exchange(direction, octets);
    for_each_split(octets.size(), [&](const std::vector<std::size_t>& cuts) {
      ASSERT_EQ(read_exchange(direction, octets, cuts), whole);
    });
    return whole.find("error ") != std::string::npos;
  };
  EXPECT_TRUE(fails(Direction::request, kResponse));
  EXPECT_TRUE(fails(Direction::response, kRequest));
  EXPECT_TRUE(fails(Direction::request, kRequest + kRequest));
  EXPECT_TRUE(fails(Direction::request, record(1, "\x01\x00\x67"s)));
  EXPECT_TRUE(fails(Direction::response, kResponse + record(1, "\x01\x00\x67"s)));
  EXPECT_TRUE(fails(Direction::response, record(3, "x")));
  EXPECT_TRUE(fails(Direction::response, kEnd));
  EXPECT_TRUE(fails(Direction::response, kResponse + kEnd + kEnd));
  EXPECT_TRUE(fails(Direction::response, kResponse + kEnd + record(64, "")));
  EXPECT_TRUE(fails(Direction::response, record(6, "")));
  EXPECT_TRUE(fails(Direction::response, record(63, "")));
}

TEST(ExchangeReader, RefusesMalformedHeads) {
  const auto request = [](const std::string& payload) { return read_exchange(Direction::request, record(0, payload)); };
  const auto response = [](const std::string& payload) {
    return read_exchange(Direction::response, record(2, payload));
  };
  const auto interim = [](const std::string& payload) {
    return read_exchange(Direction::response, record(1, payload));
  };
  for (const std::string& payload : std::vector<std::string>{"",
                                                             "\x80\x01\x01"
                                                             "a\x01/\x00"s,
                                                             "\x01",
                                                             "\x01\x01",
                                                             "\x01\x01\x01"
                                                             "a"s,
                                                             "\x01\x01\x01"
                                                             "a\x01/"s,
                                                             "\x01\x01\x01"
                                                             "a\x02/\x00"s,
                                                             "\x01\x0a\x01"
                                                             "a\x01/\x00"s,
                                                             "\x01\x00\x03"
                                                             "G T\x01"
                                                             "a\x01/\x00"s,
                                                             "\x01\x00\x00\x01"
                                                             "a\x01/\x00"s,
                                                             "\x01\x01\x03"
                                                             "a b\x01/\x00"s,
                                                             "\x01\x01\x01"
                                                             "a\x00\x00"s,
                                                             "\x01\x01\x01"
                                                             "a\x03/ b\x00"s,
                                                             "\x01\x01\x01"
                                                             "a\x02/\n\x00"s,
                                                             "\x01\x01\x01"
                                                             "a\x02/\xe4\x00"s,
                                                             "\x31\x01\x01"
                                                             "a\x01/\x00"s,
                                                             "\x09\x01\x01"
                                                             "a\x01/\x01\x0d\x00"s,
                                                             "\x01\x01\x01"
                                                             "a\x01/\x01 "s,
                                                             "\x01\x01\x01"
                                                             "a\x01/\x00\xff"s,
                                                             "\x01\x01\x01"
                                                             "a\x01/\x40\x41"s +
                                                                 std::string(65, 'i')}) {
    EXPECT_EQ(request(payload).substr(0, 6), "error ") << ::testing::PrintToString(payload);
  }
  for (const std::string& payload : std::vector<std::string>{
           "", "\x21\x00"s, "\x21\x00\xc8"s, "\x21\x00\xc8\x00"s, "\x21\x00\xc8\x00\x00"s, "\xa1\x00\xc8\x00\x00\x00"s,
           "\x21\x00\x63\x00\x00\x00"s, "\x21\x03\xe8\x00\x00\x00"s, "\x21\x00\x67\x00\x00\x00"s,
           "\x25\x00\xc8\x01\n\x00\x00\x00"s, "\x29\x00\x65\x01\r\x00\x00\x00"s, "\x21\x00\xc8\x01 \x00\x00"s,
           "\x21\x00\xc8\x00\x00\x00\x01"s}) {
    EXPECT_EQ(response(payload).substr(0, 6), "error ") << ::testing::PrintToString(payload);
  }
  for (const std::string& payload :
       std::vector<std::string>{"", "\x01", "\x01\x00"s, "\x01\x00\xc8"s, "\x01\x00\x65"s, "\x81\x00\x67"s}) {
    EXPECT_EQ(interim(payload).substr(0, 6), "error ") << ::testing::PrintToString(payload);
  }
}

TEST(ExchangeReader, ContentMustBeAsLongAsItsHeadSays) {
  const std::string of_two = record(2, "\x51\x02\x00\xc8\x00\x00\x00"s);
  const std::string none = record(2, "\x01\x00\xcc\x00\x00\x00"s);
  const std::string switched = record(2, "\x01\x00\x65\x00\x00\x00"s);
  const auto fails = [](const std::string& octets) {
    return read_exchange(Direction::response, octets).find("error ") != std::string::npos;
  };
  EXPECT_FALSE(fails(of_two + record(3, "ab") + kEnd));
  EXPECT_FALSE(fails(of_two + record(3, "a") + record(3, "b") + kEnd));
  EXPECT_TRUE(fails(of_two + record(3, "abc")));
  EXPECT_TRUE(fails(of_two + record(3, "a") + kEnd));
  EXPECT_FALSE(fails(of_two + kEnd)) << "to HEAD";
  EXPECT_TRUE(fails(none + record(3, "a")));
  EXPECT_FALSE(fails(switched + record(3, "a") + kEnd));
  const std::string post = record(0,
                                  "\x51\x02\x03\x01"
                                  "a\x01/\x00"s);
  const std::string upgrading = record(0,
                                       "\x09\x01\x01"
                                       "a\x01/\x01w\x00"s);
  EXPECT_EQ(read_exchange(Direction::request, post + record(3, "ab") + kEnd),
            "request POST http://a / 1.1 length=2\ncontent ab\ncomplete\n");
  EXPECT_NE(read_exchange(Direction::request, post + kEnd).find("error less content"), std::string::npos);
  EXPECT_NE(read_exchange(Direction::request, kRequest + record(3, "x")).find("error more content"), std::string::npos);
  EXPECT_EQ(read_exchange(Direction::request, upgrading + record(3, "ab") + kEnd),
            "request GET http://a / 1.1 none upgrade=w\ncontent ab\ncomplete\n");
}

TEST(ExchangeReader, BoundsWhatItHolds) {
  std::string large(1, '\x00');
  append_varint(large, limits::kMaxHeadRecordOctets + 1);
  EXPECT_EQ(read_exchange(Direction::request, large), "error a head or trailers that are too large\n");
  std::string many;
  for (unsigned i = 0; i <= limits::kMaxInterimHeads; ++i) many += record(1, "\x01\x00\x67"s);
  EXPECT_NE(read_exchange(Direction::response, many).find("error too many interim responses"), std::string::npos);
}

TEST(ExchangeReader, RefusesWhatIsNoZstdOrHasTooWideAWindow) {
  EXPECT_NE(read_exchange(Direction::response, kResponse + record(4, "nonsense")).find("error compressed content"),
            std::string::npos);
  // A frame's header with a window of 2^27 octets (RFC 8878 §3.1.1.1.2), and one of 2^17.
  const std::string wide = "\x28\xb5\x2f\xfd\x00\x88"s;
  const std::string narrow = "\x28\xb5\x2f\xfd\x00\x38\x09\x00\x00x"s;
  EXPECT_NE(read_exchange(Direction::response, kResponse + record(4, wide)).find("error compressed content"),
            std::string::npos);
  EXPECT_EQ(read_exchange(Direction::response, kResponse + record(4, narrow) + kEnd),
            response_transcript("x", "", "chunked"));
}

TEST(ExchangeReader, TakesOneFrameOfTheStandardAndNoOther) {
  const auto result = [](const std::string& coded) {
    std::string whole = read_exchange(Direction::response, kResponse + record(4, coded) + kEnd);
    EXPECT_EQ(read_exchange(Direction::response,
                            kResponse + record(4, coded.substr(0, 2)) + record(4, coded.substr(2)) + kEnd),
              whole);
    return whole;
  };
  // A raw block of one octet: not the last one, and the last one.
  const std::string open = "\x28\xb5\x2f\xfd\x00\x38\x08\x00\x00x"s;
  const std::string ended = "\x28\xb5\x2f\xfd\x00\x38\x09\x00\x00x"s;
  EXPECT_EQ(result(open), response_transcript("x", "", "chunked"));
  EXPECT_EQ(result(ended), response_transcript("x", "", "chunked"));
  EXPECT_NE(result(ended + ended).find("error "), std::string::npos);
  EXPECT_NE(result("\x25\xb5\x2f\xfd"s + open.substr(4)).find("error "), std::string::npos) << "version 0.5";
  EXPECT_NE(result("\x50\x2a\x4d\x18\x01\x00\x00\x00z"s).find("error "), std::string::npos) << "skippable";
  // A plain record ends the frame, whether it was at its end or not.
  for (const std::string& first : {open, ended}) {
    std::string octets = kResponse + record(4, first);
    octets.append(record(3, "y")).append(record(4, open)).append(kEnd);
    EXPECT_EQ(read_exchange(Direction::response, octets), response_transcript("xyx", "", "chunked"));
  }
}

TEST(ExchangeReader, AnErrorStays) {
  ExchangeTranscript transcript(Direction::response);
  EXPECT_FALSE(transcript.reader.feed(slice_of("\x09")).ok() &&
               transcript.reader.feed(slice_of(std::string("\0", 1))).ok());
  const Status again = transcript.reader.feed(slice_of(kResponse));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().side, Side::link);
  EXPECT_EQ(transcript.transcript.text(), "");
}

/// Destroys its reader in the n-th event.
class ImpatientSink final : public ExchangeEvents {
 public:
  explicit ImpatientSink(int at) : left_(at) {}
  void on_exchange_response(ResponseHead /*head*/, Content /*content*/, ResponseContext /*context*/) override {
    count();
  }
  void on_exchange_content(Slice /*data*/) override { count(); }
  void on_exchange_complete(Fields /*trailers*/) override { count(); }
  std::unique_ptr<ExchangeReader> reader = std::make_unique<ExchangeReader>(Direction::response, *this);

 private:
  void count() {
    if (left_-- == 0) reader.reset();
  }
  int left_;
};

TEST(ExchangeReader, MayBeDestroyedByAnyEvent) {
  const Written written = write_response(prose(6000), "text/html", 3000, {Kind::chunked, 0});
  for (const int at : {0, 1, 2, 3}) {
    ImpatientSink sink(at);
    EXPECT_TRUE(sink.reader->feed(slice_of(written.octets)).ok());
    EXPECT_EQ(sink.reader, nullptr) << at;
  }
}

/// Any octets, with a valid head before them or not, end in events or an error.
TEST(ExchangeReader, SurvivesAnyOctets) {
  const Written written = write_response(prose(4000), "text/html", 1000, {Kind::chunked, 0});
  const std::string random = noise(4096);
  for (std::size_t round = 0; round < 2000; ++round) {
    std::string octets = written.octets;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto place = static_cast<std::uint8_t>(random[(round * 7 + i) % random.size()]) * 13U + round;
      octets[place % octets.size()] = random[(round + i * 101) % random.size()];
    }
    const std::string whole = read_exchange(Direction::response, octets);
    const std::string cut = read_exchange(Direction::response, octets, {5, 6, 50, 200});
    // How much is told before a fault inside compressed content depends on the cuts.
    const bool failed = whole.find("error ") != std::string::npos;
    ASSERT_EQ(failed, cut.find("error ") != std::string::npos);
    if (!failed) {
      ASSERT_EQ(whole, cut);
    }
  }
}

}  // namespace
}  // namespace ringway::http
