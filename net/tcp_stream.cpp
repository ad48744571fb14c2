#include "net/tcp_stream.h"

#include <fmt/format.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/limits.h"

namespace ringway::net {

namespace {

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
/// A little more than 64 KiB and the head before it, in one call.
constexpr std::size_t kMaxReadChunks = 12;
/// Reads of one connection before the others get their turn.
constexpr int kReadsPerTurn = 4;
/// Slices given to one sendmsg().
constexpr std::size_t kMaxWriteSlices = 64;
/// Below this many unconsumed octets a full connection is read again.
constexpr std::size_t kResumeOctets = limits::kTcpReceiveOctets / 4 * 3;

/// Fresh chunks for one readv(); those that were not needed go back.
class ReadBatch {
 public:
  explicit ReadBatch(std::size_t count) : count_(count) {
    for (std::size_t i = 0; i < count_; ++i) {
      chunks_[i] = Chunk::make();
      vectors_[i] = {chunks_[i]->data(), kChunkOctets};
    }
  }
  ReadBatch(const ReadBatch&) = delete;
  ReadBatch& operator=(const ReadBatch&) = delete;
  ~ReadBatch() {
    for (std::size_t i = next_; i < count_; ++i) chunks_[i]->release();
  }

  [[nodiscard]] std::size_t capacity() const { return count_ * kChunkOctets; }
  ssize_t read(int fd) {
    if (count_ == 1) return ::recv(fd, vectors_[0].iov_base, vectors_[0].iov_len, 0);
    return ::readv(fd, vectors_.data(), static_cast<int>(count_));
  }
  /// The next chunk's part of what was read.
  Slice take(std::size_t octets) { return {chunks_[next_++], 0, static_cast<std::uint32_t>(octets)}; }

 private:
  std::size_t count_;
  std::size_t next_ = 0;
  std::array<Chunk*, kMaxReadChunks> chunks_{};
  std::array<iovec, kMaxReadChunks> vectors_{};
};

ssize_t send_slices(int fd, std::span<const Slice> slices, std::size_t& offered) {
  std::array<iovec, kMaxWriteSlices> vectors;
  const std::size_t count = std::min(slices.size(), kMaxWriteSlices);
  offered = 0;
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {const_cast<std::uint8_t*>(slices[i].data()), slices[i].size()};
    offered += slices[i].size();
  }
  if (count == 1) return ::send(fd, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL);
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

bool means_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

TcpConnection::TcpConnection(Worker& worker, Descriptor fd, const SocketAddress& remote, Phase phase)
    : Source(worker), phase_(phase), unsent_limit_(limits::kTcpUnsentOctets), fd_(std::move(fd)), remote_(remote) {}

TcpConnection::~TcpConnection() {
  left_ = false;  // whoever kept it is what destroys it
  close();
}

void TcpConnection::begin(Duration limit) {
  const Status watched = worker().watch(fd_.get(), kEvents, *this);
  if (!watched) {
    begin_failed(watched.error().message);
    return;
  }
  if (phase_ == Phase::open) return;
  deadline_ = std::make_unique<Timer>(worker().loop().timers, [this] { on_deadline(); });
  deadline_->arm(worker().now() + limit);
}

void TcpConnection::begin_failed(std::string message) {
  broken_ = true;
  failure_ = std::move(message);
  worker().pend(*this);
}

void TcpConnection::count_in(std::shared_ptr<ConnectionCount> count) {
  count_ = std::move(count);
  ++count_->open;
}

// --- the owner's side: nothing here calls the handler

void TcpConnection::write(Slice data) {
  if (closed() || broken_ || finishing_) return;
  unsent_.append(std::move(data));
  starved_ = starved_ || writable() == 0;
  if (sendable_) worker().pend(*this);
}

void TcpConnection::write(ByteQueue& data) {
  if (closed() || broken_ || finishing_) {
    data.clear();
    return;
  }
  unsent_.append(data);
  starved_ = starved_ || writable() == 0;
  if (sendable_) worker().pend(*this);
}

std::size_t TcpConnection::writable() const { return unsent_limit_ - std::min<std::size_t>(unsent(), unsent_limit_); }

void TcpConnection::finish() {
  if (finishing_ || closed()) return;
  finishing_ = true;
  worker().pend(*this);
}

void TcpConnection::stop() {
  if (closed()) return;
  dropping_ = true;
  worker().pend(*this);
}

void TcpConnection::abort() {
  handler_ = nullptr;
  if (!closed()) close_with_reset();
}

void TcpConnection::consumed(std::size_t count) {
  const std::size_t before = unconsumed_;
  unconsumed_ -= std::min(count, unconsumed_);
  if (before >= kResumeOctets && unconsumed_ < kResumeOctets && !closed()) worker().pend(*this);
}

void TcpConnection::leave(std::unique_ptr<TcpConnection> connection) {
  TcpConnection& self = *connection;
  Worker& worker = self.worker();
  self.handler_ = nullptr;
  if (!self.finishing_ || self.broken_) self.abort();
  if (self.closed()) {
    worker.retire(std::move(connection));
    return;
  }
  worker.adopt(std::move(connection));
  self.linger();
}

std::size_t TcpConnection::room() const {
  return limits::kTcpReceiveOctets - std::min(unconsumed_, limits::kTcpReceiveOctets);
}

// --- the worker's side

void TcpConnection::on_ready(std::uint32_t events) {
  if (closed()) return;
  if ((events & EPOLLOUT) != 0) sendable_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) peer_done_ = true;
  if (phase_ == Phase::connecting) finish_connect();
  go_on_with_handshake();
  if (closed()) return;
  if ((events & EPOLLERR) != 0 && !wants_to_read()) check_error();
  read();
  end_if_broken();
  if (!closed() && sendable_ && unsent() > 0) worker().pend(*this);
}

void TcpConnection::on_pending() {
  go_on_with_handshake();
  if (phase_ == Phase::open && !broken_) {
    const std::size_t before = unsent_.size();
    transmit();
    if (!closed()) after_transmit(before);
  }
  read();
  end_if_broken();
}

void TcpConnection::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    fail(describe_failure("connect to", remote_, error));
  } else if (sendable_) {
    phase_ = Phase::handshaking;
  }
}

void TcpConnection::go_on_with_handshake() {
  if (phase_ != Phase::handshaking || broken_) return;
  if (handshake() != Handshake::done || closed()) return;
  phase_ = Phase::open;
  if (!left_) deadline_.reset();
  worker().pend(*this);
  if (handler_ != nullptr) handler_->on_open();
}

bool TcpConnection::wants_to_read() const {
  if (phase_ != Phase::open || read_ended_) return false;
  if (dropping_) return readable_;
  return handler_ != nullptr && unconsumed_ < limits::kTcpReceiveOctets && (readable_ || holds_received());
}

void TcpConnection::read() {
  for (int reads = 0; wants_to_read(); ++reads) {
    if (reads == kReadsPerTurn) {
      worker().pend(*this);
      return;
    }
    if (dropping_) {
      discard();
    } else {
      receive();
    }
  }
}

void TcpConnection::receive() {
  const std::size_t useful = (room() + kChunkOctets - 1) / kChunkOctets;
  ReadBatch batch(std::min<std::size_t>(read_chunks_, useful));
  const ssize_t got = batch.read(fd_.get());
  if (got < 0) {
    read_failed(errno);
    return;
  }
  if (got == 0) {
    end_reading();
    return;
  }
  std::size_t left = static_cast<std::size_t>(got);
  adapt_reads(left, batch.capacity());
  // Less than was asked for: the kernel has no more, unless an end waits behind it (epoll(7), question 9).
  if (left < batch.capacity()) readable_ = peer_done_;
  while (left > 0) {
    const std::size_t part = std::min(left, kChunkOctets);
    deliver(batch.take(part));
    left -= part;
  }
}

/// Twice as many chunks the next time where this read filled all, else one less, down to what it filled: what comes at
/// once is alike from one message to the next, and each of them ends in a short read.
void TcpConnection::adapt_reads(std::size_t got, std::size_t capacity) {
  const std::size_t filled = (got + kChunkOctets - 1) / kChunkOctets;
  const std::size_t wanted = std::max(got == capacity ? filled * 2 : filled, std::size_t{read_chunks_} - 1);
  read_chunks_ = static_cast<std::uint8_t>(std::min(wanted, kMaxReadChunks));
}

TcpConnection::Received TcpConnection::receive_into(MutableBytes out) {
  Received result;
  if (!readable_) {
    result.error = EAGAIN;
    return result;
  }
  const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), 0);
  if (got > 0) {
    result.octets = static_cast<std::size_t>(got);
    if (result.octets < out.size()) readable_ = peer_done_;
  } else if (got == 0) {
    result.ended = true;
  } else {
    result.error = errno;
    if (means_later(errno)) readable_ = false;
  }
  return result;
}

/// The kernel throws the octets away without copying them.
void TcpConnection::discard() {
  const MutableBytes scratch = worker().scratch();
  const ssize_t got = ::recv(fd_.get(), scratch.data(), scratch.size(), MSG_TRUNC);
  if (got < 0) {
    read_failed(errno);
  } else if (got == 0) {
    end_reading();
  } else if (static_cast<std::size_t>(got) < scratch.size()) {
    readable_ = peer_done_;
  }
}

void TcpConnection::deliver(Slice data) {
  if (handler_ == nullptr || dropping_) return;
  unconsumed_ += data.size();
  handler_->on_data(std::move(data));
}

void TcpConnection::end_reading() {
  read_ended_ = true;
  readable_ = false;
  if (broken_) {
    fail(failure_);
  } else if (left_) {
    if (fin_sent_) close();
  } else if (handler_ != nullptr) {
    handler_->on_end();
  }
}

void TcpConnection::read_failed(int error) {
  if (means_later(error)) {
    readable_ = false;
  } else {
    fail(broken_ ? failure_ : describe_failure("read from", remote_, error));
  }
}

/// While nothing is read, a reset is all that is to be learnt.
void TcpConnection::check_error() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail(describe_failure("connection with", remote_, error));
}

void TcpConnection::transmit() {
  send_queue(unsent_);
  if (unsent_.empty() && finishing_) shut_down_writing();
}

void TcpConnection::send_queue(ByteQueue& queue) {
  while (!queue.empty() && sendable_ && !broken_) {
    std::size_t offered = 0;
    const ssize_t sent = send_slices(fd_.get(), queue.slices(), offered);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && means_later(errno)) {
      sendable_ = false;
    } else if (sent < 0) {
      write_failed(errno);
    } else {
      queue.remove_prefix(static_cast<std::size_t>(sent));
      sendable_ = static_cast<std::size_t>(sent) == offered;
    }
  }
}

void TcpConnection::shut_down_writing() {
  if (fin_sent_ || broken_) return;
  fin_sent_ = true;
  ::shutdown(fd_.get(), SHUT_WR);
}

/// The peer may have sent its answer before it closed: that is still read.
void TcpConnection::write_failed(int error) {
  broken_ = true;
  failure_ = describe_failure("write to", remote_, error);
  unsent_.clear();
  sendable_ = false;
  readable_ = true;
  peer_done_ = true;
}

void TcpConnection::after_transmit(std::size_t unsent_before) {
  if (left_) {
    if (fin_sent_ && read_ended_) {
      close();
    } else if (fin_sent_) {
      deadline_->arm(std::min(linger_until_, worker().now() + limits::kLingerCloseLimit));
    } else if (unsent_.size() < unsent_before) {
      deadline_->arm(std::min(linger_until_, worker().now() + limits::kLingerIdleLimit));
    }
  } else if (starved_ && writable() > 0) {
    starved_ = false;
    if (handler_ != nullptr) handler_->on_writable();
  }
}

void TcpConnection::end_if_broken() {
  if (broken_ && !closed() && !wants_to_read()) fail(failure_);
}

void TcpConnection::linger() {
  left_ = true;
  dropping_ = true;
  linger_until_ = worker().now() + limits::kLingerLimit;
  if (deadline_ == nullptr) {
    deadline_ = std::make_unique<Timer>(worker().loop().timers, [this] { on_deadline(); });
    deadline_->arm(worker().now() + limits::kLingerIdleLimit);
  }
  worker().pend(*this);
}

void TcpConnection::on_deadline() {
  if (left_ && fin_sent_) {
    close();
  } else if (left_) {
    close_with_reset();  // a plain close would pass for the end of what was written
  } else {
    fail(fmt::format("{} {}: timed out", phase_ == Phase::connecting ? "connect to" : "TLS handshake with",
                     remote_.text()));
  }
}

void TcpConnection::fail(std::string message) {
  close();
  ByteStreamHandler* handler = std::exchange(handler_, nullptr);
  if (handler != nullptr) handler->on_abort({StreamCode::connection_failed, std::move(message)});
}

void TcpConnection::close_with_reset() {
  const struct linger reset = {1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close();
}

void TcpConnection::close() {
  if (closed()) return;
  phase_ = Phase::closed;
  fd_.close();
  unsent_.clear();
  deadline_.reset();
  if (count_ != nullptr) {
    --count_->open;
    if (count_->waiting != nullptr) worker().pend(*count_->waiting);
    count_.reset();
  }
  if (left_) worker().release(*this);
}

}  // namespace ringway::net
