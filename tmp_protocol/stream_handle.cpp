#include "tmp_protocol/stream_handle.h"

#include <utility>

#include "tmp_protocol/stream_set.h"

namespace ringway::tmp {

StreamHandle::StreamHandle(StreamSet& set, Stream& stream, ByteStreamHandler* handler)
    : set_(&set), stream_(&stream), handler_(handler), had_handler_(handler != nullptr) {
  stream.handle = this;
}

StreamHandle::~StreamHandle() {
  if (set_ == nullptr) return;
  StreamSet& set = *set_;
  Stream& stream = *stream_;
  release();
  set.forget(stream, had_handler_ ? StreamCode::cancelled : StreamCode::refused);
}

void StreamHandle::release() {
  left_ = stream_->left();
  stream_->handle = nullptr;
  stream_ = nullptr;
  set_ = nullptr;
}

void StreamHandle::set_handler(ByteStreamHandler* handler) {
  handler_ = handler;
  had_handler_ = had_handler_ || handler != nullptr;
  if (set_ != nullptr) set_->handler_changed(*stream_);
}

void StreamHandle::write(Slice data) {
  if (set_ != nullptr) set_->write(*stream_, std::move(data));
}

void StreamHandle::write(ByteQueue& data) {
  while (!data.empty()) write(data.pop_front());
}

std::size_t StreamHandle::writable() const { return set_ == nullptr ? 0 : stream_->writable(); }

void StreamHandle::finish() {
  if (set_ != nullptr) set_->finish(*stream_);
}

void StreamHandle::stop(StreamCode code) {
  if (set_ != nullptr) set_->stop(*stream_, code);
}

void StreamHandle::abort(StreamCode code) {
  if (set_ == nullptr) return;
  StreamSet& set = *set_;
  Stream& stream = *stream_;
  release();
  set.abort(stream, code);
}

void StreamHandle::consumed(std::size_t count) {
  if (set_ != nullptr) set_->consumed(*stream_, count);
}

void StreamHandle::set_ring(std::uint8_t ring) {
  if (set_ != nullptr) set_->set_ring(*stream_, ring);
}

bool StreamHandle::left() const { return set_ == nullptr ? left_ : stream_->left(); }

}  // namespace ringway::tmp
