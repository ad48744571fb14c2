#include <gtest/gtest.h>

#include "http/parser.h"
#include "tests/http/transcript.h"

namespace ringway::http {
namespace {

using namespace std::string_literals;

/// A connection's requests, one after the other, as a front-end reads them.
class Reader final : public RequestEvents {
 public:
  explicit Reader(const ParserLimits& limits = {}) : parser(*this, limits) {}

  void feed(Slice data) {
    while (!switched_ && !data.empty()) {
      const std::size_t taken = parser.feed(data);
      data.remove_prefix(taken);
      if (parser.complete() && upgraded) {
        transcript.line("other protocol");
        switched_ = true;
      } else if (parser.complete()) {
        parser.next();
      }
      if (taken == 0) return;
    }
    if (switched_) transcript.content(data.bytes());
  }
  std::string result() {
    const ParseError* error = parser.error();
    if (error != nullptr) transcript.line("error " + std::to_string(error->status) + " " + error->message);
    if (error == nullptr && !parser.idle() && !switched_) transcript.line("inside");
    return transcript.text();
  }

  void on_request_head(RequestHead head, Content content) override {
    std::string line = head.method + " " + head.scheme + "://" + head.authority + " " + head.target + " 1." +
                       std::to_string(head.minor_version) + " " + Transcript::describe(content);
    if (!head.keep_alive) line += " close";
    if (head.expects_continue) line += " expects";
    if (!head.upgrade.empty()) line += " upgrade=" + head.upgrade;
    transcript.line(line);
    transcript.fields(head.fields);
    upgraded = !head.upgrade.empty();
  }
  void on_request_content(Slice content) override {
    ASSERT_FALSE(content.empty());
    transcript.content(content.bytes());
  }
  void on_request_complete(Fields trailers) override {
    transcript.line("complete");
    transcript.fields(trailers);
  }

  Transcript transcript;
  RequestParser parser;
  bool upgraded = false;

 private:
  bool switched_ = false;
};

std::string read(std::string_view text, const std::vector<std::size_t>& cuts = {}, const ParserLimits& limits = {}) {
  Reader reader(limits);
  feed_cut(text, cuts, [&reader](const Slice& data) { reader.feed(data); });
  return reader.result();
}

struct Case {
  std::string name;
  std::string text;
  std::string expected;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// "error 400" is enough to name a fault; anything else is the whole transcript.
void expect_same_at_every_split(const Case& test, const ParserLimits& limits = {}) {
  SCOPED_TRACE(test.name);
  const std::string whole = read(test.text, {}, limits);
  if (test.expected.rfind("error ", 0) == 0) {
    EXPECT_EQ(first_line(whole).substr(0, 9), test.expected) << whole;
  } else {
    EXPECT_EQ(whole, test.expected);
  }
  for_each_split(test.text.size(), [&](const std::vector<std::size_t>& cuts) {
    const std::string split = read(test.text, cuts, limits);
    ASSERT_EQ(split, whole) << "cut at " << (cuts.size() == 1 ? std::to_string(cuts[0]) : "every octet");
  });
}

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n";

const std::string kChunked = "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kChunkedHead = "POST http://a /p 1.1 chunked\n  transfer-encoding: chunked\n";

void expect_all(const std::vector<Case>& cases) {
  for (const Case& test : cases) expect_same_at_every_split(test);
}

TEST(RequestParser, ReadsFieldsAndMethods) {
  expect_all({
      {"simplest", kGet + "\r\n", "GET http://a / 1.1 none\ncomplete\n"},
      {"fields", kGet + "X-One: 1\r\nEmpty:\r\nblank:   \r\nTabs:\t a b \t\r\nHigh: \xc3\xa4\r\n\r\n",
       "GET http://a / 1.1 none\n  x-one: 1\n  empty: \n  blank: \n  tabs: a b\n  high: \xc3\xa4\ncomplete\n"},
      {"any value octet", kGet + "x: \"a\\b\" <c>; d=e\tf\r\n\r\n",
       "GET http://a / 1.1 none\n  x: \"a\\b\" <c>; d=e\tf\ncomplete\n"},
      {"odd name", kGet + "!#$%&'*+-.^_`|~9: v\r\n\r\n", "GET http://a / 1.1 none\n  !#$%&'*+-.^_`|~9: v\ncomplete\n"},
      {"query", "GET /a/b?c=d&e=%20{}|^[]\"<>` HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET http://a /a/b?c=d&e=%20{}|^[]\"<>` 1.1 none\ncomplete\n"},
      {"two slashes", "GET //b/c HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a //b/c 1.1 none\ncomplete\n"},
  });
}

TEST(RequestParser, ReadsTargetsAndHosts) {
  expect_all({
      {"host in lower case", "GET / HTTP/1.1\r\nHOST:Shop.Test:8080\r\n\r\n",
       "GET http://shop.test:8080 / 1.1 none\ncomplete\n"},
      {"IPv6 host", "GET / HTTP/1.1\r\nHost: [2001:DB8::1]:80\r\n\r\n",
       "GET http://[2001:db8::1]:80 / 1.1 none\ncomplete\n"},
      {"blank lines before", "\r\n\r\n" + kGet + "\r\n\r\n", "GET http://a / 1.1 none\ncomplete\n"},
      {"any method", "QUERY / HTTP/1.1\r\nHost: a\r\n\r\n", "QUERY http://a / 1.1 none\ncomplete\n"},
      {"methods have case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "get http://a / 1.1 none\ncomplete\n"},
      {"SOURCE", "SOURCE / HTTP/1.1\r\nHost: a\r\n\r\n", "SOURCE http://a / 1.1 none\ncomplete\n"},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS http://a * 1.1 none\ncomplete\n"},
      {"absolute-form", "GET HTTP://A:80/x?y HTTP/1.1\r\nHost: a:80\r\n\r\n",
       "GET http://a:80 /x?y 1.1 none\ncomplete\n"},
      {"absolute-form of https", "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET https://a / 1.1 none\ncomplete\n"},
      {"absolute-form without path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a / 1.1 none\ncomplete\n"},
      {"absolute-form with query", "GET http://a?b=/c HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET http://a /?b=/c 1.1 none\ncomplete\n"},
      {"absolute-form OPTIONS", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
       "OPTIONS http://a * 1.1 none\ncomplete\n"},
  });
}

TEST(RequestParser, ReadsVersionsAndPersistence) {
  expect_all({
      {"close", kGet + "Connection: foo, Close\r\n\r\n",
       "GET http://a / 1.1 none close\n  connection: foo, Close\ncomplete\n"},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET http:// / 1.0 none close\ncomplete\n"},
      {"HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET http://a / 1.0 none close\ncomplete\n"},
      {"HTTP/1.0 absolute-form", "GET http://b/ HTTP/1.0\r\n\r\n", "GET http://b / 1.0 none close\ncomplete\n"},
      {"HTTP/1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       "GET http:// / 1.0 none\n  connection: Keep-Alive\ncomplete\n"},
      {"HTTP/1.0 expects nothing", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
       "POST http:// / 1.0 length=1 close\n  content-length: 1\ncontent x\ncomplete\n"},
  });
}

TEST(RequestParser, ReadsContent) {
  expect_all({
      {"length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
       "POST http://a / 1.1 length=5\n  content-length: 5\ncontent hello\ncomplete\n"},
      {"length of nothing", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
       "POST http://a / 1.1 length=0\n  content-length: 0\ncomplete\n"},
      {"length with zeros before", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0002\r\n\r\nhi",
       "POST http://a / 1.1 length=2\n  content-length: 0002\ncontent hi\ncomplete\n"},
      {"length unfinished", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
       "POST http://a / 1.1 length=5\n  content-length: 5\ncontent hell\ninside\n"},
      {"content of GET", kGet + "Content-Length: 2\r\n\r\nhi",
       "GET http://a / 1.1 length=2\n  content-length: 2\ncontent hi\ncomplete\n"},
      {"chunked", kChunked + "5\r\nhello\r\n00A\r\n, 12345678\r\n0\r\n\r\n",
       kChunkedHead + "content hello, 12345678\ncomplete\n"},
      {"chunked of nothing", kChunked + "0\r\n\r\n", kChunkedHead + "complete\n"},
      {"chunked in capitals", "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED \r\n\r\n1\r\nx\r\n0\r\n\r\n",
       "POST http://a /p 1.1 chunked\n  transfer-encoding: CHUNKED\ncontent x\ncomplete\n"},
      {"chunk extensions", kChunked + "1;a=b;c;d=\"e;\\\"f\"\r\nx\r\n0;last\r\n\r\n",
       kChunkedHead + "content x\ncomplete\n"},
      {"chunks that look like ends", kChunked + "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
       kChunkedHead + "content 0\r\n\r\n\r\n\ncomplete\n"},
      {"trailers",
       kChunked + "1\r\nx\r\n0\r\nX-Sum: 5\r\nHost: b\r\nAuthorization: c\r\nContent-Length: 9\r\nSet-Cookie: "
                  "d\r\nExpires: e\r\n\r\n",
       kChunkedHead + "content x\ncomplete\n  x-sum: 5\n"},
      {"pipelined",
       kGet + "\r\nPOST /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\nHost: c\r\n\r\n",
       "GET http://a / 1.1 none\ncomplete\nPOST http://b /2 1.1 length=1\n  content-length: 1\ncontent x\ncomplete\n"
       "GET http://c /3 1.1 none\ncomplete\n"},
      {"pipelined after chunked", kChunked + "1\r\nx\r\n0\r\nt: u\r\n\r\n" + kGet + "\r\n",
       kChunkedHead + "content x\ncomplete\n  t: u\nGET http://a / 1.1 none\ncomplete\n"},
  });
}

TEST(RequestParser, ReadsExpectationsAndUpgrades) {
  expect_all({
      {"expects", "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
       "PUT http://a / 1.1 length=1 expects\n  content-length: 1\ncontent x\ncomplete\n"},
      {"expects without content", "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
       "PUT http://a / 1.1 none\ncomplete\n"},
      {"upgrade", kGet + "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello\r\n\r\nGET",
       "GET http://a / 1.1 none upgrade=websocket\n  connection: keep-alive, Upgrade\n  upgrade: websocket\ncomplete\n"
       "other protocol\ncontent \x81\x05hello\r\n\r\nGET\n"},
      {"upgrade not named by Connection", kGet + "Upgrade: websocket\r\n\r\n",
       "GET http://a / 1.1 none\n  upgrade: websocket\ncomplete\n"},
      {"upgrade to HTTP/2",
       kGet + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
       "GET http://a / 1.1 none\n  connection: Upgrade, HTTP2-Settings\n  upgrade: h2c\n  http2-settings: "
       "AAMAAABk\ncomplete\n"},
      {"upgrade with content",
       "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\ny",
       "POST http://a / 1.1 length=1\n  connection: upgrade\n  upgrade: x\n  content-length: 1\ncontent y\ncomplete\n"},
      {"upgrade with chunks",
       "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: "
       "chunked\r\n\r\n1\r\ny\r\n0\r\n\r\n" +
           kGet + "\r\n",
       "POST http://a / 1.1 chunked\n  connection: upgrade\n  upgrade: x\n  transfer-encoding: chunked\ncontent "
       "y\ncomplete\n"
       "GET http://a / 1.1 none\ncomplete\n"},
      {"upgrade in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
       "GET http:// / 1.0 none close\n  connection: upgrade\n  upgrade: x\ncomplete\n"},
  });
}

TEST(RequestParser, ReadsWhatHasOnlyBegun) {
  expect_all({
      {"method begun", "GE", "inside\n"},
      {"CR alone", "\r", "inside\n"},
      {"blank lines alone", "\r\n\r\n", ""},
      {"head begun", kGet, "inside\n"},
  });
}

std::string with(const std::string& lines) { return kGet + lines + "\r\n"; }

std::string post(const std::string& lines) { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }

TEST(RequestParser, RefusesWrongLines) {
  expect_all({
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "error 400"},
      {"bare LF after a field", kGet + "x: y\nz: w\r\n\r\n", "error 400"},
      {"bare LF as the last line", kGet + "\n", "error 400"},
      {"bare LF after the last CR", kGet + "\r\r\n", "error 400"},
      {"bare LF before the request", "\n" + kGet + "\r\n", "error 400"},
      {"bare LF after an empty value", kGet + "x:\ny: z\r\n\r\n", "error 400"},
      {"bare CR in a value", with("x: a\rb\r\n"), "error 400"},
      {"bare CR before a value", with("x:\ra\r\n"), "error 400"},
      {"bare CR in a name", with("x\ry: a\r\n"), "error 400"},
      {"bare CR before the request", "\rGET / HTTP/1.1\r\n", "error 400"},
      {"CR CR LF", with("x: a\r\r\n"), "error 400"},
      {"obs-fold", with("x: a\r\n b\r\n"), "error 400"},
      {"obs-fold with a tab", with("x: a\r\n\tb\r\n"), "error 400"},
      {"obs-fold of an empty value", with("x:\r\n b\r\n"), "error 400"},
      {"obs-fold of Content-Length", post("Content-Length: 1\r\n 0\r\n"), "error 400"},
      {"obs-fold of Transfer-Encoding", post("Transfer-Encoding:\r\n chunked\r\n"), "error 400"},
      {"a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "error 400"},
      {"space before the colon", with("x : a\r\n"), "error 400"},
      {"tab before the colon", with("x\t: a\r\n"), "error 400"},
      {"space before Host's colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "error 400"},
      {"space before Content-Length's colon", post("Content-Length : 1\r\n"), "error 400"},
      {"space before Transfer-Encoding's colon", post("Transfer-Encoding : chunked\r\n"), "error 400"},
      {"space in a name", with("x y: a\r\n"), "error 400"},
      {"no colon", with("x\r\n"), "error 400"},
      {"no name", with(": a\r\n"), "error 400"},
      {"NUL in a value", with("x: a\0b\r\n"s), "error 400"},
      {"NUL in a name", with("x\0: a\r\n"s), "error 400"},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, "error 400"},
      {"NUL first", "\0GET / HTTP/1.1\r\n"s, "error 400"},
      {"DEL in a value", with("x: a\x7f\r\n"), "error 400"},
      {"a control in a value", with("x: a\x01\r\n"), "error 400"},
      {"a vertical tab before a value",
       with("x:\x0b"
            "a\r\n"),
       "error 400"},
      {"a high octet in a name", with("x\xe4: a\r\n"), "error 400"},
      {"a delimiter in a name", with("x(y): a\r\n"), "error 400"},
  });
}

TEST(RequestParser, RefusesWrongRequestLines) {
  expect_all({
      {"HTTP/0.9", "GET /\r\n", "error 400"},
      {"HTTP/0.9 with LF", "GET /\n", "error 400"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "error 505"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "error 505"},
      {"HTTP/0.9 said", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", "error 505"},
      {"HTTP/9.9", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "error 505"},
      {"version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", "error 400"},
      {"version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"version without point", "GET / HTTP/11\r\nHost: a\r\n\r\n", "error 400"},
      {"version of letters", "GET / HTTP/x.1\r\nHost: a\r\n\r\n", "error 400"},
      {"another protocol", "GET / RTSP/1.0\r\n\r\n", "error 400"},
      {"ICE", "SOURCE / ICE/1.0\r\n\r\n", "error 400"},
      {"blank after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "error 400"},
      {"two blanks before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"two blanks before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"tab after the target", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"blank before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"method alone", "GET\r\n\r\n", "error 400"},
      {"method malformed", "G{T / HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"TLS to a plain port", "\x16\x03\x01\x02\x00\x01"s, "error 400"},
      {"method too long", std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", "error 501"},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "error 501"},
      {"authority-form", "GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "error 400"},
      {"a name for a target", "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"* for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"more than *", "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"high octet in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"DEL in the target", "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
  });
}

TEST(RequestParser, RefusesWrongHosts) {
  expect_all({
      {"no Host", "GET / HTTP/1.1\r\n\r\n", "error 400"},
      {"no Host with absolute-form", "GET http://a/ HTTP/1.1\r\n\r\n", "error 400"},
      {"two Hosts", with("Host: a\r\n"), "error 400"},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "error 400"},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "error 400"},
      {"Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "error 400"},
      {"Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "error 400"},
      {"Host of two words", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "error 400"},
      {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "error 400"},
      {"Host with bad port", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", "error 400"},
      {"Host with letters for a port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "error 400"},
      {"absolute-form of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"absolute-form of another port", "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"absolute-form of another host, HTTP/1.0", "GET http://b/ HTTP/1.0\r\nHost: a\r\n\r\n", "error 400"},
      {"absolute-form with user", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"absolute-form without host", "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
      {"absolute-form of ftp", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "error 400"},
  });
}

TEST(RequestParser, RefusesWrongFraming) {
  expect_all({
      {"both framings", post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), "error 400"},
      {"both framings, the other way", post("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), "error 400"},
      {"Content-Length twice, differing", post("Content-Length: 1\r\nContent-Length: 2\r\n"), "error 400"},
      {"Content-Length twice, the same", post("Content-Length: 1\r\nContent-Length: 1\r\n"), "error 400"},
      {"Content-Length list", post("Content-Length: 1, 1\r\n"), "error 400"},
      {"Content-Length empty", post("Content-Length:\r\n"), "error 400"},
      {"Content-Length negative", post("Content-Length: -1\r\n"), "error 400"},
      {"Content-Length with plus", post("Content-Length: +1\r\n"), "error 400"},
      {"Content-Length hexadecimal", post("Content-Length: 0x1\r\n"), "error 400"},
      {"Content-Length with blank", post("Content-Length: 1 1\r\n"), "error 400"},
      {"Content-Length with point", post("Content-Length: 1.0\r\n"), "error 400"},
      {"Content-Length over 64 bits", post("Content-Length: 18446744073709551617\r\n"), "error 400"},
      {"Content-Length over 62 bits", post("Content-Length: 4611686018427387904\r\n"), "error 413"},
      {"Transfer-Encoding gzip", post("Transfer-Encoding: gzip\r\n"), "error 501"},
      {"Transfer-Encoding gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), "error 400"},
      {"Transfer-Encoding chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n"), "error 400"},
      {"Transfer-Encoding chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n"), "error 400"},
      {"Transfer-Encoding twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "error 400"},
      {"Transfer-Encoding identity", post("Transfer-Encoding: identity\r\n"), "error 501"},
      {"Transfer-Encoding empty", post("Transfer-Encoding:\r\n"), "error 501"},
      {"Transfer-Encoding xchunked", post("Transfer-Encoding: xchunked\r\n"), "error 501"},
      {"Transfer-Encoding with parameter", post("Transfer-Encoding: chunked;q=1\r\n"), "error 501"},
      {"Transfer-Encoding with comma", post("Transfer-Encoding: ,chunked\r\n"), "error 400"},
      {"Transfer-Encoding in quotes", post("Transfer-Encoding: \"chunked\"\r\n"), "error 501"},
      {"Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "error 400"},
      {"another expectation", post("Expect: tea\r\n"), "error 417"},
      {"two expectations", post("Expect: 100-continue\r\nExpect: 100-continue\r\n"), "error 417"},
  });
}

TEST(RequestParser, RefusesWrongChunks) {
  const std::vector<std::string> wrong = {"\r\n",
                                          "x\r\n",
                                          "-1\r\n",
                                          "+1\r\n",
                                          "0x1\r\nx\r\n",
                                          " 1\r\nx\r\n",
                                          "1 \r\nx\r\n",
                                          "1\t\r\nx\r\n",
                                          ";a\r\n",
                                          "1\nx\r\n",
                                          "1\rx",
                                          "1;a\nx\r\n",
                                          "1;a\rb\r\nx\r\n",
                                          "1;a=b\x01\r\nx\r\n",
                                          "1;a=\"\nx\r\n",
                                          "1,2\r\nx\r\n",
                                          "g\r\n",
                                          "10000000000000000\r\n",
                                          "00000000000000001\r\nx\r\n",
                                          "FFFFFFFFFFFFFFFFF\r\n",
                                          "1\r\nxx",
                                          "1\r\nx\n0\r\n\r\n",
                                          "1\r\nx0\r\n\r\n",
                                          "1\r\nx\rx",
                                          "0\r\n\n",
                                          "0\n\r\n",
                                          "0\r\nx : y\r\n\r\n",
                                          "0\r\n x: y\r\n\r\n",
                                          "0\r\nx: y\r\n z\r\n\r\n",
                                          "0\r\nx: y\n\r\n",
                                          "0\r\nx\r\n\r\n",
                                          "0\r\n: y\r\n\r\n",
                                          "0\r\nx: \x02\r\n\r\n",
                                          "0\r\nTransfer-Encoding: gzip\r\n\r\n"};
  for (const std::string& text : wrong) {
    SCOPED_TRACE(::testing::PrintToString(text));
    const std::string whole = read(kChunked + text);
    EXPECT_EQ(whole.substr(0, kChunkedHead.size()), kChunkedHead);
    EXPECT_NE(whole.find("error 400"), std::string::npos) << whole;
    EXPECT_EQ(whole.find("complete"), std::string::npos) << whole;
    for_each_split(kChunked.size() + text.size(),
                   [&](const std::vector<std::size_t>& cuts) { ASSERT_EQ(read(kChunked + text, cuts), whole); });
  }
}

TEST(RequestParser, HoldsItsLimits) {
  ParserLimits limits;
  limits.head_octets = 64;
  limits.target_octets = 8;
  limits.fields = 3;
  limits.content_octets = 10;
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";  // 25 octets
  const std::vector<Case> cases = {
      {"head at its limit", start + "x: " + std::string(32, 'v') + "\r\n\r\n",
       "GET http://a / 1.1 none\n  x: " + std::string(32, 'v') + "\ncomplete\n"},
      {"head over its limit", start + "x: " + std::string(33, 'v') + "\r\n\r\n", "error 431"},
      {"head without end", start + "x: " + std::string(500, 'v'), "error 431"},
      {"name without end", start + std::string(500, 'n'), "error 431"},
      {"target at its limit", "GET /1234567 HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a /1234567 1.1 none\ncomplete\n"},
      {"target over its limit", "GET /12345678 HTTP/1.1\r\nHost: a\r\n\r\n", "error 414"},
      {"target without end", "GET /" + std::string(500, 't'), "error 414"},
      {"fields at their limit", start + "a:\r\nb:\r\n\r\n", "GET http://a / 1.1 none\n  a: \n  b: \ncomplete\n"},
      {"fields over their limit", start + "a:\r\nb:\r\nc:\r\n\r\n", "error 431"},
      {"content at its limit", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
       "PUT http://a / 1.1 length=10\n  content-length: 10\ncontent 0123456789\ncomplete\n"},
      {"content over its limit", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n0123456789a", "error 413"},
      {"chunks at their limit", kChunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
       kChunkedHead + "content 0123456789\ncomplete\n"},
      {"chunks over their limit", kChunked + "5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n",
       kChunkedHead + "content 01234\nerror 413 the content is too large\n"},
      {"a chunk over all limits", kChunked + "5\r\n01234\r\nFFFFFFFFFFFFFFFF\r\n",
       kChunkedHead + "content 01234\nerror 413 the content is too large\n"},
      {"trailers over the head's limit", kChunked + "0\r\nx: " + std::string(70, 'v') + "\r\n\r\n",
       kChunkedHead + "error 431 the head is too large\n"},
      {"too many trailers", kChunked + "0\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n",
       kChunkedHead + "error 431 too many fields\n"},
  };
  for (const Case& test : cases) expect_same_at_every_split(test, limits);
}

TEST(RequestParser, BoundsChunkExtensionsOfTheWholeMessage) {
  std::string text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 200; ++i) text += "1;" + std::string(100, 'e') + "\r\nx\r\n";
  text += "0\r\n\r\n";
  const std::string whole = read(text);
  EXPECT_NE(whole.find("error 400 the chunks' extensions are too long"), std::string::npos) << whole;
  EXPECT_EQ(read(text, {1000, 1001, 17000}), whole);
}

TEST(RequestParser, ALargeHeadMayComeInManySlices) {
  std::string text = kGet;
  std::string expected = "GET http://a / 1.1 none\n";
  for (int i = 0; i < 100; ++i) {
    const std::string line = "x-" + std::to_string(i) + ": " + std::string(500, 'v');
    text += line + "\r\n";
    expected += "  " + line + "\n";
  }
  EXPECT_EQ(read(text + "\r\n"), expected + "complete\n");
}

TEST(RequestParser, IdleHoldsNothing) {
  Reader reader;
  EXPECT_TRUE(reader.parser.idle());
  reader.feed(slice_of("G"));
  EXPECT_FALSE(reader.parser.idle());
  EXPECT_FALSE(reader.parser.complete());
  reader.parser.next();  // nothing is complete: nothing happens
  reader.feed(slice_of("ET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n"));
  EXPECT_TRUE(reader.parser.idle());
  reader.feed(slice_of("\r"));
  EXPECT_FALSE(reader.parser.idle());
  reader.feed(slice_of("\n"));
  EXPECT_TRUE(reader.parser.idle());
}

TEST(RequestParser, TakesNothingBetweenCompleteAndNext) {
  Reader reader;
  const Slice data = slice_of(kGet + "\r\n" + kGet + "\r\n");
  const std::size_t taken = reader.parser.feed(data);
  EXPECT_EQ(taken, data.size() / 2);
  EXPECT_TRUE(reader.parser.complete());
  EXPECT_EQ(reader.parser.feed(data.part(taken, data.size() - taken)), 0U);
  reader.parser.next();
  EXPECT_EQ(reader.parser.feed(data.part(taken, data.size() - taken)), data.size() - taken);
}

TEST(RequestParser, TakesNothingAfterAnError) {
  Reader reader;
  reader.feed(slice_of("GET / HTTP/3.0\r\n\r\n"));
  ASSERT_NE(reader.parser.error(), nullptr);
  EXPECT_EQ(reader.parser.error()->status, 505);
  reader.parser.next();
  ASSERT_NE(reader.parser.error(), nullptr);
  EXPECT_EQ(reader.parser.feed(slice_of(kGet)), 0U);
}

/// Sets the limit of the site that the head names.
class LimitingReader final : public RequestEvents {
 public:
  void on_request_head(RequestHead /*head*/, Content /*content*/) override { parser.set_content_limit(3); }
  void on_request_content(Slice content) override { octets += content.size(); }
  void on_request_complete(Fields /*trailers*/) override { completed = true; }

  RequestParser parser{*this, {}};
  std::size_t octets = 0;
  bool completed = false;
};

TEST(RequestParser, ALimitSetWithTheHeadHoldsForItsContent) {
  LimitingReader announced;
  announced.parser.feed(slice_of("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd"));
  ASSERT_NE(announced.parser.error(), nullptr);
  EXPECT_EQ(announced.parser.error()->status, 413);
  EXPECT_EQ(announced.octets, 0U);

  LimitingReader growing;
  growing.parser.feed(
      slice_of("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n"));
  ASSERT_NE(growing.parser.error(), nullptr);
  EXPECT_EQ(growing.parser.error()->status, 413);
  EXPECT_EQ(growing.octets, 3U);

  LimitingReader within;
  within.parser.feed(slice_of("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"));
  EXPECT_EQ(within.parser.error(), nullptr);
  EXPECT_TRUE(within.completed);
}

enum class At { head, content, complete };

/// Destroys its parser, or begins its next message, inside an event.
class ImpatientReader final : public RequestEvents {
 public:
  ImpatientReader(At at, bool destroy) : at_(at), destroy_(destroy) {}
  void on_request_head(RequestHead /*head*/, Content /*content*/) override { act(At::head); }
  void on_request_content(Slice /*content*/) override { act(At::content); }
  void on_request_complete(Fields /*trailers*/) override { act(At::complete); }

  std::unique_ptr<RequestParser> parser = std::make_unique<RequestParser>(*this, ParserLimits{});

 private:
  void act(At at) {
    if (at != at_) return;
    if (destroy_) {
      parser.reset();
    } else {
      parser->next();
    }
  }
  At at_;
  bool destroy_;
};

TEST(RequestParser, MayBeDestroyedByAnyEvent) {
  const std::string text = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + kGet;
  for (const At at : {At::head, At::content, At::complete}) {
    ImpatientReader reader(at, true);
    reader.parser->feed(slice_of(text));
    EXPECT_EQ(reader.parser, nullptr);
  }
}

TEST(RequestParser, NextMayBeCalledInsideComplete) {
  ImpatientReader reader(At::complete, false);
  const std::size_t taken = reader.parser->feed(slice_of(kGet + "\r\n" + kGet));
  EXPECT_EQ(taken, kGet.size() + 2);
  EXPECT_TRUE(reader.parser->idle());
}

}  // namespace
}  // namespace ringway::http
