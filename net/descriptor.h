#pragma once
// File descriptors with an owner, and socket addresses in the kernel's form.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"

namespace ringway::net {

/// Closes its file descriptor at the end of its life.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void close();
  /// Another of the same file or socket.
  [[nodiscard]] Result<Descriptor> duplicate() const;

 private:
  int fd_ = -1;
};

/// A SocketAddress as bind(), connect() and sendmsg() take it.
struct NativeAddress {
  NativeAddress() = default;
  explicit NativeAddress(const SocketAddress& address);

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  /// The address it holds; 0.0.0.0:0 for what is not IP.
  [[nodiscard]] SocketAddress portable() const;

  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
};

/// Whether several sockets, one a worker, share the port (SO_REUSEPORT).
enum class PortUse : std::uint8_t { exclusive, shared };

/// A non-blocking socket of `type` (SOCK_STREAM, SOCK_DGRAM), IPv6 without IPv4, bound to `address`. Another process
/// may have the port with PortUse::shared unseen: ask check_port_is_free() before the first of several is opened.
/// The error says which address, and that a port is busy where it is.
Result<Descriptor> open_bound_socket(int type, const SocketAddress& address, PortUse use);
/// Whether nobody holds the port now: binds it alone for a moment.
Status check_port_is_free(int type, const SocketAddress& address);

/// Where a socket is bound; a port of 0 has become the kernel's choice.
SocketAddress bound_address(int fd);

/// "connect to 192.0.2.1:80: Connection refused".
std::string describe_failure(std::string_view action, const SocketAddress& address, int error);

/// setsockopt with an int; false where the kernel refuses.
bool set_option(int fd, int level, int name, int value);

/// What a socket's receive buffer could not hold, since the socket was made; 0 where the kernel does not tell. Asked
/// for when somebody wants to know (SO_MEMINFO): SO_RXQ_OVFL would have the kernel write it beside each datagram.
std::uint32_t kernel_drops(int fd);

/// What every TCP connection wants: no waiting for more to send, and no more unsent octets in the kernel than here,
/// where a reader that stops is seen (kTcpUnsentOctets).
void set_tcp_options(int fd);

/// A TCP connection's smoothed round-trip time, as the kernel measured it; zero where it has none.
Duration round_trip(int fd);

/// Raises this process's limit of open files to its hard limit; returns the limit in force.
std::size_t raise_descriptor_limit();

}  // namespace ringway::net
