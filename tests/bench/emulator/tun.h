#pragma once
// A TUN device inside a network namespace: whole IP packets, one a read and one a write.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace ringway::wan {

class Tun {
 public:
  /// Makes device `name` in the namespace that the file `space` stands for. Ends the program where it cannot.
  Tun(const std::string& space, const std::string& name);
  ~Tun();
  Tun(const Tun&) = delete;
  Tun& operator=(const Tun&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  /// The next packet that the kernel has sent; none: empty. Valid until the next call.
  [[nodiscard]] Bytes read();
  /// False where the kernel did not take it.
  bool write(Bytes packet);

 private:
  int fd_;
  std::array<std::uint8_t, 65536> buffer_{};
};

/// Says what failed, with the system's reason, and ends the program.
[[noreturn]] void fail(const std::string& what);

}  // namespace ringway::wan
