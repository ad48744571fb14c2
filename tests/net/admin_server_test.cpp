#include "net/admin_server.h"

#include <gtest/gtest.h>

#include "tests/net/support.h"

namespace ringway::net {
namespace {

class Admin : public testing::Test {
 protected:
  Admin() {
    server_->handle("/healthz", [](std::string_view /*query*/) {
      return AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"};
    });
    server_->handle("/metrics", [](std::string_view /*query*/) {
      return AdminAnswer{200, "text/plain", std::string(300000, 'm')};
    });
    client_.stream = connector_.connect(server_->address(), nullptr, client_);
  }

  /// What comes back until `done` octets or the end.
  std::string ask(const std::string& request, std::size_t done = SIZE_MAX) {
    client_.received.clear();
    client_.write(request);
    EXPECT_TRUE(worker_->run_until([&] { return client_.ended || client_.aborted || client_.received.size() >= done; },
                                   kPatience));
    return client_.received;
  }

  std::unique_ptr<Worker> worker_ = make_worker();
  std::unique_ptr<AdminServer> server_ = AdminServer::open(*worker_, loopback()).value();
  TcpConnector connector_{*worker_};
  TestEnd client_;
};

TEST_F(Admin, AnswersPathsItKnows) {
  const std::string answer = ask("GET /healthz?verbose HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(answer.substr(answer.size() - 7), "\r\n\r\nok\n");
}

TEST_F(Admin, HandsOnTheQuery) {
  server_->handle("/echo", [](std::string_view query) { return AdminAnswer{.body = "[" + std::string(query) + "]"}; });
  const std::string answer =
      ask("GET /echo?a=1&b=? HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("[a=1&b=?]"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.size() - 2), "[]");
}

TEST_F(Admin, AnswersSeveralRequestsOfOneConnectionInOrder) {
  const std::string one = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string answer = ask(one + one + "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(static_cast<std::size_t>(std::count(answer.begin(), answer.end(), 'm')) / 300000, 2U);
  EXPECT_EQ(answer.substr(answer.size() - 7), "\r\n\r\nok\n");
  EXPECT_FALSE(client_.aborted);
}

TEST_F(Admin, SaysWhatIsWrong) {
  EXPECT_NE(ask("GET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").find(" 404 "), std::string::npos);
}

TEST_F(Admin, TakesOnlyGetAndHead) {
  const std::string answer =
      ask("DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\nHEAD /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find(" 405 "), std::string::npos);
  EXPECT_NE(answer.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos ||
                answer.find("\r\nallow: GET, HEAD\r\n") != std::string::npos,
            false);
  EXPECT_EQ(answer.find("mmm"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST_F(Admin, RefusesContentAndNonsense) {
  EXPECT_NE(ask("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").find(" 413 "),
            std::string::npos);
}

TEST_F(Admin, ClosesAfterNonsense) {
  EXPECT_EQ(ask("nonsense\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
  EXPECT_TRUE(client_.ended);
}

}  // namespace
}  // namespace ringway::net
