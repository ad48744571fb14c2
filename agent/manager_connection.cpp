#include "agent/manager_connection.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace ringway::agent {

ManagerConnection::ManagerConnection(Loop loop, std::vector<SocketAddress> addresses, Dial dial, ConnectionUser& user)
    : loop_(loop), addresses_(std::move(addresses)), dial_(std::move(dial)), user_(user), again_(loop.timers, [this] {
        connect();
      }) {}

void ManagerConnection::connect() {
  reader_ = {};
  stream_ = dial_(addresses_[turn_], *this);
}

void ManagerConnection::stop() {
  again_.cancel();
  if (stream_ != nullptr && std::exchange(open_, false)) stream_->finish();
  stream_.reset();
}

void ManagerConnection::hang_up(const std::string& reason) {
  if (stream_ == nullptr) return;
  open_ = false;
  stream_.reset();
  const SocketAddress lost = addresses_[turn_];
  turn_ = (turn_ + 1) % addresses_.size();
  again_.arm(loop_.now() + pause());
  ++failures_;
  user_.on_lost(lost, reason);
}

Duration ManagerConnection::pause() {
  const std::size_t rounds = std::min<std::size_t>(failures_ / addresses_.size(), 8);
  const Duration longest = std::min<Duration>(limits::kMaxManagerPause, limits::kMinManagerPause * (1 << rounds));
  return from_seconds(to_seconds(longest) * loop_.random.unit());
}

void ManagerConnection::send(const Message& message) {
  if (!open_) return;
  ByteQueue octets;
  write_message(octets, message);
  stream_->write(octets);
}

void ManagerConnection::on_open() {
  open_ = true;
  user_.on_connected(addresses_[turn_]);
}

void ManagerConnection::on_data(Slice data) {
  stream_->consumed(data.size());
  reader_.add(std::move(data));
  // A message may be what it is hung up for.
  while (open_) {
    Result<std::optional<Message>> next = reader_.next();
    if (!next) return hang_up(next.error().message);
    if (!*next) return;
    user_.on_message(std::move(**next));
  }
}

}  // namespace ringway::agent
