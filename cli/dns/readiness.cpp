#include "cli/dns/readiness.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "net/descriptor.h"

namespace ringway::cli {

namespace {

constexpr std::string_view kReady = "READY=1";

}  // namespace

Status tell_ready(const std::string& path) {
  if (path.empty()) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return internal_error(path + ": longer than a socket's path may be");
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const net::Descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool told = fd.valid() && ::sendto(fd.get(), kReady.data(), kReady.size(), MSG_NOSIGNAL,
                                           reinterpret_cast<const sockaddr*>(&address), size) >= 0;
  return told ? Status() : internal_error(fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace ringway::cli
