#include <gtest/gtest.h>

#include "http/parser.h"
#include "tests/http/transcript.h"

namespace ringway::http {
namespace {

using namespace std::string_literals;

/// One response, and what comes after it.
class Reader final : public ResponseEvents {
 public:
  explicit Reader(std::string_view method, const ParserLimits& limits = {}) : parser(*this, limits) {
    parser.begin(method);
  }

  void feed(const Slice& data) {
    const std::size_t taken = parser.feed(data);
    if (taken == data.size() || parser.error() != nullptr) return;
    if (!ended_) transcript.line("after");
    ended_ = true;
    transcript.content(data.bytes().subspan(taken));
  }
  std::string result(bool close) {
    if (close) parser.finish();
    if (const ParseError* error = parser.error()) {
      EXPECT_EQ(error->status, 502);
      transcript.line("error " + error->message);
    } else if (!parser.complete()) {
      transcript.line("inside");
    }
    return transcript.text();
  }

  void on_interim_head(ResponseHead head) override {
    transcript.line("interim " + std::to_string(head.status) + " " + head.reason);
    transcript.fields(head.fields);
  }
  void on_response_head(ResponseHead head, Content content) override {
    std::string line = std::to_string(head.status) + " '" + head.reason + "' 1." + std::to_string(head.minor_version) +
                       " " + Transcript::describe(content);
    if (!head.keep_alive) line += " close";
    if (!head.upgrade.empty()) line += " upgrade=" + head.upgrade;
    transcript.line(line);
    transcript.fields(head.fields);
  }
  void on_response_content(Slice content) override { transcript.content(content.bytes()); }
  void on_response_complete(Fields trailers) override {
    transcript.line("complete");
    transcript.fields(trailers);
  }

  Transcript transcript;
  ResponseParser parser;

 private:
  bool ended_ = false;
};

struct Case {
  std::string name;
  std::string method;
  std::string text;
  std::string expected;
  bool close = false;
};

std::string read(const Case& test, const std::vector<std::size_t>& cuts = {}, const ParserLimits& limits = {}) {
  Reader reader(test.method, limits);
  feed_cut(test.text, cuts, [&reader](const Slice& data) { reader.feed(data); });
  return reader.result(test.close);
}

void expect_same_at_every_split(const Case& test) {
  SCOPED_TRACE(test.name + " " + ::testing::PrintToString(test.text));
  const std::string whole = read(test);
  if (test.expected == "error") {
    EXPECT_EQ(whole.substr(0, 6), "error ") << whole;
  } else {
    EXPECT_EQ(whole, test.expected);
  }
  for_each_split(test.text.size(), [&](const std::vector<std::size_t>& cuts) { ASSERT_EQ(read(test, cuts), whole); });
}

TEST(ResponseParser, ReadsRightResponses) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::vector<Case> cases = {
      {"length", "GET", ok + "Content-Length: 5\r\nX: y\r\n\r\nhello",
       "200 'OK' 1.1 length=5\n  content-length: 5\n  x: y\ncontent hello\ncomplete\n"},
      {"length and more", "GET", ok + "Content-Length: 2\r\n\r\nhi!!",
       "200 'OK' 1.1 length=2\n  content-length: 2\ncontent hi\ncomplete\nafter\ncontent !!\n"},
      {"length of nothing", "GET", ok + "Content-Length: 0\r\n\r\n",
       "200 'OK' 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"chunked", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\nHost: v\r\n\r\n",
       "200 'OK' 1.1 chunked\n  transfer-encoding: chunked\ncontent abc\ncomplete\n  t: u\n"},
      {"until close", "GET", ok + "\r\nall\r\nthat", "200 'OK' 1.1 until_close close\ncontent all\r\nthat\ncomplete\n",
       true},
      {"until close, nothing", "GET", ok + "\r\n", "200 'OK' 1.1 until_close close\ncomplete\n", true},
      {"until close, still open", "GET", ok + "\r\nall", "200 'OK' 1.1 until_close close\ncontent all\ninside\n"},
      {"HEAD with length", "HEAD", ok + "Content-Length: 5\r\n\r\n",
       "200 'OK' 1.1 none,would=5\n  content-length: 5\ncomplete\n"},
      {"HEAD without length", "HEAD", ok + "\r\n", "200 'OK' 1.1 none,unsaid\ncomplete\n"},
      {"HEAD chunked", "HEAD", ok + "Transfer-Encoding: chunked\r\n\r\n",
       "200 'OK' 1.1 none,unsaid\n  transfer-encoding: chunked\ncomplete\n"},
      {"204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
       "204 'No Content' 1.1 none\n  content-length: 5\ncomplete\nafter\ncontent hello\n"},
      {"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
       "304 'Not Modified' 1.1 none,would=5\n  content-length: 5\ncomplete\n"},
      {"304 without length", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n",
       "304 'Not Modified' 1.1 none,unsaid\ncomplete\n"},
      {"interim heads", "GET",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok +
           "Content-Length: 1\r\n\r\nx",
       "interim 100 Continue\ninterim 103 Early Hints\n  link: </a>\n200 'OK' 1.1 length=1\n  content-length: "
       "1\ncontent x\ncomplete\n"},
      {"interim with length", "GET",
       "HTTP/1.1 102 Processing\r\nContent-Length: 3\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n",
       "interim 102 Processing\n  content-length: 3\n200 'OK' 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"101", "GET",
       "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x00HTTP"s,
       "101 'Switching Protocols' 1.1 none upgrade=websocket\n  connection: Upgrade\n  upgrade: websocket\nafter\ncontent \x81\x00HTTP\n"s},
      {"no reason", "GET", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
       "200 '' 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"no reason, no blank", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
       "200 '' 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"high reason", "GET", "HTTP/1.1 200 Sch\xf6n\tso\r\nContent-Length: 0\r\n\r\n",
       "200 'Sch\xf6n\tso' 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"odd status", "GET", "HTTP/1.1 799 X\r\nContent-Length: 0\r\n\r\n",
       "799 'X' 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"close", "GET", ok + "Connection: close\r\nContent-Length: 0\r\n\r\n",
       "200 'OK' 1.1 length=0 close\n  connection: close\n  content-length: 0\ncomplete\n"},
      {"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' 1.0 length=1 close\n  content-length: 1\ncontent x\ncomplete\n"},
      {"HTTP/1.0 keep-alive", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
       "200 'OK' 1.0 length=0\n  content-length: 0\n  connection: keep-alive\ncomplete\n"},
      {"Upgrade offered", "GET", ok + "Upgrade: h2\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' 1.1 length=1\n  upgrade: h2\n  connection: upgrade\n  content-length: 1\ncontent x\ncomplete\n"},
  };
  for (const Case& test : cases) expect_same_at_every_split(test);
}

TEST(ResponseParser, RefusesWrongResponses) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::string> wrong = {
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\r\nX: y\n\r\n",
      "HTTP/1.1 200 O\0K\r\n\r\n"s,
      "HTTP/1.1 200 O\rK\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/0.9 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 -20 OK\r\n\r\n",
      "HTTP/1.1  200 OK\r\n\r\n",
      "http/1.1 200 OK\r\n\r\n",
      "ICE/1.0 200 OK\r\n\r\n",
      "RTSP/1.0 200 OK\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      "<html>hello</html>\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      ok + "X : y\r\n\r\n",
      ok + " X: y\r\n\r\n",
      ok + "X: y\r\n z\r\n\r\n",
      ok + ": y\r\n\r\n",
      ok + "X\r\n\r\n",
      ok + "X: \x01\r\n\r\n",
      ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
      ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
      ok + "Content-Length: 1, 1\r\n\r\n",
      ok + "Content-Length: x\r\n\r\n",
      ok + "Content-Length: -1\r\n\r\n",
      ok + "Transfer-Encoding: gzip\r\n\r\n",
      ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      ok + "Transfer-Encoding: chunked, gzip\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  };
  for (const std::string& text : wrong) expect_same_at_every_split({"wrong", "GET", text, "error"});
}

TEST(ResponseParser, RefusesWrongChunks) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* text :
       {"x\r\n", "1\nx\r\n", "1\r\nxx", "2 \r\nxx\r\n", "FFFFFFFFFFFFFFFFF\r\n", "0\r\nx y: z\r\n\r\n"}) {
    const std::string whole = read({"", "GET", head + text, ""});
    EXPECT_NE(whole.find("\nerror "), std::string::npos) << whole;
    EXPECT_EQ(whole.find("complete"), std::string::npos) << whole;
    for_each_split(head.size() + std::string_view(text).size(), [&](const std::vector<std::size_t>& cuts) {
      ASSERT_EQ(read({"", "GET", head + text, ""}, cuts), whole);
    });
  }
}

TEST(ResponseParser, ClosingEarlyIsAnError) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(read({"", "GET", "", "", true}), "error closed before any octet of a response\n");
  EXPECT_EQ(read({"", "GET", ok, "", true}), "error closed inside the head\n");
  EXPECT_EQ(read({"", "GET", "HTTP/1.1 100 Continue\r\n\r\n", "", true}),
            "interim 100 Continue\nerror closed inside the head\n");
  EXPECT_EQ(read({"", "GET", ok + "Content-Length: 2\r\n\r\nx", "", true}),
            "200 'OK' 1.1 length=2\n  content-length: 2\ncontent x\nerror closed inside the content\n");
  EXPECT_EQ(read({"", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "", true}),
            "200 'OK' 1.1 chunked\n  transfer-encoding: chunked\ncontent x\nerror closed inside the content\n");
}

TEST(ResponseParser, BoundsHeadsAndInterimResponses) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "HTTP/1.1 103 Early Hints\r\n\r\n";
  EXPECT_NE(read({"", "GET", many, ""}).find("error too many interim responses"), std::string::npos);
  EXPECT_EQ(read({"", "GET", "HTTP/1.1 200 " + std::string(100'000, 'x'), ""}), "error the head is too large\n");
  ParserLimits limits;
  limits.content_octets = 3;
  EXPECT_EQ(read({"", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", ""}, {}, limits),
            "error the content is too large\n");
}

TEST(ResponseParser, ServesOneResponseAfterTheOther) {
  Reader reader("HEAD");
  EXPECT_FALSE(reader.parser.begun());
  reader.feed(slice_of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"));
  EXPECT_TRUE(reader.parser.begun());
  EXPECT_TRUE(reader.parser.complete());
  reader.parser.begin("GET");
  EXPECT_FALSE(reader.parser.begun());
  EXPECT_FALSE(reader.parser.complete());
  reader.feed(slice_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  EXPECT_TRUE(reader.parser.complete());
  EXPECT_EQ(reader.result(true),
            "200 'OK' 1.1 none,would=4\n  content-length: 4\ncomplete\n"
            "200 'OK' 1.1 length=2\n  content-length: 2\ncontent hi\ncomplete\n");
}

/// Destroys the parser, or begins its next response, in the last event.
class ImpatientReader final : public ResponseEvents {
 public:
  explicit ImpatientReader(bool destroy) : destroy_(destroy) { parser->begin("GET"); }
  void on_interim_head(ResponseHead /*head*/) override {}
  void on_response_head(ResponseHead /*head*/, Content /*content*/) override {}
  void on_response_content(Slice /*content*/) override {}
  void on_response_complete(Fields /*trailers*/) override {
    if (destroy_) {
      parser.reset();
    } else {
      parser->begin("GET");
    }
  }
  std::unique_ptr<ResponseParser> parser = std::make_unique<ResponseParser>(*this, ParserLimits{});

 private:
  bool destroy_;
};

TEST(ResponseParser, MayBeDestroyedOrBegunAgainByItsLastEvent) {
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  ImpatientReader destroying(true);
  EXPECT_EQ(destroying.parser->feed(slice_of(text + "more")), text.size());
  EXPECT_EQ(destroying.parser, nullptr);
  ImpatientReader beginning(false);
  EXPECT_EQ(beginning.parser->feed(slice_of(text + text)), text.size());
  EXPECT_FALSE(beginning.parser->begun());
}

TEST(ResponseParser, FinishMayDestroyIt) {
  ImpatientReader reader(true);
  reader.parser->feed(slice_of("HTTP/1.1 200 OK\r\n\r\nall"));
  reader.parser->finish();
  EXPECT_EQ(reader.parser, nullptr);
}

}  // namespace
}  // namespace ringway::http
