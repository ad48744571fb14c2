#pragma once
// A kept HTTP/1.1 connection that asks for one thing after the other, and measures.

#include <llhttp.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "tests/bench/client/poll_loop.h"

namespace ringway::wan {

/// Where to ask.
struct Server {
  std::string address = "127.0.0.1";  ///< IPv4.
  std::uint16_t port = 0;
  std::string host;
  std::string authority;  ///< PEM file of whoever vouches for the server; empty: plain HTTP.
};

struct Answer {
  Time begun;  ///< Just before the request was written.
  Time head;   ///< The head was whole.
  Time ended;
  std::uint64_t content_octets = 0;
};

class HttpConnection {
 public:
  /// Connects at once, handshake included, and waits for it.
  HttpConnection(PollLoop& loop, const Server& server);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  using Done = std::function<void(const Answer&)>;
  /// One at a time. Any answer but 200, and a connection that ends, ends the program.
  void get(std::string_view target, Done done);
  [[nodiscard]] bool idle() const { return done_ == nullptr; }
  /// Content that has come over this connection in its life.
  [[nodiscard]] std::uint64_t total_octets() const { return total_octets_; }

 private:
  struct Parser : llhttp_t {
    HttpConnection* owner = nullptr;
  };

  void connect(const Server& server);
  void handshake(const Server& server);
  void send(std::string_view octets);
  void on_readable();
  /// Octets got; 0: none now.
  std::size_t receive(char* to, std::size_t most);
  static int on_head(llhttp_t* parser);
  static int on_body(llhttp_t* parser, const char* at, std::size_t count);
  static int on_end(llhttp_t* parser);

  int fd_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, SSL_free};
  std::string host_, target_;
  Parser parser_;
  llhttp_settings_t callbacks_{};
  Answer answer_;
  Done done_;
  std::uint64_t total_octets_ = 0;
};

}  // namespace ringway::wan
