#include "net/descriptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/limits.h"

namespace ringway::net {

namespace {

Error bind_failure(const SocketAddress& address, int error) {
  if (error == EADDRINUSE) {
    return internal_error(fmt::format("port {} on {} is in use by another process", address.port, address.ip.text()));
  }
  return internal_error(describe_failure("listen on", address, error));
}

}  // namespace

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Descriptor> Descriptor::duplicate() const {
  Descriptor other(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  if (!other.valid()) return internal_error(fmt::format("duplicate a descriptor: {}", std::strerror(errno)));
  return other;
}

NativeAddress::NativeAddress(const SocketAddress& address) {
  if (address.ip.is_v4()) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(address.port);
    copy_bytes(address.ip.v4_octets(), reinterpret_cast<std::uint8_t*>(&four.sin_addr));
    std::memcpy(&storage, &four, sizeof four);
    size = sizeof four;
  } else {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(address.port);
    copy_bytes(address.ip.octets(), six.sin6_addr.s6_addr);
    std::memcpy(&storage, &six, sizeof six);
    size = sizeof six;
  }
}

SocketAddress NativeAddress::portable() const {
  if (storage.ss_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &storage, sizeof four);
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &four.sin_addr, octets.size());
    return {IpAddress::v4(octets), ntohs(four.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &storage, sizeof six);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &six.sin6_addr, octets.size());
    return {IpAddress::v6(octets), ntohs(six.sin6_port)};
  }
  return {IpAddress::v4({0, 0, 0, 0}), 0};
}

Result<Descriptor> open_bound_socket(int type, const SocketAddress& address, PortUse use) {
  const NativeAddress native(address);
  Descriptor fd(::socket(native.storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return internal_error(describe_failure("open a socket for", address, errno));
  if (native.storage.ss_family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // Connections of a process that just ended must not hold the port; for UDP it would mean sharing.
  if (type == SOCK_STREAM) set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (use == PortUse::shared && !set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1)) {
    return internal_error(describe_failure("share", address, errno));
  }
  if (::bind(fd.get(), native.get(), native.size) != 0) return bind_failure(address, errno);
  return fd;
}

Status check_port_is_free(int type, const SocketAddress& address) {
  if (address.port == 0) return {};
  Result<Descriptor> alone = open_bound_socket(type, address, PortUse::exclusive);
  if (!alone) return alone.error();
  // Two listeners with SO_REUSEADDR can both bind; only one can listen.
  if (type == SOCK_STREAM && ::listen(alone->get(), 1) != 0) return bind_failure(address, errno);
  return {};
}

SocketAddress bound_address(int fd) {
  NativeAddress native;
  if (::getsockname(fd, native.get(), &native.size) != 0) native = NativeAddress();
  return native.portable();
}

std::string describe_failure(std::string_view action, const SocketAddress& address, int error) {
  return fmt::format("{} {}: {}", action, address.text(), std::strerror(error));
}

bool set_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

Duration round_trip(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return std::chrono::microseconds(info.tcpi_rtt);
}

std::uint32_t kernel_drops(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  ::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &size);
  return memory[SK_MEMINFO_DROPS];
}

void set_tcp_options(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(limits::kTcpUnsentOctets));
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

}  // namespace ringway::net
