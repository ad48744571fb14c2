#pragma once
// A TCP connection as a ByteStream.
//
//   connecting ──▶ handshaking ──▶ open ──▶ closed
//                  (TLS does)
//
// Its owner may leave a finished connection in any phase: then it lingers until the rest is sent and the peer has
// closed as well, within bounds of time.
//
// Reading follows readiness until the kernel has no more, the handler holds kTcpReceiveOctets, or a turn's share
// is used up. What is written in one turn leaves at its end in one system call. An idle connection holds no
// chunk, and no more than this object and its ByteStream.

#include <memory>
#include <string>

#include "base/byte_stream.h"
#include "base/timer_queue.h"
#include "net/descriptor.h"
#include "net/worker.h"

namespace ringway::net {

/// How many connections of a listener are open; each counts itself from its start to its close.
struct ConnectionCount {
  std::size_t open = 0;
  Source* waiting = nullptr;  // a listener that stopped accepting: pended when a connection closes
};

/// The connection itself. It outlives its ByteStream where something is still to be sent.
class TcpConnection : public Source {
 public:
  enum class Phase : std::uint8_t { connecting, handshaking, open, closed };

  /// `fd` is connected, or connecting where `phase` says so. It is not watched before begin().
  TcpConnection(Worker& worker, Descriptor fd, const SocketAddress& remote, Phase phase);
  ~TcpConnection() override;

  /// Starts; `limit` bounds the time until on_open() where it is not open yet.
  void begin(Duration limit);
  /// As begin(), where there is nothing to start: the handler hears on_abort(`message`) in this turn.
  void begin_failed(std::string message);
  void count_in(std::shared_ptr<ConnectionCount> count);

  void set_handler(ByteStreamHandler* handler) { handler_ = handler; }
  void write(Slice data);
  void write(ByteQueue& data);
  [[nodiscard]] std::size_t writable() const;
  /// Unsent octets from which on writable() is zero, in place of limits::kTcpUnsentOctets.
  void set_unsent_limit(std::size_t octets) { unsent_limit_ = static_cast<std::uint32_t>(octets); }
  void finish();
  void stop();
  void abort();
  void consumed(std::size_t count);
  /// The ByteStream is gone; the connection goes as well, at once or when all is sent.
  static void leave(std::unique_ptr<TcpConnection> connection);

  void on_ready(std::uint32_t events) override;
  void on_pending() override;

 protected:
  enum class Handshake : std::uint8_t { done, waiting };

  // What TLS does in its own way. Each of these may end in fail() or close(): closed() tells.

  /// Goes on with the handshake.
  virtual Handshake handshake() { return Handshake::done; }
  /// Reads once and delivers it.
  virtual void receive();
  /// Octets were taken from the kernel and are not yet delivered.
  [[nodiscard]] virtual bool holds_received() const { return false; }
  /// Moves what is unsent to the kernel, and the end behind it where finish() was called.
  virtual void transmit();
  /// Octets that the kernel has not taken.
  [[nodiscard]] virtual std::size_t unsent() const { return unsent_.size(); }

  /// One recv(), where the socket may have something: the octets received, or 0 with `read_ended` or an errno.
  struct Received {
    std::size_t octets = 0;
    bool ended = false;
    int error = 0;  // EAGAIN where there is nothing now
  };
  Received receive_into(MutableBytes out);
  /// Gathers `queue` into writes until it is empty or the kernel's buffer is full.
  void send_queue(ByteQueue& queue);
  /// FIN, once.
  void shut_down_writing();
  void deliver(Slice data);
  void end_reading();
  void read_failed(int error);
  /// Dead: tells the handler.
  void fail(std::string message);
  [[nodiscard]] bool closed() const { return phase_ == Phase::closed; }
  [[nodiscard]] bool finishing() const { return finishing_; }
  /// Octets that may be delivered before the handler has to consume some.
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] const SocketAddress& remote() const { return remote_; }

  ByteQueue unsent_;  // as the writer gave it

 private:
  [[nodiscard]] bool wants_to_read() const;
  void finish_connect();
  void go_on_with_handshake();
  void read();
  void adapt_reads(std::size_t got, std::size_t capacity);
  void discard();
  void check_error();
  void write_failed(int error);
  void after_transmit(std::size_t unsent_before);
  void end_if_broken();
  void linger();
  void on_deadline();
  void close();
  void close_with_reset();

  Phase phase_;
  bool sendable_ = false;   // the kernel's buffer has room, as far as is known
  bool readable_ = false;   // the kernel has octets or an end for us, as far as is known
  bool peer_done_ = false;  // a FIN or an error waits behind the octets
  bool read_ended_ = false;
  bool finishing_ = false;  // finish() was called
  bool fin_sent_ = false;
  bool dropping_ = false;  // what comes in is not wanted
  bool starved_ = false;   // writable() was zero
  bool broken_ = false;    // writing failed; what can still be read is read
  bool left_ = false;      // its owner is gone
  std::uint8_t read_chunks_ = 1;
  std::uint32_t unsent_limit_;
  Descriptor fd_;
  SocketAddress remote_;
  ByteStreamHandler* handler_ = nullptr;
  std::size_t unconsumed_ = 0;
  std::unique_ptr<Timer> deadline_;
  Time linger_until_ = kNever;
  std::string failure_;  // why it is broken
  std::shared_ptr<ConnectionCount> count_;
};

/// What a room holds: the owner of a TcpConnection.
class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(std::unique_ptr<TcpConnection> connection) : connection_(std::move(connection)) {}
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() override { TcpConnection::leave(std::move(connection_)); }

  void set_handler(ByteStreamHandler* handler) override { connection_->set_handler(handler); }
  void write(Slice data) override { connection_->write(std::move(data)); }
  void write(ByteQueue& data) override { connection_->write(data); }
  [[nodiscard]] std::size_t writable() const override { return connection_->writable(); }
  void finish() override { connection_->finish(); }
  void stop(StreamCode /*code*/) override { connection_->stop(); }
  void abort(StreamCode /*code*/) override { connection_->abort(); }
  void consumed(std::size_t count) override { connection_->consumed(count); }

 private:
  std::unique_ptr<TcpConnection> connection_;
};

}  // namespace ringway::net
