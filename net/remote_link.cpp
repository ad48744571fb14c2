#include "net/remote_link.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::net {

/// The user's end of one stream.
class RemoteLink::Stream final : public tmp::LinkStream {
 public:
  Stream(RemoteLink& link, std::uint64_t number) : link_(link) {
    place_.stream = number;
    link_.streams_.emplace(number, this);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() override {
    link_.streams_.erase(place_.stream);
    if (dead_) return;
    if (finished_) {
      letter().gone = true;
    } else {
      letter().aborted = StreamCode::cancelled;
    }
  }

  void set_handler(ByteStreamHandler* handler) override { handler_ = handler; }
  void write(Slice data) override {
    if (dead_ || finished_) return;
    untaken_ += data.size();
    letter().data.append(std::move(data));
    starved_ = starved_ || writable() == 0;
  }
  void write(ByteQueue& data) override {
    if (dead_ || finished_) {
      data.clear();
      return;
    }
    untaken_ += data.size();
    letter().data.append(data);
    starved_ = starved_ || writable() == 0;
  }
  [[nodiscard]] std::size_t writable() const override {
    return limits::kStreamUnsentOctets - std::min(untaken_, limits::kStreamUnsentOctets);
  }
  void finish() override {
    if (dead_ || finished_) return;
    finished_ = true;
    letter().finished = true;
  }
  void stop(StreamCode code) override {
    if (!dead_) letter().stopped = code;
  }
  void abort(StreamCode code) override {
    handler_ = nullptr;
    if (dead_) return;
    dead_ = true;
    letter().aborted = code;
  }
  void consumed(std::size_t count) override {
    if (!dead_) letter().consumed += count;
  }
  void set_ring(std::uint8_t ring) override {
    if (!dead_) letter().ring = ring;
  }
  /// Only its host knows; until that has told, it may have.
  [[nodiscard]] bool left() const override { return left_; }

  // What the host says. Each may destroy the stream.

  void data(Slice slice) {
    if (handler_ != nullptr) handler_->on_data(std::move(slice));
  }
  void taken(std::size_t count) {
    untaken_ -= std::min(count, untaken_);
    if (!starved_ || writable() == 0) return;
    starved_ = false;
    if (handler_ != nullptr) handler_->on_writable();
  }
  void ended() {
    if (handler_ != nullptr) handler_->on_end();
  }
  void stopped(StreamCode code) {
    if (handler_ != nullptr) handler_->on_stop(code);
  }
  void died(const LinkLetter& news) {
    dead_ = true;
    left_ = news.left;
    ByteStreamHandler* handler = std::exchange(handler_, nullptr);
    if (handler != nullptr) handler->on_abort({news.aborted, news.message});
  }
  LinkLetter& letter() { return link_.outbox_.letter(place_); }

 private:
  RemoteLink& link_;
  LetterPlace place_;
  ByteStreamHandler* handler_ = nullptr;
  std::size_t untaken_ = 0;  // written and not yet in the real stream
  bool starved_ = false;
  bool finished_ = false;
  bool dead_ = false;
  bool left_ = true;
};

RemoteLink::RemoteLink(Worker& worker, std::string peer, std::shared_ptr<LinkChannel> channel,
                       tmp::LinkHandler& handler)
    : handler_(handler),
      peer_(std::move(peer)),
      outbox_(worker, channel->to_host),
      reader_(worker, channel->to_user, [this](std::vector<LinkLetter>& letters) { read(letters); }) {}

RemoteLink::~RemoteLink() { outbox_.flush(); }

std::unique_ptr<tmp::LinkStream> RemoteLink::open(const tmp::StreamOpening& opening, ByteStreamHandler& handler) {
  if (!news_.up || news_.draining) return nullptr;
  auto stream = std::make_unique<Stream>(*this, next_stream_);
  next_stream_ += 2;
  stream->set_handler(&handler);
  stream->letter().opening = std::make_unique<tmp::StreamOpening>(opening);
  return stream;
}

std::size_t RemoteLink::streams() const {
  return news_.streams + streams_.size() - std::min(streams_told_, news_.streams + streams_.size());
}

void RemoteLink::drain() { wish({LinkWish::Kind::drain, ""}); }

void RemoteLink::close(const std::string& reason) { wish({LinkWish::Kind::close, reason}); }

void RemoteLink::wish(LinkWish wish) { outbox_.letter(place_).wish = std::make_unique<LinkWish>(std::move(wish)); }

void RemoteLink::read(std::vector<LinkLetter>& letters) {
  for (LinkLetter& letter : letters) {
    const std::uint64_t number = letter.stream;
    if (letter.news != nullptr) hear(std::move(*letter.news));
    if (letter.opening != nullptr) take_opened(number, *letter.opening);
    // Any of these may destroy the stream: it is looked up each time.
    const auto stream = [this, number] {
      const auto found = streams_.find(number);
      return found == streams_.end() ? nullptr : found->second;
    };
    while (!letter.data.empty()) {
      Stream* present = stream();
      if (present == nullptr) break;
      present->data(letter.data.pop_front());
    }
    if (Stream* present = stream(); present != nullptr && letter.finished) present->ended();
    if (Stream* present = stream(); present != nullptr && letter.taken > 0) present->taken(letter.taken);
    if (Stream* present = stream(); present != nullptr && letter.stopped != StreamCode::none) {
      present->stopped(letter.stopped);
    }
    if (Stream* present = stream(); present != nullptr && letter.aborted != StreamCode::none) present->died(letter);
  }
}

void RemoteLink::hear(LinkNews news) {
  const bool was_up = news_.up;
  const bool was_draining = news_.draining;
  news_ = std::move(news);
  streams_told_ = streams_.size();
  // A link that was draining and is not is another one: what came between was told in one letter.
  if (news_.up && (!was_up || (was_draining && !news_.draining))) handler_.on_link_up(*this);
  if (news_.draining && !was_draining) handler_.on_link_draining(*this);
  if (!news_.up && was_up) handler_.on_link_down(*this, news_.reason);
}

void RemoteLink::take_opened(std::uint64_t number, const tmp::StreamOpening& opening) {
  handler_.on_stream(*this, std::make_unique<Stream>(*this, number), opening);
}

}  // namespace ringway::net
