#include "cli/client/http_client.h"

#include <fmt/format.h>
#include <netdb.h>

#include <cctype>
#include <cstring>
#include <utility>

#include "base/config_tree.h"
#include "base/text.h"
#include "http/parser.h"
#include "http/serializer.h"
#include "net/descriptor.h"

namespace ringway::cli::client {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~' || c == ':';
}

http::ParserLimits answer_limits() {
  http::ParserLimits limits;
  limits.content_octets = config::kMaxTextOctets;
  return limits;
}

SocketAddress address_of(const addrinfo& found) {
  std::array<std::uint8_t, 16> octets{};
  if (found.ai_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(found.ai_addr);
    std::memcpy(octets.data(), &v6->sin6_addr, 16);
    return {IpAddress::v6(octets), ntohs(v6->sin6_port)};
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(found.ai_addr);
  std::array<std::uint8_t, 4> four{};
  std::memcpy(four.data(), &v4->sin_addr, 4);
  return {IpAddress::v4(four), ntohs(v4->sin_port)};
}

}  // namespace

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += is_unreserved(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (fault != 0) return client_error(fmt::format("no address is known of \"{}\": {}", host, ::gai_strerror(fault)));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET || each->ai_family == AF_INET6) addresses.push_back(address_of(*each));
  }
  ::freeaddrinfo(found);
  return addresses;
}

/// One question on one connection, until its answer is whole or something broke.
class HttpClient::Exchange final : public ByteStreamHandler, private http::ResponseEvents {
 public:
  Exchange(net::TcpConnector& connector, const SocketAddress& address, const TlsClientSettings* tls, const Ask& ask,
           const Location& location)
      : parser_(*this, answer_limits()), stream_(connector.connect(address, tls, *this)) {
    parser_.begin(ask.method);
    ByteQueue out;
    http::Content content;
    if (!ask.body.empty() || ask.method == "POST" || ask.method == "PUT") {
      content = {http::Content::Kind::length, ask.body.size()};
    }
    http::write_request_head(out, head_of(ask, location), content);
    if (!ask.body.empty()) out.append(std::string_view(ask.body));
    stream_->write(out);
  }

  [[nodiscard]] bool over() const { return whole_ || !fault_.empty(); }
  [[nodiscard]] bool opened() const { return opened_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] Answer take() { return std::move(answer_); }

  void on_open() override { opened_ = true; }
  void on_data(Slice data) override {
    if (over()) return;
    const std::size_t octets = data.size();
    parser_.feed(data);
    stream_->consumed(octets);
    if (parser_.error() != nullptr) fail("its answer is no HTTP: " + parser_.error()->message);
  }
  void on_end() override {
    if (over()) return;
    parser_.finish();
    if (!whole_) fail("it closed the connection before its answer was whole");
  }
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& end) override { fail(end.message); }

 private:
  static http::RequestHead head_of(const Ask& ask, const Location& location) {
    http::RequestHead head;
    head.method = ask.method;
    head.authority = location.authority();
    head.target = ask.target;
    head.fields.add("user-agent", "ringway");
    head.fields.add("accept", "application/json");
    const std::string& token = ask.token.empty() ? location.token : ask.token;
    if (!token.empty()) head.fields.add("authorization", "Bearer " + token);
    if (!ask.body.empty()) head.fields.add("content-type", "application/json");
    for (const auto& [name, value] : ask.fields) head.fields.add(name, value);
    return head;
  }

  void on_interim_head(http::ResponseHead /*head*/) override {}
  void on_response_head(http::ResponseHead head, http::Content /*content*/) override {
    answer_.status = head.status;
    answer_.type = head.fields.find("content-type").value_or("");
    answer_.etag = head.fields.find("etag").value_or("");
  }
  void on_response_content(Slice content) override {
    answer_.body.append(reinterpret_cast<const char*>(content.data()), content.size());
  }
  void on_response_complete(http::Fields /*trailers*/) override { whole_ = true; }

  void fail(std::string why) {
    if (!over()) fault_ = std::move(why);
  }

  Answer answer_;
  http::ResponseParser parser_;
  std::unique_ptr<ByteStream> stream_;
  std::string fault_;
  bool opened_ = false;
  bool whole_ = false;
};

HttpClient::HttpClient(net::Worker& worker, Location location, Duration limit)
    : worker_(worker),
      location_(std::move(location)),
      tls_{location_.host, location_.authority_file, location_.certificate_file, location_.key_file},
      limit_(limit),
      connector_(worker) {}

Result<Answer> HttpClient::ask(const Ask& ask) {
  if (addresses_.empty()) {
    Result<std::vector<SocketAddress>> found = resolve(location_.host, location_.port);
    if (!found) return Error{Side::client, Retry::safe, found.error().message};
    addresses_ = std::move(*found);
  }
  const TlsClientSettings* tls = location_.scheme == Scheme::https ? &tls_ : nullptr;
  std::string fault;
  Retry retry = Retry::safe;
  for (const SocketAddress& address : addresses_) {
    Exchange exchange(connector_, address, tls, ask, location_);
    const bool over = worker_.run_until([&exchange] { return exchange.over(); }, limit_);
    if (over && exchange.fault().empty()) return exchange.take();
    fault = over ? exchange.fault() : fmt::format("no answer within {} s", to_seconds(limit_));
    if (!exchange.opened()) continue;
    retry = Retry::unsafe;  // what was asked may have been done
    break;
  }
  return Error{Side::origin, retry, fmt::format("the manager at {}: {}", location_.url(), fault)};
}

}  // namespace ringway::cli::client
