#include "net/tls_stream.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/limits.h"

namespace ringway::net {

namespace {

/// RFC 8446 §5.1.
constexpr std::size_t kRecordOctets = 16384;
/// Sealed octets that wait for the kernel; what is above stays unsealed.
constexpr std::size_t kSealedOctets = std::size_t{64} * 1024;
/// From this size on a slice is a record of its own; smaller ones are gathered into one.
constexpr std::size_t kOwnRecordOctets = 4096;

}  // namespace

/// What OpenSSL sees as its socket: reads are recv(), writes go to `sealed_` and always succeed.
struct TlsConnection::SocketBio {
  static TlsConnection& owner(BIO* bio) { return *static_cast<TlsConnection*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* out, int size) {
    TlsConnection& self = owner(bio);
    BIO_clear_retry_flags(bio);
    self.last_read_ = self.receive_into({reinterpret_cast<std::uint8_t*>(out), static_cast<std::size_t>(size)});
    if (self.last_read_.octets > 0) return static_cast<int>(self.last_read_.octets);
    if (self.last_read_.ended) return 0;
    if (self.last_read_.error == EAGAIN || self.last_read_.error == EINTR) BIO_set_retry_read(bio);
    return -1;
  }

  static int write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    owner(bio).sealed_.append(Bytes(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)));
    return size;
  }

  static long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return owner(bio).last_read_.ended ? 1 : 0;
    return 0;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ringway socket");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
};

TlsConnection::TlsConnection(Worker& worker, Descriptor fd, const SocketAddress& remote,
                             std::shared_ptr<const TlsServerContext> context)
    : TcpConnection(worker, std::move(fd), remote, Phase::handshaking), server_(std::move(context)) {
  set_up(server_->get());
  if (ssl_ != nullptr) SSL_set_accept_state(ssl_);
}

TlsConnection::TlsConnection(Worker& worker, Descriptor fd, const SocketAddress& remote,
                             std::shared_ptr<const TlsClientContext> context)
    : TcpConnection(worker, std::move(fd), remote, Phase::connecting), client_(std::move(context)) {
  set_up(client_->get());
  if (ssl_ == nullptr) return;
  SSL_set_connect_state(ssl_);
  const char* name = client_->server_name().c_str();
  X509_VERIFY_PARAM* verification = SSL_get0_param(ssl_);
  // An address is not a name: SNI does not take it (RFC 6066 §3), and it is verified as an address.
  if (X509_VERIFY_PARAM_set1_ip_asc(verification, name) == 1) return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(verification, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl_, name) != 1 || SSL_set_tlsext_host_name(ssl_, name) != 1) {
    SSL_free(std::exchange(ssl_, nullptr));
  }
}

TlsConnection::TlsConnection(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side, SSL_CTX* context)
    : TcpConnection(worker, std::move(fd), remote, side == Side::accepted ? Phase::handshaking : Phase::connecting) {
  set_up(context);
  if (ssl_ == nullptr) return;
  side == Side::accepted ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
}

TlsConnection::~TlsConnection() {
  if (ssl_ != nullptr) SSL_free(ssl_);
}

void TlsConnection::set_up(SSL_CTX* context) {
  ssl_ = SSL_new(context);
  BIO* bio = ssl_ == nullptr ? nullptr : BIO_new(SocketBio::method());
  if (bio == nullptr) {
    if (ssl_ != nullptr) SSL_free(std::exchange(ssl_, nullptr));
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
}

std::string TlsConnection::server_name() const {
  const char* name = ssl_ == nullptr ? nullptr : SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::string_view TlsConnection::version() const { return ssl_ == nullptr ? "" : SSL_get_version(ssl_); }

TcpConnection::Handshake TlsConnection::handshake() {
  if (ssl_ == nullptr) {
    fail("TLS: out of memory");
    return Handshake::waiting;
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  send_queue(sealed_);
  if (result == 1) return Handshake::done;
  if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) fail_tls("TLS handshake with");
  return Handshake::waiting;
}

void TlsConnection::receive() {
  Chunk* chunk = Chunk::make();
  std::size_t octets = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_, chunk->data(), kChunkOctets, &octets);
  const Slice data(chunk, 0, static_cast<std::uint32_t>(octets));
  if (result == 1) {
    deliver(data);
    return;
  }
  const int reason = SSL_get_error(ssl_, result);
  if (reason == SSL_ERROR_ZERO_RETURN) {
    end_reading();
  } else if (reason != SSL_ERROR_WANT_READ) {
    fail_tls("read from");
  }
}

/// With a socket that has nothing, only whole records that were read ahead can still give octets.
bool TlsConnection::holds_received() const {
  return SSL_pending(ssl_) > 0 || (last_read_.octets > 0 && SSL_has_pending(ssl_) == 1);
}

void TlsConnection::transmit() {
  do {
    seal();
    send_queue(sealed_);
  } while (sealed_.empty() && !unsent_.empty() && !closed());
  if (unsent_.empty() && sealed_.empty() && notified_) shut_down_writing();
}

void TlsConnection::seal() {
  ERR_clear_error();
  while (!unsent_.empty() && sealed_.size() < kSealedOctets) {
    if (!seal_record()) return;
  }
  if (!unsent_.empty() || !finishing() || notified_) return;
  notified_ = true;
  SSL_shutdown(ssl_);  // close_notify; the answer, where one comes, ends reading
}

bool TlsConnection::seal_record() {
  Bytes record = unsent_.front().bytes();
  if (record.size() < kOwnRecordOctets && record.size() < unsent_.size()) {
    const MutableBytes gathered = worker().scratch().first(std::min(unsent_.size(), kRecordOctets));
    unsent_.copy_out(0, gathered);
    record = gathered;
  }
  std::size_t taken = 0;
  const int result = SSL_write_ex(ssl_, record.data(), record.size(), &taken);
  if (result != 1) {
    fail_tls("write to");
    return false;
  }
  unsent_.remove_prefix(taken);
  return true;
}

void TlsConnection::fail_tls(std::string_view action) {
  const long verification = SSL_get_verify_result(ssl_);
  const std::string prefix = fmt::format("{} {}: ", action, remote().text());
  send_queue(sealed_);  // the alert
  if (const std::string refused = refusal(); !refused.empty()) {
    ERR_clear_error();
    fail(prefix + refused);
  } else if (last_read_.ended) {
    ERR_clear_error();
    fail(prefix + "the peer closed without close_notify");
  } else if (last_read_.error != 0 && last_read_.error != EAGAIN) {
    ERR_clear_error();
    fail(prefix + std::strerror(last_read_.error));
  } else if (client_ != nullptr && verification != X509_V_OK) {
    ERR_clear_error();
    fail(prefix + X509_verify_cert_error_string(verification));
  } else {
    fail(prefix + take_tls_reason());
  }
}

}  // namespace ringway::net
