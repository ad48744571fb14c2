#include "cli/dns/handover.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "redirector_dns/limits.h"

namespace ringway::cli {

namespace {

constexpr std::string_view kHello = "ringway handover 1";
constexpr std::string_view kTables = "tables";
constexpr std::string_view kTold = "told ";
constexpr std::string_view kOwn = "own";
constexpr std::string_view kEnd = "end";
constexpr std::string_view kServing = "serving";
constexpr std::string_view kYours = "yours";
constexpr std::string_view kTooLate = "too late";
constexpr std::size_t kMaxMessageOctets = 256;
/// Beyond what any redirector has: workers, addresses, UDP and TCP.
constexpr std::size_t kMaxSockets = std::size_t{64} * 64 * 2;
/// For the other end to take or say one message; and until it has made texts of its tables, and files of these.
constexpr timeval kPatience = {5, 0};
constexpr timeval kPatienceForTables = {limits::kHandoverLimit.count(), 0};
/// Beyond it no age of a table makes a difference (redirector_dns/steering/table.h).
constexpr Duration kOldest = std::chrono::hours(24 * 40);

Error failure(const std::string& what) { return internal_error(fmt::format("{}: {}", what, std::strerror(errno))); }

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return internal_error(
        fmt::format("{}: longer than a socket's path may be ({})", path, sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// Somebody who listens at the path; an error without message where nobody does.
Result<net::Descriptor> call(const sockaddr_un& address) {
  net::Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failure("open a socket");
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  if (errno == ENOENT || errno == ECONNREFUSED) return internal_error("");
  return failure(address.sun_path);
}

void wait_for(int fd, const timeval& patience) {
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

bool is_same_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

struct alignas(cmsghdr) DescriptorNote {
  std::uint8_t octets[CMSG_SPACE(sizeof(int))];
};

/// With a descriptor, where it is not -1.
bool send_message(int fd, std::string_view text, int descriptor = -1) {
  iovec vector = {const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  DescriptorNote room{};
  if (descriptor >= 0) {
    message.msg_control = room.octets;
    message.msg_controllen = sizeof room.octets;
    cmsghdr* const note = CMSG_FIRSTHDR(&message);
    note->cmsg_level = SOL_SOCKET;
    note->cmsg_type = SCM_RIGHTS;
    note->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(note), &descriptor, sizeof descriptor);
  }
  return ::sendmsg(fd, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

struct Received {
  std::string text;  // empty: the other end hung up
  net::Descriptor descriptor;
};

/// An error where there is none, or none in time.
Result<Received> receive_message(int fd) {
  std::array<char, kMaxMessageOctets> octets{};
  iovec vector = {octets.data(), octets.size()};
  DescriptorNote room{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = room.octets;
  message.msg_controllen = sizeof room.octets;
  ssize_t got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  // Who hung up without reading all may have said something before: that stands behind the reset.
  if (got < 0 && errno == ECONNRESET) got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (got < 0 && errno != ECONNRESET) return failure("the other redirector");
  Received received;
  received.text.assign(octets.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  const cmsghdr* const note = got < 0 ? nullptr : CMSG_FIRSTHDR(&message);
  if (note != nullptr && note->cmsg_level == SOL_SOCKET && note->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(note), sizeof descriptor);
    received.descriptor = net::Descriptor(descriptor);
  }
  return received;
}

/// "udp 192.0.2.1:53", where the descriptor is such a socket.
Result<DnsSocket> socket_of(Received received) {
  const bool udp = received.text.starts_with("udp ");
  const auto address = SocketAddress::parse(received.text.substr(std::min<std::size_t>(4, received.text.size())));
  DnsSocket socket{udp ? SOCK_DGRAM : SOCK_STREAM, {}, std::move(received.descriptor)};
  int type = 0;
  socklen_t size = sizeof type;
  const bool fits = socket.descriptor.valid() &&
                    ::getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
                    type == socket.type && address && net::bound_address(socket.descriptor.get()) == *address &&
                    (udp || received.text.starts_with("tcp "));
  if (!fits) return internal_error("the running redirector answers: " + received.text);
  socket.address = *address;
  return socket;
}

/// A file without a name that holds the text; an invalid one where there is no room for it.
net::Descriptor file_in_memory(std::string_view text) {
  net::Descriptor file(::memfd_create("ringway-table", MFD_CLOEXEC));
  while (file.valid() && !text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written <= 0) return {};
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

/// What a file of the other holds; empty where it cannot be read.
std::string text_of(const net::Descriptor& file) {
  constexpr std::size_t kMost = limits::kMaxAtlasOctets + limits::kMaxLevelsOctets;
  Result<std::string> text = read_file(fmt::format("/proc/self/fd/{}", file.get()), kMost);
  return text ? std::move(*text) : "";
}

/// False where it is none, or comes twice.
bool take_table(const Received& received, TableLegacy& tables) {
  if (received.text == kOwn && !tables.own) {
    tables.own = text_of(received.descriptor);
    return true;
  }
  if (!received.text.starts_with(kTold) || tables.told) return false;
  std::uint32_t age_ms = 0;
  const char* const end = received.text.data() + received.text.size();
  if (std::from_chars(received.text.data() + kTold.size(), end, age_ms).ptr != end) return false;
  tables.told = text_of(received.descriptor);
  tables.told_age = std::chrono::milliseconds(age_ms);
  return true;
}

}  // namespace

// --- The running one

class HandoverOffer::Impl final : public net::Source {
 public:
  Impl(net::Worker& worker, net::Descriptor listener, std::string path, HandoverUser& user)
      : Source(worker),
        listener_(std::move(listener)),
        path_(std::move(path)),
        user_(user),
        limit_(worker.loop().timers, [this] { give_up("it did not serve in time"); }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() override {
    if (listener_.valid()) ::unlink(path_.c_str());
  }

  Status start() { return worker().watch(listener_.get(), EPOLLIN, *this); }

  void on_ready(std::uint32_t /*events*/) override {
    if (peer_.valid()) return hear();
    accept();
  }
  void on_pending() override {
    if (!peer_.valid() && listener_.valid()) accept();
  }

 private:
  void accept() {
    net::Descriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer.valid()) return;
    worker().pend(*this);
    if (!is_same_user(peer.get())) return;
    ::setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(peer.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    const Result<Received> hello = receive_message(peer.get());
    if (!hello || hello->text != kHello) {
      send_message(peer.get(), fmt::format("this one speaks \"{}\"", kHello));
      return;
    }
    peer_ = std::move(peer);
    begin();
  }

  void begin() {
    // The next one listens in its place.
    ::unlink(path_.c_str());
    listener_.close();
    limit_.arm(worker().now() + limits::kHandoverLimit);
    for (const DnsSocket& socket : user_.on_handover_begun().all()) {
      const std::string text = socket_text(socket.type, socket.address);
      if (!send_message(peer_.get(), text, socket.descriptor.get())) return give_up("it takes no sockets");
    }
    if (!send_message(peer_.get(), kEnd) || !worker().watch(peer_.get(), EPOLLIN, *this))
      give_up("it takes no sockets");
  }

  /// The next one says so where it gets none with the words, and finds out for itself.
  void send_tables(const TableLegacy& tables) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(std::min(tables.told_age, kOldest));
    const std::string told = fmt::format("{}{}", kTold, age.count());
    if (tables.told) send_message(peer_.get(), told, file_in_memory(*tables.told).get());
    if (tables.own) send_message(peer_.get(), kOwn, file_in_memory(*tables.own).get());
    send_message(peer_.get(), kEnd);
  }

  void hear() {
    const Result<Received> heard = receive_message(peer_.get());
    if (heard && heard->text == kTables) return send_tables(user_.tables());
    if (!heard || heard->text != kServing) return give_up("it hung up before it served");
    limit_.cancel();
    user_.on_handed_over();
    send_message(peer_.get(), kYours);
    peer_.close();
  }

  /// Last in what calls it: the user destroys this.
  void give_up(const char* reason) {
    limit_.cancel();
    send_message(peer_.get(), kTooLate);
    peer_.close();
    user_.on_handover_failed(reason);
  }

  net::Descriptor listener_;
  net::Descriptor peer_;  // who takes over
  std::string path_;
  HandoverUser& user_;
  Timer limit_;
};

Result<std::unique_ptr<HandoverOffer>> HandoverOffer::open(net::Worker& worker, const std::string& path,
                                                           HandoverUser& user) {
  const Result<sockaddr_un> address = address_of(path);
  if (!address) return address.error();
  const Result<net::Descriptor> other = call(*address);
  if (other) return internal_error(path + ": another redirector listens there");
  if (!other.error().message.empty()) return other.error();
  ::unlink(path.c_str());
  net::Descriptor listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Before it has a name: nobody else's for a moment either.
  const bool bound = listener.valid() && ::fchmod(listener.get(), S_IRUSR | S_IWUSR) == 0 &&
                     ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 &&
                     ::listen(listener.get(), 1) == 0;
  if (!bound) return failure(path);
  auto impl = std::make_unique<Impl>(worker, std::move(listener), path, user);
  const Status started = impl->start();
  if (!started) return started.error();
  return std::unique_ptr<HandoverOffer>(new HandoverOffer(std::move(impl)));
}

HandoverOffer::HandoverOffer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HandoverOffer::~HandoverOffer() = default;

// --- The next one

namespace {

Error too_late() { return internal_error("the running redirector has gone on: this one took too long"); }

}  // namespace

Result<Handover> Handover::ask(const std::string& path) {
  const Result<sockaddr_un> address = address_of(path);
  if (!address) return address.error();
  Result<net::Descriptor> peer = call(*address);
  if (!peer && peer.error().message.empty()) return Handover();
  if (!peer) return peer.error();
  Handover handover;
  handover.peer_ = std::move(*peer);
  if (!is_same_user(handover.peer_.get())) return internal_error(path + ": who listens there is another user");
  if (!send_message(handover.peer_.get(), kHello)) return failure(path);
  while (handover.sockets_.size() <= kMaxSockets) {
    Result<Received> received = receive_message(handover.peer_.get());
    if (!received) return received.error();
    if (received->text == kEnd) return handover;
    if (received->text.empty()) return internal_error("the running redirector hung up");
    Result<DnsSocket> socket = socket_of(std::move(*received));
    if (!socket) return socket.error();
    handover.sockets_.push_back(std::move(*socket));
  }
  return internal_error("the running redirector has too many sockets");
}

Result<TableLegacy> Handover::ask_tables() {
  TableLegacy tables;
  if (!peer_.valid()) return tables;
  send_message(peer_.get(), kTables);
  wait_for(peer_.get(), kPatienceForTables);
  Result<Received> received = receive_message(peer_.get());
  while (received && take_table(*received, tables)) received = receive_message(peer_.get());
  wait_for(peer_.get(), kPatience);
  if (received && received->text == kTooLate) return too_late();
  return tables;
}

Status Handover::conclude() {
  if (!peer_.valid()) return {};
  // Where it has hung up, what it said before is still there to be heard.
  send_message(peer_.get(), kServing);
  const Result<Received> answer = receive_message(peer_.get());
  peer_.close();
  // One that died left the sockets to this one, and one that is slow to say so has heard it.
  if (!answer || answer->text != kTooLate) return {};
  return too_late();
}

}  // namespace ringway::cli
