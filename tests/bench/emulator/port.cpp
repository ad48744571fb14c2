#include "tests/bench/emulator/port.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ringway::wan {

namespace {

constexpr int kBufferOctets = 16 << 20;

/// Devices and sockets belong to the namespace their maker is in at that moment.
void enter(const std::string& space) {
  const int fd = ::open(space.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || ::setns(fd, CLONE_NEWNET) < 0) fail("entering " + space);
  ::close(fd);
}

ifreq request_for(const std::string& device) {
  ifreq request{};
  std::strncpy(request.ifr_name, device.c_str(), IFNAMSIZ - 1);
  return request;
}

int open_tun(const std::string& space) {
  enter(space);
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail("opening /dev/net/tun");
  return fd;
}

/// Cooked: without the Ethernet header, and deaf to what it sends itself.
int open_packet_socket(const std::string& space) {
  enter(space);
  const int fd = ::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_IP));
  if (fd < 0) fail("opening a packet socket");
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kBufferOctets, sizeof kBufferOctets) < 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBufferOctets, sizeof kBufferOctets);
  }
  return fd;
}

}  // namespace

void fail(const std::string& what) {
  std::perror(("wan_emulator: " + what).c_str());
  std::exit(1);
}

Port::~Port() { ::close(fd_); }

Bytes Port::read() {
  const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
  return {buffer_.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

Tun::Tun(const std::string& space, const std::string& device) : Port(open_tun(space)) {
  ifreq request = request_for(device);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(fd(), TUNSETIFF, &request) < 0) fail("making device " + device);
  if (::ioctl(fd(), TUNSETOFFLOAD, 0) < 0) fail("switching offloads off");
}

// What the other end cannot take is lost there, as with any device.
void Tun::write(Bytes packet) { [[maybe_unused]] const ssize_t taken = ::write(fd(), packet.data(), packet.size()); }

Veth::Veth(const std::string& outside, const std::string& device, const std::string& inner_address)
    : Port(open_packet_socket(outside)), index_(static_cast<int>(::if_nametoindex(device.c_str()))) {
  for (std::size_t part = 0; part < inner_.size(); ++part) {
    inner_[part] = static_cast<std::uint8_t>(std::strtoul(inner_address.substr(part * 3, 2).c_str(), nullptr, 16));
  }
  sockaddr_ll here{};
  here.sll_family = AF_PACKET;
  here.sll_protocol = htons(ETH_P_IP);
  here.sll_ifindex = index_;
  if (::bind(fd(), reinterpret_cast<const sockaddr*>(&here), sizeof here) < 0) fail("binding to device " + device);
}

void Veth::write(Bytes packet) {
  sockaddr_ll inner{};
  inner.sll_family = AF_PACKET;
  inner.sll_protocol = htons(ETH_P_IP);
  inner.sll_ifindex = index_;
  inner.sll_halen = static_cast<unsigned char>(inner_.size());
  std::memcpy(inner.sll_addr, inner_.data(), inner_.size());
  ::sendto(fd(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&inner), sizeof inner);
}

void switch_offloads_off(const std::string& space, const std::string& device) {
  enter(space);
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (const int what : {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO}) {
    ethtool_value value{static_cast<std::uint32_t>(what), 0};
    ifreq request = request_for(device);
    request.ifr_data = reinterpret_cast<char*>(&value);
    if (::ioctl(fd, SIOCETHTOOL, &request) < 0) fail("switching offloads of " + device + " off");
  }
  ::close(fd);
}

}  // namespace ringway::wan
