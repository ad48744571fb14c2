#include "cli/demo/origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/parser.h"
#include "http/serializer.h"

namespace ringway::cli {

namespace {

constexpr std::size_t kBulkOctets = 4 << 20;

/// Text that compresses about as well as a page's scripts and styles.
std::string filler(std::size_t octets, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string text;
  text.reserve(octets + 64);
  while (text.size() < octets) {
    fmt::format_to(std::back_inserter(text), ".item-{} {{ margin: {}px; color: #{:06x}; }}\n", random.below(1000),
                   random.below(40), random.below(1 << 24));
  }
  text.resize(octets);
  return text;
}

std::string page(const std::string& origin) {
  std::string objects;
  for (int i = 1; i <= kDemoObjects; ++i) fmt::format_to(std::back_inserter(objects), "<li>/object/{}</li>\n", i);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><title>Ringway demo</title></head><body>\n"
      "<h1>Served by {} through Ringway</h1>\n"
      "<p>This page and its objects go in ring 2, /api in ring 0, /bulk in ring "
      "4.</p>\n<ul>\n{}</ul>\n</body></html>\n",
      origin, objects);
}

struct Reply {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
};

Reply reply_to(std::string_view target, const std::string& origin) {
  if (target == "/") return {200, "text/html; charset=utf-8", page(origin)};
  if (target.starts_with("/api")) return {200, "application/json", "{\"status\":\"ok\"}\n"};
  if (target.starts_with("/bulk")) {
    std::string body(kBulkOctets, '\0');
    SeededRandom random(4);
    random.fill({reinterpret_cast<std::uint8_t*>(body.data()), body.size()});
    return {200, "application/octet-stream", std::move(body)};
  }
  if (target.starts_with("/object/")) {
    const std::uint64_t number = parse_decimal(target.substr(8)).value_or(0);
    if (number >= 1 && number <= kDemoObjects) return {200, "text/css", filler(4000 + number * 1500, number)};
  }
  return {404, "text/plain; charset=utf-8", "No such thing here.\n"};
}

}  // namespace

/// One connection to the origin.
class DemoOrigin::Visitor final : public ByteStreamHandler, public http::RequestEvents {
 public:
  Visitor(DemoOrigin& origin, std::unique_ptr<ByteStream> stream)
      : origin_(origin), stream_(std::move(stream)), parser_(events(), {}) {
    stream_->set_handler(this);
  }

  void on_data(Slice data) override {
    stream_->consumed(data.size());
    while (!data.empty() && parser_.error() == nullptr) {
      if (parser_.complete()) parser_.next();
      data.remove_prefix(parser_.feed(data));
    }
    if (parser_.error() != nullptr) origin_.forget(*this);
  }
  void on_end() override { origin_.forget(*this); }
  void on_writable() override { pump(); }
  void on_stop(StreamCode /*code*/) override { origin_.forget(*this); }
  void on_abort(const StreamEnd& /*end*/) override { origin_.forget(*this); }

  void on_request_head(http::RequestHead head, http::Content /*content*/) override {
    Reply reply = reply_to(head.target, origin_.name());
    http::ResponseHead answer;
    answer.status = reply.status;
    answer.reason = http::reason_phrase(reply.status);
    answer.fields.add("content-type", reply.type);
    answer.fields.add("x-origin", origin_.name());
    http::write_response_head(waiting_, answer, {http::Content::Kind::length, reply.body.size()}, "");
    if (head.method != "HEAD") waiting_.append(std::string_view(reply.body));
    pump();
  }
  void on_request_content(Slice /*content*/) override {}
  void on_request_complete(http::Fields /*trailers*/) override {}

 private:
  http::RequestEvents& events() { return *this; }

  void pump() {
    while (!waiting_.empty() && stream_->writable() > 0) stream_->write(waiting_.pop_front());
  }

  DemoOrigin& origin_;
  std::unique_ptr<ByteStream> stream_;
  http::RequestParser parser_;
  ByteQueue waiting_;
};

Result<std::unique_ptr<DemoOrigin>> DemoOrigin::open(net::Worker& worker, std::string name) {
  std::unique_ptr<DemoOrigin> origin(new DemoOrigin(worker, std::move(name)));
  net::ListenSettings settings;
  settings.address = {IpAddress::v4({127, 0, 0, 1}), 0};
  auto listener = net::Listener::open(worker, settings, *origin);
  if (!listener) return listener.error();
  origin->listener_ = std::move(listener).value();
  return origin;
}

DemoOrigin::DemoOrigin(net::Worker& worker, std::string name) : worker_(worker), name_(std::move(name)) {}

DemoOrigin::~DemoOrigin() = default;

void DemoOrigin::on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& /*info*/) {
  auto visitor = std::make_unique<Visitor>(*this, std::move(stream));
  Visitor* key = visitor.get();
  visitors_.emplace(key, std::move(visitor));
}

void DemoOrigin::forget(Visitor& visitor) {
  const auto found = visitors_.find(&visitor);
  if (found == visitors_.end()) return;
  worker_.loop().deferred.destroy(std::move(found->second));
  visitors_.erase(found);
}

}  // namespace ringway::cli
