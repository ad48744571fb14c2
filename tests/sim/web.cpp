#include "tests/sim/web.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/serializer.h"

namespace ringway::sim {

char web_octet(std::uint64_t number, std::uint64_t offset) {
  const std::uint64_t mixed = (number * 0x9e3779b97f4a7c15ULL) ^ ((offset / 7) * 0xff51afd7ed558ccdULL);
  return static_cast<char>('a' + (mixed >> 40) % 26);
}

std::string web_text(std::uint64_t number, std::uint64_t offset, std::size_t octets) {
  std::string text(octets, '\0');
  for (std::size_t i = 0; i < octets; ++i) text[i] = web_octet(number, offset + i);
  return text;
}

namespace {

struct Target {
  std::uint64_t number = 0;
  std::uint64_t octets = 0;
  bool chunked = false;
};

Target parse_target(std::string_view target) {
  Target parsed;
  const std::size_t second = target.find('/', 1);
  const std::size_t third = target.find('/', second + 1);
  parsed.number = parse_decimal(target.substr(1, second - 1)).value_or(0);
  parsed.octets = parse_decimal(target.substr(second + 1, third - second - 1)).value_or(0);
  parsed.chunked = target.substr(third + 1) == "chunked";
  return parsed;
}

}  // namespace

/// One connection to the origin.
class WebOrigin::Visitor final : public ByteStreamHandler, public http::RequestEvents {
 public:
  Visitor(WebOrigin& origin, std::unique_ptr<ByteStream> stream)
      : origin_(origin),
        stream_(std::move(stream)),
        parser_(events(), {}),
        timer_(origin.node_.loop().timers, [this] { pump(); }) {
    stream_->set_handler(this);
  }

  void on_data(Slice data) override {
    stream_->consumed(data.size());
    while (!data.empty() && parser_.error() == nullptr) {
      if (parser_.complete()) parser_.next();
      data.remove_prefix(parser_.feed(data));
    }
    if (parser_.error() == nullptr) return;
    origin_.ledger_.blame("an origin was sent nonsense: " + parser_.error()->message);
    origin_.forget(*this);
  }
  void on_end() override { origin_.forget(*this); }
  void on_writable() override {
    if (!timer_.armed()) pump();
  }
  void on_stop(StreamCode /*code*/) override { origin_.forget(*this); }
  void on_abort(const StreamEnd& /*end*/) override { origin_.forget(*this); }

  void on_request_head(http::RequestHead head, http::Content /*content*/) override {
    if (answering_) origin_.ledger_.blame("a second request came before the first was answered");
    target_ = parse_target(head.target);
    method_ = head.method;
    read_ = 0;
    if (method_ == "POST") ++origin_.ledger_.posts_begun[target_.number];
    if (!head.fields.find("x-request-id") || head.fields.count("via") != 1) {
      origin_.ledger_.blame("a request came without its id or its way");
    }
  }
  void on_request_content(Slice content) override {
    const std::string expected = web_text(target_.number, read_, content.size());
    if (as_text(content.bytes()) != expected) origin_.ledger_.blame("an origin read octets that nobody sent to it");
    read_ += content.size();
  }
  void on_request_complete(http::Fields /*trailers*/) override {
    if (method_ == "POST") {
      if (read_ != target_.octets) origin_.ledger_.blame("a request looked whole and was not");
      origin_.ledger_.posts_whole.insert(target_.number);
      target_.octets = 0;
    }
    begin_answer();
  }

 private:
  http::RequestEvents& events() { return *this; }

  void begin_answer() {
    Random& random = origin_.node_.network().random();
    answering_ = true;
    written_ = 0;
    http::ResponseHead head;
    head.fields.add("content-type", origin_.manners_.type);
    const auto kind = target_.chunked ? http::Content::Kind::chunked : http::Content::Kind::length;
    http::write_response_head(waiting_, head, {kind, target_.octets}, "");
    if (method_ == "HEAD") target_.octets = 0;
    breaks_at_ = random.unit() < origin_.manners_.resets ? random.below(target_.octets + 1) : UINT64_MAX;
    const auto think = static_cast<std::uint64_t>(origin_.manners_.think.count());
    timer_.arm(origin_.node_.loop().now() + Duration(static_cast<std::int64_t>(random.below(think + 1))));
  }

  void pump() {
    while (answering_ && stream_->writable() > 0) {
      if (written_ >= breaks_at_) return origin_.forget(*this);
      stream_->write(waiting_);
      if (written_ == target_.octets) return end_answer();
      const std::size_t count = std::min<std::size_t>(origin_.manners_.piece, target_.octets - written_);
      ByteQueue piece;
      piece.append(web_text(target_.number, written_, count));
      written_ += count;
      while (!piece.empty()) {
        if (target_.chunked) {
          http::write_chunk(waiting_, piece.pop_front());
        } else {
          waiting_.append(piece.pop_front());
        }
      }
    }
  }

  void end_answer() {
    answering_ = false;
    if (target_.chunked && method_ != "HEAD") http::write_last_chunk(waiting_, {});
    stream_->write(waiting_);
    if (origin_.node_.network().random().unit() < origin_.manners_.closes_idle) {
      stream_->finish();
      origin_.forget(*this);
    }
  }

  WebOrigin& origin_;
  std::unique_ptr<ByteStream> stream_;
  http::RequestParser parser_;
  Target target_;
  std::string method_;
  std::uint64_t read_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t breaks_at_ = UINT64_MAX;
  bool answering_ = false;
  ByteQueue waiting_;
  Timer timer_;
};

WebOrigin::WebOrigin(Node& node, WebLedger& ledger, const OriginManners& manners)
    : node_(node), ledger_(ledger), manners_(manners) {}

WebOrigin::~WebOrigin() = default;

void WebOrigin::accept(std::unique_ptr<ByteStream> stream) {
  auto visitor = std::make_unique<Visitor>(*this, std::move(stream));
  Visitor* key = visitor.get();
  visitors_.emplace(key, std::move(visitor));
}

void WebOrigin::forget(Visitor& visitor) {
  const auto found = visitors_.find(&visitor);
  if (found == visitors_.end()) return;
  node_.loop().deferred.destroy(std::move(found->second));
  visitors_.erase(found);
}

// ---- Clients ----

WebClient::WebClient(Node& node, WebLedger& ledger, std::unique_ptr<ByteStream> stream,
                     std::vector<WebRequest> requests, std::size_t pipelined)
    : node_(node),
      ledger_(ledger),
      stream_(std::move(stream)),
      requests_(std::move(requests)),
      pipelined_(pipelined),
      parser_(events(), {}) {
  stream_->set_handler(this);
}

std::string WebClient::state() const {
  const WebRequest& request = requests_[std::min(answered_, requests_.size() - 1)];
  return fmt::format("{} of {} answered, {} sent, {} octets unsent, at request {} of kind {} with {} octets, {}",
                     answered_, requests_.size(), sent_, waiting_.size(), request.number,
                     static_cast<int>(request.kind), request.octets,
                     parsing_ ? fmt::format("{} octets into its answer", body_) : "no answer yet");
}

void WebClient::start() { send_some(); }

void WebClient::leave() {
  if (over_) return;
  over_ = true;
  stream_->abort(StreamCode::cancelled);
}

void WebClient::send_some() {
  while (!over_ && !closing_ && sent_ < requests_.size() && sent_ < answered_ + pipelined_) write_next();
  while (!over_ && !waiting_.empty() && stream_->writable() > 0) stream_->write(waiting_.pop_front());
}

void WebClient::write_next() {
  const WebRequest& request = requests_[sent_++];
  const bool chunked = request.framing == WebRequest::Framing::chunked;
  static constexpr const char* kMethods[] = {"GET", "HEAD", "POST"};
  std::string text =
      fmt::format("{} /{}/{}/{} HTTP/1.1\r\nHost: {}\r\n{}", kMethods[static_cast<int>(request.kind)], request.number,
                  request.octets, chunked ? "chunked" : "length", request.host, request.extra);
  if (request.kind != WebRequest::Kind::post) {
    waiting_.append(text + "\r\n");
    return;
  }
  const std::string body = web_text(request.number, 0, request.octets);
  if (!chunked) {
    waiting_.append(fmt::format("{}Content-Length: {}\r\n\r\n{}", text, body.size(), body));
    return;
  }
  text += "Transfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 1000) {
    const std::string piece = body.substr(at, 1000);
    text += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  }
  waiting_.append(text + "0\r\n\r\n");
}

void WebClient::on_data(Slice data) {
  stream_->consumed(data.size());
  while (!over_ && !data.empty()) {
    if (answered_ >= sent_) {
      ledger_.blame("a client was sent an answer that it did not ask for");
      return finish(true);
    }
    if (!std::exchange(parsing_, true)) {
      static constexpr const char* kMethods[] = {"GET", "HEAD", "POST"};
      parser_.begin(kMethods[static_cast<int>(requests_[answered_].kind)]);
    }
    data.remove_prefix(parser_.feed(data));
    if (parser_.error() != nullptr) {
      ledger_.blame("a client was sent nonsense: " + parser_.error()->message);
      return finish(true);
    }
  }
  send_some();
}

void WebClient::on_end() { finish(parsing_ || (!closing_ && answered_ < requests_.size())); }
void WebClient::on_writable() { send_some(); }
void WebClient::on_stop(StreamCode /*code*/) {}
void WebClient::on_abort(const StreamEnd& /*end*/) { finish(true); }
void WebClient::on_interim_head(http::ResponseHead /*head*/) {}

void WebClient::on_response_head(http::ResponseHead head, http::Content /*content*/) {
  status_ = head.status;
  body_ = 0;
  closing_ = closing_ || !head.keep_alive;
  if (status_ != 200 && status_ != 502 && status_ != 503 && status_ != 504) {
    ledger_.blame(fmt::format("a client got status {}", status_));
  }
}

void WebClient::on_response_content(Slice content) {
  if (status_ == 200) {
    const std::string expected = web_text(requests_[answered_].number, body_, content.size());
    if (as_text(content.bytes()) != expected) ledger_.blame("a client read octets of another answer");
  }
  body_ += content.size();
}

void WebClient::on_response_complete(http::Fields /*trailers*/) {
  const WebRequest& request = requests_[answered_];
  const std::uint64_t expected = request.kind == WebRequest::Kind::get ? request.octets : 0;
  if (status_ == 200 && body_ != expected) {
    ledger_.blame(fmt::format("an answer of {} octets looked whole with {}", expected, body_));
  }
  if (status_ == 200 && request.kind == WebRequest::Kind::post && !ledger_.posts_whole.contains(request.number)) {
    ledger_.blame("a POST was said to be done that no origin saw whole");
  }
  ++(status_ == 200 ? ledger_.answered : ledger_.refused);
  ++answered_;
  parsing_ = false;
  if (answered_ == requests_.size()) {
    stream_->finish();
    over_ = true;
  }
}

void WebClient::finish(bool broke) {
  if (std::exchange(over_, true)) return;
  if (broke) ++ledger_.broken;
  stream_->abort(StreamCode::cancelled);
}

}  // namespace ringway::sim
