#include "tests/bench/emulator/tun.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ringway::wan {

namespace {

/// A device belongs to the namespace its maker is in at that moment.
int open_in(const std::string& space) {
  const int space_fd = ::open(space.c_str(), O_RDONLY | O_CLOEXEC);
  if (space_fd < 0 || ::setns(space_fd, CLONE_NEWNET) < 0) fail("entering " + space);
  ::close(space_fd);
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail("opening /dev/net/tun");
  return fd;
}

}  // namespace

void fail(const std::string& what) {
  std::perror(("wan_emulator: " + what).c_str());
  std::exit(1);
}

Tun::Tun(const std::string& space, const std::string& name) : fd_(open_in(space)) {
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (::ioctl(fd_, TUNSETIFF, &request) < 0) fail("making device " + name);
  // The kernel cuts large segments into packets itself, and fills in their checksums, before they come here.
  if (::ioctl(fd_, TUNSETOFFLOAD, 0) < 0) fail("switching offloads off");
}

Tun::~Tun() { ::close(fd_); }

Bytes Tun::read() {
  const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
  return {buffer_.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

bool Tun::write(Bytes packet) {
  return ::write(fd_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

}  // namespace ringway::wan
