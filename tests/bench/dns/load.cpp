// Asks one name over UDP for clients of many networks, and counts what comes back:
//
//   dns_load ADDRESS:PORT NAME --seconds S [--rate N] [--window N] [--networks N] [--cookies 1]
//
// With --rate so many queries a second leave evenly, whatever the server does; else --window queries are always on
// their way. Each names another /24 of 20.0.0.0/8, in no order (RFC 7871). With --cookies each socket first gets a
// server's cookie and shows it from then on (RFC 7873). One line of JSON at the end. Loopback only: nobody else is
// to be asked so much.

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/address.h"
#include "redirector_dns/wire/edns.h"
#include "redirector_dns/wire/name.h"

namespace ringway::dns {
namespace {

using Clock = std::chrono::steady_clock;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kSockets = 8;
constexpr std::size_t kBatch = 32;
constexpr std::size_t kAnswerOctets = 1500;
constexpr std::size_t kSubnetOctets = 11;  // option 8 with 24 bits: the last of a query
constexpr int kBufferOctets = 4 << 20;
constexpr auto kLostAfter = std::chrono::seconds(1);

struct Options {
  SocketAddress server;
  std::string name;
  double seconds = 5;
  double rate = 0;  // 0: by window
  std::uint64_t window = 256;
  std::uint64_t networks = 4096;
  bool cookies = false;
};

struct Counts {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t wrong = 0;  // answers without an address
};

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "dns_load: {}\n", what);
  std::exit(1);
}

void append_u16(Octets& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// A question for A, an OPT record with `cookie` where there is one, and the client's subnet at its end.
Octets make_query(const std::string& name, Bytes cookie) {
  Octets query = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  const Bytes octets = Name::parse(name).value().view().octets();
  query.insert(query.end(), octets.begin(), octets.end());
  append_u16(query, static_cast<std::size_t>(RecordType::a));
  append_u16(query, kClassIn);
  query.push_back(0);
  append_u16(query, static_cast<std::size_t>(RecordType::opt));
  append_u16(query, 1232);
  query.insert(query.end(), 4, 0);
  append_u16(query, kSubnetOctets + (cookie.empty() ? 0 : 4 + cookie.size()));
  if (!cookie.empty()) {
    append_u16(query, 10);
    append_u16(query, cookie.size());
    query.insert(query.end(), cookie.begin(), cookie.end());
  }
  query.insert(query.end(), {0, 8, 0, kSubnetOctets - 4, 0, 1, 24, 0, 20, 0, 0});
  return query;
}

/// The cookie of an answer: behind its question and records, in the OPT record.
Octets cookie_of(Bytes answer) {
  if (answer.size() < kHeaderOctets) return {};
  std::size_t at = kHeaderOctets;
  if (!skip_name(answer, at)) return {};
  at += 4;
  const unsigned records = load_u16(answer.data() + 6) + load_u16(answer.data() + 8) + load_u16(answer.data() + 10);
  for (unsigned i = 0; i < records; ++i) {
    if (!skip_name(answer, at) || answer.size() - at < 10) return {};
    const Bytes data =
        answer.subspan(at + 10, std::min<std::size_t>(load_u16(&answer[at + 8]), answer.size() - at - 10));
    Edns edns;
    if (load_u16(&answer[at]) == static_cast<std::uint16_t>(RecordType::opt) &&
        read_edns(&answer[at + 2], data, edns)) {
      return {edns.cookie.begin(), edns.cookie.end()};
    }
    at += 10 + data.size();
  }
  return {};
}

/// One socket: its queries by their numbers, and room for a system call's worth of them each way.
class Asker {
 public:
  explicit Asker(const Options& options) : waiting_(65536) {
    fd_ = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in remote{};
    remote.sin_family = AF_INET;
    remote.sin_port = htons(options.server.port);
    std::memcpy(&remote.sin_addr, options.server.ip.v4_octets().data(), 4);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) != 0) fail("cannot connect");
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &kBufferOctets, sizeof kBufferOctets);
    const Octets cookie = options.cookies ? first_cookie(options) : Octets{};
    const Octets query = make_query(options.name, cookie);
    for (std::size_t i = 0; i < kBatch; ++i) {
      queries_[i] = query;
      lay_out(out_[i], out_parts_[i], queries_[i]);
      in_octets_[i].resize(kAnswerOctets);
      lay_out(in_[i], in_parts_[i], in_octets_[i]);
    }
  }
  Asker(const Asker&) = delete;

  /// Sends up to kBatch queries; how many the kernel took.
  std::size_t send(std::size_t count, std::uint64_t networks) {
    for (std::size_t i = 0; i < count; ++i) {
      Octets& query = queries_[i];
      random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::uint64_t network = (random_ >> 33) % networks;
      store_u16(query.data(), static_cast<std::uint16_t>(next_id_ + i));
      store_u16(query.data() + query.size() - 2, static_cast<std::uint16_t>(network));
    }
    const int sent = ::sendmmsg(fd_, out_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    for (int i = 0; i < sent; ++i) waiting_[next_id_++] = true;
    return static_cast<std::size_t>(std::max(sent, 0));
  }

  /// Takes all answers that are there.
  void receive(Counts& counts) {
    for (int got = kBatch; got == kBatch;) {
      got = ::recvmmsg(fd_, in_.data(), kBatch, MSG_DONTWAIT, nullptr);
      for (int i = 0; i < got; ++i)
        take(Bytes(in_octets_[static_cast<std::size_t>(i)]).first(in_[static_cast<std::size_t>(i)].msg_len), counts);
    }
  }

 private:
  static void lay_out(mmsghdr& message, iovec& part, Octets& octets) {
    part = {octets.data(), octets.size()};
    message = {};
    message.msg_hdr.msg_iov = &part;
    message.msg_hdr.msg_iovlen = 1;
  }

  void take(Bytes answer, Counts& counts) {
    if (answer.size() < kHeaderOctets || !waiting_[load_u16(answer.data())]) return;
    waiting_[load_u16(answer.data())] = false;
    ++counts.answered;
    constexpr std::uint16_t kBadBits = 0x020f;  // truncated, or an error
    if ((load_u16(answer.data() + 2) & kBadBits) != 0 || load_u16(answer.data() + 6) == 0) ++counts.wrong;
  }

  [[nodiscard]] Octets first_cookie(const Options& options) const {
    const Octets query = make_query(options.name, Octets(kClientCookieOctets, 7));
    Octets answer(kAnswerOctets);
    const timeval patience{2, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::send(fd_, query.data(), query.size(), 0);
    const ssize_t got = ::recv(fd_, answer.data(), answer.size(), 0);
    Octets cookie = got < 0 ? Octets{} : cookie_of(Bytes(answer).first(static_cast<std::size_t>(got)));
    if (cookie.size() <= kClientCookieOctets) fail("the server gave no cookie");
    return cookie;
  }

  int fd_ = -1;
  std::uint64_t random_ = 1;
  std::uint16_t next_id_ = 0;
  std::vector<bool> waiting_;
  std::array<Octets, kBatch> queries_;
  std::array<Octets, kBatch> in_octets_;
  std::array<mmsghdr, kBatch> out_{};
  std::array<mmsghdr, kBatch> in_{};
  std::array<iovec, kBatch> out_parts_{};
  std::array<iovec, kBatch> in_parts_{};
};

/// How many more queries may leave now.
std::uint64_t due(const Options& options, const Counts& counts, double elapsed_s) {
  if (options.rate > 0) {
    const auto by_now = static_cast<std::uint64_t>(options.rate * std::min(elapsed_s, options.seconds));
    return by_now - std::min(by_now, counts.sent);
  }
  if (elapsed_s >= options.seconds) return 0;
  const std::uint64_t on_their_way = counts.sent - counts.answered;
  return options.window - std::min(options.window, on_their_way);
}

void run(const Options& options) {
  std::vector<std::unique_ptr<Asker>> askers;
  for (std::size_t i = 0; i < kSockets; ++i) askers.push_back(std::make_unique<Asker>(options));
  Counts counts;
  const Clock::time_point begun = Clock::now();
  const auto elapsed_s = [begun] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  double last_send_s = 0;
  for (std::size_t turn = 0;; ++turn) {
    const double now_s = elapsed_s();
    const std::uint64_t wanted = due(options, counts, now_s);
    if (wanted > 0) {
      counts.sent += askers[turn % kSockets]->send(std::min<std::uint64_t>(wanted, kBatch), options.networks);
      last_send_s = now_s;
    }
    for (const auto& asker : askers) asker->receive(counts);
    const bool all_here = counts.answered == counts.sent;
    const bool ended = now_s >= options.seconds && wanted == 0;
    if (ended && (all_here || now_s - last_send_s > std::chrono::duration<double>(kLostAfter).count())) break;
  }
  fmt::print("{{\"sent\": {}, \"answered\": {}, \"wrong\": {}, \"seconds\": {:.3f}}}\n", counts.sent, counts.answered,
             counts.wrong, last_send_s);
}

Options read_options(int argc, char** argv) {
  if (argc < 3) fail("ADDRESS:PORT NAME --seconds S [--rate N] [--window N] [--networks N] [--cookies 1]");
  Options options;
  const auto server = SocketAddress::parse(argv[1]);
  if (!server || !server->ip.is_v4() || server->ip.v4_octets()[0] != 127) fail("not an address of this machine");
  options.server = *server;
  options.name = argv[2];
  std::map<std::string, double> given;
  for (int i = 3; i + 1 < argc; i += 2) given[argv[i]] = std::strtod(argv[i + 1], nullptr);
  const auto number = [&given](const char* name, double otherwise) {
    const auto found = given.find(name);
    return found == given.end() ? otherwise : found->second;
  };
  options.seconds = number("--seconds", options.seconds);
  options.rate = number("--rate", 0);
  options.window = static_cast<std::uint64_t>(number("--window", 256));
  options.networks = static_cast<std::uint64_t>(number("--networks", 4096));
  options.cookies = number("--cookies", 0) > 0;
  return options;
}

}  // namespace
}  // namespace ringway::dns

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ringway::dns::run(ringway::dns::read_options(argc, argv));
  return 0;
}
