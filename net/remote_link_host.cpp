#include "net/remote_link_host.h"

#include <algorithm>

namespace ringway::net {

namespace {

/// How old the quality may be by which a user chooses between links that are up.
constexpr Duration kNewsInterval = std::chrono::milliseconds(100);

std::uint64_t packets(const tmp::LinkCounters& counters) { return counters.packets_sent + counters.packets_received; }

}  // namespace

/// One real stream, and what its user wrote that it has no room for yet.
class RemoteLinkHost::Stream final : public ByteStreamHandler {
 public:
  Stream(RemoteLinkHost& host, std::uint64_t number) : host_(host) { place_.stream = number; }

  void set_real(std::unique_ptr<tmp::LinkStream> real) {
    real_ = std::move(real);
    real_->set_handler(this);
  }
  bool open(const tmp::StreamOpening& opening) {
    real_ = host_.link_.open(opening, *this);
    return real_ != nullptr;
  }

  void on_data(Slice data) override { letter().data.append(std::move(data)); }
  void on_end() override { letter().finished = true; }
  void on_writable() override { go_on(); }
  void on_stop(StreamCode code) override { letter().stopped = code; }
  void on_abort(const StreamEnd& end) override {
    LinkLetter& news = letter();
    news.aborted = end.code == StreamCode::none ? StreamCode::internal : end.code;
    news.message = end.message;
    news.left = real_->left();
    host_.remove(place_.stream);
  }

  /// Nothing of this letter is an abort or an opening.
  void take(LinkLetter& from_user) {
    if (from_user.ring != LinkLetter::kSameRing) real_->set_ring(from_user.ring);
    if (from_user.consumed > 0) real_->consumed(from_user.consumed);
    waiting_.append(from_user.data);
    finishing_ = finishing_ || from_user.finished;
    if (from_user.stopped != StreamCode::none) real_->stop(from_user.stopped);
    forgotten_ = forgotten_ || from_user.gone;
    go_on();
  }
  void abort(StreamCode code) { real_->abort(code); }
  LinkLetter& letter() { return host_.outbox_.letter(place_); }

 private:
  /// Last in what calls it: it may destroy the stream.
  void go_on() {
    std::size_t taken = 0;
    while (!waiting_.empty() && real_->writable() > 0) {
      Slice part = waiting_.pop_front(real_->writable());
      taken += part.size();
      real_->write(std::move(part));
    }
    if (taken > 0 && !forgotten_) letter().taken += taken;
    if (!waiting_.empty() || !finishing_) return;
    real_->finish();
    if (forgotten_) host_.remove(place_.stream);
  }

  RemoteLinkHost& host_;
  LetterPlace place_;
  std::unique_ptr<tmp::LinkStream> real_;
  ByteQueue waiting_;
  bool finishing_ = false;
  bool forgotten_ = false;
};

RemoteLinkHost::RemoteLinkHost(Worker& worker, tmp::Link& link, std::shared_ptr<LinkChannel> channel)
    : worker_(worker),
      link_(link),
      outbox_(worker, channel->to_user),
      news_timer_(worker.loop().timers, [this] { refresh(); }),
      reader_(worker, channel->to_host, [this](std::vector<LinkLetter>& letters) { read(letters); }) {
  tell();
}

RemoteLinkHost::~RemoteLinkHost() {
  for (auto& [number, stream] : streams_) {
    LinkLetter& letter = stream->letter();
    letter.aborted = StreamCode::link_lost;
    letter.message = "the link's worker ends";
  }
  outbox_.letter(place_).news = std::make_unique<LinkNews>();
  outbox_.flush();
}

void RemoteLinkHost::remove(std::uint64_t number) { streams_.erase(number); }

void RemoteLinkHost::link_up() {
  draining_ = false;
  tell();
}

void RemoteLinkHost::link_down(const std::string& reason) {
  reason_ = reason;
  tell();
}

void RemoteLinkHost::link_draining() {
  draining_ = true;
  tell();
}

void RemoteLinkHost::give(std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) {
  const std::uint64_t number = next_stream_;
  next_stream_ += 2;
  auto given = std::make_unique<Stream>(*this, number);
  given->set_real(std::move(stream));
  given->letter().opening = std::make_unique<tmp::StreamOpening>(opening);
  streams_.emplace(number, std::move(given));
}

void RemoteLinkHost::read(std::vector<LinkLetter>& letters) {
  for (LinkLetter& letter : letters) {
    if (letter.wish != nullptr) fulfil(*letter.wish);
    if (letter.opening != nullptr && letter.aborted == StreamCode::none) open(letter.stream, *letter.opening);
    const auto found = streams_.find(letter.stream);
    if (found == streams_.end()) continue;  // it ended here while the letter was under way
    if (letter.aborted == StreamCode::none) {
      found->second->take(letter);
      continue;
    }
    found->second->abort(letter.aborted);
    streams_.erase(found);
  }
}

void RemoteLinkHost::fulfil(const LinkWish& wish) {
  if (wish.kind == LinkWish::Kind::drain) {
    link_.drain();
  } else {
    link_.close(wish.reason);
  }
}

void RemoteLinkHost::open(std::uint64_t number, const tmp::StreamOpening& opening) {
  auto stream = std::make_unique<Stream>(*this, number);
  if (stream->open(opening)) {
    streams_.emplace(number, std::move(stream));
    return;
  }
  LinkLetter& letter = stream->letter();
  letter.aborted = StreamCode::refused;
  letter.message = "the link takes no more streams now";
  letter.left = false;
}

void RemoteLinkHost::refresh() {
  const bool quiet = packets(link_.counters()) == told_packets_ && link_.quality().silence == Duration::zero();
  if (quiet) {
    news_timer_.arm(worker_.now() + kNewsInterval);
  } else {
    tell();
  }
}

void RemoteLinkHost::tell() {
  auto news = std::make_unique<LinkNews>();
  news->up = link_.up();
  news->draining = draining_;
  news->streams = link_.streams();
  news->reason = reason_;
  news->quality = link_.quality();
  news->counters = link_.counters();
  told_packets_ = packets(news->counters);
  news_timer_.arm(news->up ? worker_.now() + kNewsInterval : kNever);
  outbox_.letter(place_).news = std::move(news);
}

}  // namespace ringway::net
