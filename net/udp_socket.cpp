#include "net/udp_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace ringway::net {

namespace {

/// Datagrams longer than this are none of ours; the kernel cuts them, and they fail to decrypt.
constexpr std::size_t kDatagramOctets = 2048;
constexpr std::size_t kJoinedOctets = 65536;
/// What one recvmmsg() may bring where the kernel joins datagrams, and where not.
constexpr std::size_t kJoinedMessages = 8;
constexpr std::size_t kPlainMessages = 64;
/// Full batches of one socket before others get their turn.
constexpr int kReceivesPerTurn = 4;
/// Messages given to one sendmmsg().
constexpr std::size_t kSendMessages = 64;

struct alignas(cmsghdr) ReceiveControl {
  std::uint8_t octets[CMSG_SPACE(sizeof(int)) * 2];
};

struct alignas(cmsghdr) SendControl {
  std::uint8_t octets[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(std::uint16_t))];
};

/// What the kernel says beside the octets of one message.
struct MessageNotes {
  std::uint8_t ecn = kEcnNotCapable;
  std::size_t segment_octets = 0;  // of joined datagrams; 0 where there is but one
};

template <class T>
T read_note(const cmsghdr* note) {
  T value{};
  std::memcpy(&value, CMSG_DATA(note), std::min<std::size_t>(sizeof value, note->cmsg_len - CMSG_LEN(0)));
  return value;
}

MessageNotes read_notes(msghdr& message) {
  MessageNotes notes;
  for (cmsghdr* note = CMSG_FIRSTHDR(&message); note != nullptr; note = CMSG_NXTHDR(&message, note)) {
    if (note->cmsg_level == IPPROTO_IP && note->cmsg_type == IP_TOS) {
      notes.ecn = read_note<std::uint8_t>(note) & 3;
    } else if (note->cmsg_level == IPPROTO_IPV6 && note->cmsg_type == IPV6_TCLASS) {
      notes.ecn = static_cast<std::uint8_t>(read_note<int>(note) & 3);
    } else if (note->cmsg_level == SOL_UDP && note->cmsg_type == UDP_GRO) {
      notes.segment_octets = static_cast<std::size_t>(std::max(read_note<int>(note), 0));
    }
  }
  return notes;
}

template <class T>
void write_note(cmsghdr*& note, msghdr& message, int level, int type, T value) {
  note->cmsg_level = level;
  note->cmsg_type = type;
  note->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(note), &value, sizeof value);
  message.msg_controllen += CMSG_SPACE(sizeof value);
  note = reinterpret_cast<cmsghdr*>(static_cast<std::uint8_t*>(message.msg_control) + message.msg_controllen);
}

std::size_t datagrams_in(const Train& train) {
  return (train.payload.size() + train.datagram_octets - 1) / train.datagram_octets;
}

void set_buffer(int fd, int forced, int plain, std::size_t octets) {
  const int value = static_cast<int>(octets);
  // Only a privileged process may go beyond the system's ceiling.
  if (!set_option(fd, SOL_SOCKET, forced, value)) set_option(fd, SOL_SOCKET, plain, value);
}

/// Never a fragment.
void set_datagram_options(int fd, bool v4, std::size_t buffer_octets) {
  set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, buffer_octets);
  set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, buffer_octets);
  if (v4) {
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  } else {
    set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
  }
}

/// The ECN bits of each datagram.
void ask_for_ecn(int fd, bool v4) {
  if (v4) {
    set_option(fd, IPPROTO_IP, IP_RECVTOS, 1);
  } else {
    set_option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  }
}

}  // namespace

class UdpSocket::Impl final : public Source {
 public:
  Impl(Worker& worker, Descriptor fd, const UdpSettings& settings, DatagramHandler& handler)
      : Source(worker),
        fd_(std::move(fd)),
        address_(bound_address(fd_.get())),
        handler_(handler),
        single_(settings.traffic == Traffic::single) {
    set_datagram_options(fd_.get(), address_.ip.is_v4(), settings.buffer_octets);
    if (!single_) ask_for_ecn(fd_.get(), address_.ip.is_v4());
    if (!single_ && settings.offload == SegmentOffload::probe) {
      // 0 means "not by default": it only asks whether the kernel knows the option.
      segments_ = set_option(fd_.get(), SOL_UDP, UDP_SEGMENT, 0);
      joins_ = set_option(fd_.get(), SOL_UDP, UDP_GRO, 1);
    }
    lay_out_receive();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() override { worker().unwatch(fd_.get()); }

  Status start() { return worker().watch(fd_.get(), EPOLLIN, *this); }

  void on_ready(std::uint32_t events) override {
    if ((events & EPOLLOUT) != 0 && blocked_) {
      blocked_ = false;
      worker().rewatch(fd_.get(), EPOLLIN, *this);
      handler_.on_sendable();
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive();
  }

  void on_pending() override { receive(); }

  std::size_t send(std::span<const Train> trains) {
    std::size_t done = 0;
    while (done < trains.size() && !blocked_) {
      const Outcome outcome = segments_ || single_ ? send_trains(trains.subspan(done)) : send_one_by_one(trains[done]);
      done += outcome.trains;
      if (outcome.blocked) block();
    }
    return done;
  }

  [[nodiscard]] const SocketAddress& address() const { return address_; }
  [[nodiscard]] bool segments() const { return segments_; }
  [[nodiscard]] bool joins() const { return joins_; }
  [[nodiscard]] UdpCounters counters() const {
    UdpCounters counters = counters_;
    counters.kernel_drops = kernel_drops(fd_.get());
    return counters;
  }

 private:
  struct Outcome {
    std::size_t trains = 0;  // taken, or refused for good
    bool blocked = false;
  };

  void lay_out_receive() {
    const std::size_t count = joins_ ? kJoinedMessages : kPlainMessages;
    const std::size_t room = joins_ ? kJoinedOctets : kDatagramOctets;
    // Not set to zero: only what arrives is ever touched.
    receive_buffer_.reset(new std::uint8_t[count * room]);
    messages_.resize(count);
    vectors_.resize(count);
    sources_.resize(count);
    controls_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      vectors_[i] = {receive_buffer_.get() + i * room, room};
      msghdr& header = messages_[i].msg_hdr;
      header.msg_name = &sources_[i].storage;
      header.msg_iov = &vectors_[i];
      header.msg_iovlen = 1;
      header.msg_control = controls_[i].octets;
    }
    make_room(count);
  }

  /// The kernel puts in place of the room what it used of it.
  void make_room(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
      messages_[i].msg_hdr.msg_controllen = sizeof(ReceiveControl);
    }
  }

  void receive() {
    for (int i = 0; i < kReceivesPerTurn; ++i) {
      ++counters_.receive_calls;
      const int got = ::recvmmsg(fd_.get(), messages_.data(), static_cast<unsigned>(messages_.size()), 0, nullptr);
      // Errors are another datagram's ICMP answer, or that there is nothing.
      if (got <= 0) return;
      hand_on(static_cast<std::size_t>(got));
      make_room(static_cast<std::size_t>(got));
      if (static_cast<std::size_t>(got) < messages_.size()) return;
    }
    worker().pend(*this);
  }

  void hand_on(std::size_t count) {
    batch_.clear();
    for (std::size_t i = 0; i < count; ++i) take_apart(i);
    counters_.datagrams_received += batch_.size();
    handler_.on_datagrams(batch_);
  }

  void take_apart(std::size_t index) {
    const MessageNotes notes = read_notes(messages_[index].msg_hdr);
    tmp::Datagram datagram;
    datagram.remote = sources_[index].portable();
    datagram.ecn = notes.ecn;
    MutableBytes rest(static_cast<std::uint8_t*>(vectors_[index].iov_base), messages_[index].msg_len);
    const std::size_t each = notes.segment_octets == 0 ? rest.size() : notes.segment_octets;
    while (!rest.empty()) {
      datagram.payload = rest.first(std::min(each, rest.size()));
      rest = rest.subspan(datagram.payload.size());
      batch_.push_back(datagram);
    }
  }

  struct OutgoingMessage {
    NativeAddress remote;
    iovec vector;
    SendControl control;
  };

  void lay_out_send(std::size_t index, const Train& train, Bytes payload) {
    OutgoingMessage& outgoing = outgoing_[index];
    outgoing.remote = NativeAddress(train.remote);
    outgoing.vector = {const_cast<std::uint8_t*>(payload.data()), payload.size()};
    msghdr& header = outgoing_headers_[index].msg_hdr;
    header = msghdr{};
    header.msg_name = &outgoing.remote.storage;
    header.msg_namelen = outgoing.remote.size;
    header.msg_iov = &outgoing.vector;
    header.msg_iovlen = 1;
    header.msg_control = outgoing.control.octets;
    auto* note = reinterpret_cast<cmsghdr*>(outgoing.control.octets);
    if (train.ecn != kEcnNotCapable && train.remote.ip.is_v4()) {
      write_note<int>(note, header, IPPROTO_IP, IP_TOS, train.ecn);
    } else if (train.ecn != kEcnNotCapable) {
      write_note<int>(note, header, IPPROTO_IPV6, IPV6_TCLASS, train.ecn);
    }
    if (payload.size() > train.datagram_octets) {
      write_note(note, header, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(train.datagram_octets));
    }
    if (header.msg_controllen == 0) header.msg_control = nullptr;
  }

  /// One sendmmsg() of whole trains; where the first is refused, what can be done about it.
  Outcome send_trains(std::span<const Train> trains) {
    const std::size_t count = std::min(trains.size(), kSendMessages);
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes payload = trains[i].payload;
      lay_out_send(i, trains[i], i == 0 ? payload.subspan(started_) : payload);
    }
    const int sent = send_messages(count);
    if (sent > 0) {
      started_ = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(sent); ++i) {
        counters_.datagrams_sent += datagrams_in(trains[i]);
      }
      return {static_cast<std::size_t>(sent), false};
    }
    if (means_full(errno)) return {0, true};
    return refused(trains[0], errno);
  }

  Outcome refused(const Train& train, int error) {
    if (datagrams_in(train) > 1) {
      // EIO: the device cannot make the checksums of segments, now or later. Others: this train is too wide for it.
      if (error == EIO) segments_ = false;
      return send_one_by_one(train);
    }
    started_ = 0;
    ++counters_.refused;
    return {1, false};
  }

  /// Without segmentation: a message each. `started_` keeps the place where the kernel's buffer fills up.
  Outcome send_one_by_one(const Train& train) {
    while (started_ < train.payload.size()) {
      std::size_t count = 0;
      for (Bytes rest = train.payload.subspan(started_); !rest.empty() && count < kSendMessages; ++count) {
        const Bytes one = rest.first(std::min(train.datagram_octets, rest.size()));
        lay_out_send(count, train, one);
        rest = rest.subspan(one.size());
      }
      const int sent = send_messages(count);
      if (sent <= 0 && means_full(errno)) return {0, true};
      const std::size_t passed = sent > 0 ? static_cast<std::size_t>(sent) : 1;
      (sent > 0 ? counters_.datagrams_sent : counters_.refused) += passed;
      started_ = std::min(started_ + passed * train.datagram_octets, train.payload.size());
    }
    started_ = 0;
    return {1, false};
  }

  int send_messages(std::size_t count) {
    int sent = 0;
    do {
      ++counters_.send_calls;
      sent =
          count == 1 ? send_alone() : ::sendmmsg(fd_.get(), outgoing_headers_.data(), static_cast<unsigned>(count), 0);
    } while (sent < 0 && errno == EINTR);
    return sent;
  }

  int send_alone() { return ::sendmsg(fd_.get(), &outgoing_headers_[0].msg_hdr, 0) < 0 ? -1 : 1; }

  static bool means_full(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

  void block() {
    blocked_ = true;
    worker().rewatch(fd_.get(), EPOLLIN | EPOLLOUT, *this);
  }

  Descriptor fd_;
  SocketAddress address_;
  DatagramHandler& handler_;
  bool single_;
  bool segments_ = false;
  bool joins_ = false;
  bool blocked_ = false;
  std::size_t started_ = 0;  // octets of the next train that left already
  UdpCounters counters_;

  std::unique_ptr<std::uint8_t[]> receive_buffer_;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> vectors_;
  std::vector<NativeAddress> sources_;
  std::vector<ReceiveControl> controls_;
  std::vector<tmp::Datagram> batch_;
  std::array<mmsghdr, kSendMessages> outgoing_headers_{};
  std::array<OutgoingMessage, kSendMessages> outgoing_;
};

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(Worker& worker, const UdpSettings& settings,
                                                   DatagramHandler& handler) {
  Result<Descriptor> fd = open_bound_socket(SOCK_DGRAM, settings.address, settings.use);
  return fd ? adopt(worker, std::move(*fd), settings, handler) : fd.error();
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::adopt(Worker& worker, Descriptor bound, const UdpSettings& settings,
                                                    DatagramHandler& handler) {
  auto impl = std::make_unique<Impl>(worker, std::move(bound), settings, handler);
  const Status started = impl->start();
  if (!started) return started.error();
  return std::unique_ptr<UdpSocket>(new UdpSocket(std::move(impl)));
}

UdpSocket::UdpSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UdpSocket::~UdpSocket() = default;

SocketAddress UdpSocket::address() const { return impl_->address(); }
std::size_t UdpSocket::send(std::span<const Train> trains) { return impl_->send(trains); }
bool UdpSocket::segments() const { return impl_->segments(); }
bool UdpSocket::joins() const { return impl_->joins(); }
UdpCounters UdpSocket::counters() const { return impl_->counters(); }

}  // namespace ringway::net
