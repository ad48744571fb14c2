#include "tests/bench/client/http_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace ringway::wan {

namespace {

constexpr std::size_t kReadOctets = 256 * 1024;
constexpr int kGood = 200;

}  // namespace

HttpConnection::HttpConnection(PollLoop& loop, const Server& server) : host_(server.host) {
  connect(server);
  if (!server.authority.empty()) handshake(server);
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  llhttp_settings_init(&callbacks_);
  callbacks_.on_headers_complete = on_head;
  callbacks_.on_body = on_body;
  callbacks_.on_message_complete = on_end;
  llhttp_init(&parser_, HTTP_RESPONSE, &callbacks_);
  parser_.owner = this;
  loop.watch(fd_, [this] { on_readable(); });
}

HttpConnection::~HttpConnection() { ::close(fd_); }

void HttpConnection::connect(const Server& server) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port);
  if (::inet_pton(AF_INET, server.address.c_str(), &address.sin_addr) != 1) fail("no address: " + server.address);
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    fail(fmt::format("connecting to {}:{}: {}", server.address, server.port, std::strerror(errno)));
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void HttpConnection::handshake(const Server& server) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(context_.get(), server.authority.c_str()) != 1)
    fail("no authority: " + server.authority);
  tls_.reset(SSL_new(context_.get()));
  SSL_set_fd(tls_.get(), fd_);
  SSL_set_tlsext_host_name(tls_.get(), server.host.c_str());
  SSL_set1_host(tls_.get(), server.host.c_str());
  if (SSL_connect(tls_.get()) != 1) fail("TLS handshake");
}

void HttpConnection::get(std::string_view target, Done done) {
  target_ = target;
  done_ = std::move(done);
  answer_ = {};
  answer_.begun = now();
  send(
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip\r\nAccept: */*\r\n"
                  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) wan_client\r\nAccept-Language: en\r\n\r\n",
                  target, host_));
}

/// A request is far smaller than any socket's buffer: what is not taken whole is a fault.
void HttpConnection::send(std::string_view octets) {
  const auto sent = tls_ ? SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size()))
                         : ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
  if (std::cmp_not_equal(sent, octets.size())) fail("a request could not be sent: " + target_);
}

void HttpConnection::on_readable() {
  static std::array<char, kReadOctets> buffer;
  for (std::size_t got = receive(buffer.data(), buffer.size()); got > 0; got = receive(buffer.data(), buffer.size())) {
    if (llhttp_execute(&parser_, buffer.data(), got) != HPE_OK) {
      fail(fmt::format("{}: {}", target_, llhttp_get_error_reason(&parser_)));
    }
    if (!tls_ && got < buffer.size()) return;
  }
}

std::size_t HttpConnection::receive(char* to, std::size_t most) {
  if (tls_) {
    const int got = SSL_read(tls_.get(), to, static_cast<int>(most));
    if (got > 0) return static_cast<std::size_t>(got);
    if (SSL_get_error(tls_.get(), got) == SSL_ERROR_WANT_READ) return 0;
  } else {
    const ssize_t got = ::recv(fd_, to, most, 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0 && errno == EAGAIN) return 0;
  }
  fail("the connection ended, asked for " + target_);
}

int HttpConnection::on_head(llhttp_t* parser) {
  HttpConnection& self = *static_cast<Parser*>(parser)->owner;
  const int status = llhttp_get_status_code(parser);
  if (status != kGood) fail(fmt::format("{}: status {}", self.target_, status));
  self.answer_.head = now();
  return 0;
}

int HttpConnection::on_body(llhttp_t* parser, const char* /*at*/, std::size_t count) {
  HttpConnection& self = *static_cast<Parser*>(parser)->owner;
  self.answer_.content_octets += count;
  self.total_octets_ += count;
  return 0;
}

int HttpConnection::on_end(llhttp_t* parser) {
  HttpConnection& self = *static_cast<Parser*>(parser)->owner;
  self.answer_.ended = now();
  const Done done = std::exchange(self.done_, nullptr);
  done(self.answer_);
  return 0;
}

}  // namespace ringway::wan
