#pragma once
// Where the emulated path meets the kernel: whole IPv4 packets, one a read and one a write. A TUN device inside a
// network namespace, or, where no TUN device can be made, the outer end of a veth pair whose inner end is inside.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace ringway::wan {

class Port {
 public:
  explicit Port(int fd) : fd_(fd) {}
  virtual ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  /// The next packet that the kernel has sent; none: empty. Valid until the next call.
  [[nodiscard]] Bytes read();
  virtual void write(Bytes packet) = 0;

 private:
  int fd_;
  std::array<std::uint8_t, 65536> buffer_{};
};

/// Spaces are files that stand for namespaces. All of these end the program where they cannot do it.
class Tun final : public Port {
 public:
  /// Makes the device.
  Tun(const std::string& space, const std::string& device);
  void write(Bytes packet) override;
};

class Veth final : public Port {
 public:
  /// Of the device that is there, in `outside`; what is written goes to the inner end's Ethernet address, given as
  /// 02:00:00:00:00:01.
  Veth(const std::string& outside, const std::string& device, const std::string& inner_address);
  void write(Bytes packet) override;

 private:
  int index_ = 0;
  std::array<std::uint8_t, 6> inner_{};
};

/// Lets the device send only packets as they are to arrive: cut to size and with their checksums.
void switch_offloads_off(const std::string& space, const std::string& device);

/// Says what failed, with the system's reason, and ends the program.
[[noreturn]] void fail(const std::string& what);

}  // namespace ringway::wan
