// Against a listener on the same worker that takes what is asked and answers what it is told to.

#include "cli/client/http_client.h"

#include <gtest/gtest.h>

#include "net/listener.h"

namespace ringway::cli::client {
namespace {

/// Writes its answer as soon as something was asked; then closes, where it is to.
class Answerer final : private net::AcceptHandler {
 public:
  enum class Then : std::uint8_t { keep, close };

  explicit Answerer(net::Worker& worker) {
    net::ListenSettings settings;
    settings.address = *SocketAddress::parse("127.0.0.1:0");
    auto opened = net::Listener::open(worker, settings, *this);
    EXPECT_TRUE(opened);
    listener_ = std::move(*opened);
  }

  [[nodiscard]] std::uint16_t port() const { return listener_->address().port; }
  void answer(std::string text, Then then) {
    answer_ = std::move(text);
    then_ = then;
  }
  [[nodiscard]] const std::string& asked() const { return asked_; }

 private:
  class Peer final : public ByteStreamHandler {
   public:
    Peer(Answerer& owner, std::unique_ptr<ByteStream> stream) : owner_(owner), stream_(std::move(stream)) {
      stream_->set_handler(this);
    }
    void on_data(Slice data) override {
      owner_.asked_.append(reinterpret_cast<const char*>(data.data()), data.size());
      stream_->consumed(data.size());
      if (owner_.asked_.find("\r\n\r\n") == std::string::npos || answered_) return;
      answered_ = true;
      ByteQueue out;
      out.append(std::string_view(owner_.answer_));
      stream_->write(out);
      if (owner_.then_ == Then::close) stream_->finish();
    }
    void on_end() override {}
    void on_writable() override {}
    void on_stop(StreamCode /*code*/) override {}
    void on_abort(const StreamEnd& /*end*/) override {}

   private:
    Answerer& owner_;
    std::unique_ptr<ByteStream> stream_;
    bool answered_ = false;
  };

  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& /*info*/) override {
    peers_.push_back(std::make_unique<Peer>(*this, std::move(stream)));
  }

  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::string answer_;
  std::string asked_;
  Then then_ = Then::keep;
};

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClientTest() : worker(net::Worker::make(0).value()), server(*worker) {
    location = *parse_manager_url("http://localhost:" + std::to_string(server.port()));
    location.token = "rw_1_2";
  }

  Result<Answer> ask(const Ask& question = {"GET", "/v1/status", "", {}, ""}) {
    HttpClient client(*worker, location, limit);
    return client.ask(question);
  }
  std::string fault() {
    const Result<Answer> answer = ask();
    return answer ? "" : answer.error().message;
  }

  Duration limit = std::chrono::seconds(20);

  std::unique_ptr<net::Worker> worker;
  Answerer server;
  Location location;
};

TEST_F(HttpClientTest, AsksAndTakesTheAnswer) {
  server.answer("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nETag: \"r1\"\r\nContent-Length: 2\r\n\r\n{}",
                Answerer::Then::keep);
  const Result<Answer> answer = ask({"POST", "/v1/apply?dry_run=1", "{\"a\": 1}", {{"if-match", "*"}}, ""});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->type, "application/json");
  EXPECT_EQ(answer->etag, "\"r1\"");
  EXPECT_EQ(answer->body, "{}");
  EXPECT_EQ(server.asked().find("POST /v1/apply?dry_run=1 HTTP/1.1\r\n"), 0U) << server.asked();
  for (const char* part :
       {"authorization: Bearer rw_1_2\r\n", "if-match: *\r\n", "content-length: 8\r\n", "\r\n\r\n{\"a\": 1}"}) {
    EXPECT_NE(server.asked().find(part), std::string::npos) << part << "\n" << server.asked();
  }
}

TEST_F(HttpClientTest, TakesContentThatLastsUntilClose) {
  server.answer("HTTP/1.1 200 OK\r\n\r\nabc", Answerer::Then::close);
  const Result<Answer> answer = ask();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "abc");
}

TEST_F(HttpClientTest, SaysWhatIsWrong) {
  server.answer("SSH-2.0-x\r\n\r\n", Answerer::Then::keep);
  EXPECT_NE(fault().find("its answer is no HTTP"), std::string::npos) << fault();
  server.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Answerer::Then::close);
  EXPECT_NE(fault().find("closed the connection before its answer was whole"), std::string::npos) << fault();
  server.answer("", Answerer::Then::close);
  EXPECT_NE(fault().find("closed the connection"), std::string::npos) << fault();
  server.answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Answerer::Then::keep);
  EXPECT_NE(fault(), "");
  server.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Answerer::Then::keep);
  limit = std::chrono::milliseconds(300);
  EXPECT_NE(fault().find("no answer within 0.3 s"), std::string::npos) << fault();
}

TEST_F(HttpClientTest, SaysWhereNobodyListens) {
  location = *parse_manager_url("http://127.0.0.1:1");
  EXPECT_EQ(fault(), "the manager at http://127.0.0.1:1: connect to 127.0.0.1:1: Connection refused");
}

TEST_F(HttpClientTest, SaysWhereANameIsUnknown) {
  location.host = "no-such-host.invalid";
  EXPECT_EQ(fault().find("no address is known of \"no-such-host.invalid\": "), 0U) << fault();
}

TEST_F(HttpClientTest, SaysWhereTheAuthorityIsMissing) {
  location.scheme = Scheme::https;
  location.authority_file = "/nowhere/ca.pem";
  EXPECT_NE(fault().find("/nowhere/ca.pem"), std::string::npos) << fault();
}

TEST(Encoded, KeepsOnlyWhatNeedsNoEncoding) {
  EXPECT_EQ(encoded("pop-1_a.b~c:d"), "pop-1_a.b~c:d");
  EXPECT_EQ(encoded("a/b?c=d&e f%\n\xc3\xa9"), "a%2Fb%3Fc%3Dd%26e%20f%25%0A%C3%A9");
}

}  // namespace
}  // namespace ringway::cli::client
