#include "base/splice.h"

#include <utility>

namespace ringway {

Splice::Splice(std::unique_ptr<ByteStream> left, std::unique_ptr<ByteStream> right,
               std::function<void(const StreamEnd&)> on_done)
    : left_(*this, std::move(left)), right_(*this, std::move(right)), on_done_(std::move(on_done)) {
  left_.other = &right_;
  right_.other = &left_;
  left_.stream->set_handler(&left_);
  right_.stream->set_handler(&right_);
}

Splice::~Splice() = default;

void Splice::abort(StreamCode code) {
  left_.stream->abort(code);
  right_.stream->abort(code);
}

void Splice::feed_left(ByteQueue& early) {
  while (!early.empty()) left_.on_data(early.pop_front());
}

void Splice::finish_if_done() {
  if (!left_.ended || !right_.ended) return;
  const std::function<void(const StreamEnd&)> done = on_done_;
  done(StreamEnd{});
}

void Splice::End::on_data(Slice data) {
  passed += data.size();
  uncredited += data.size();
  other->stream->write(std::move(data));
  give_credit();
}

void Splice::End::give_credit() {
  if (uncredited == 0 || other->stream->writable() == 0) return;
  stream->consumed(std::exchange(uncredited, 0));
}

void Splice::End::on_end() {
  ended = true;
  other->stream->finish();
  owner_.finish_if_done();
}

void Splice::End::on_writable() { other->give_credit(); }

void Splice::End::on_stop(StreamCode code) {
  // Nobody reads what this side is sent: the other need not send it.
  if (other->ended) return;
  other->ended = true;
  other->stream->stop(code);
  stream->finish();
  owner_.finish_if_done();
}

void Splice::End::on_abort(const StreamEnd& end) {
  const StreamEnd reason = end;
  other->stream->abort(reason.code);
  const std::function<void(const StreamEnd&)> done = owner_.on_done_;
  done(reason);
}

}  // namespace ringway
