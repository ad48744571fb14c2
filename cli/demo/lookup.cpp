#include "cli/demo/lookup.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "redirector_dns/wire/message_reader.h"

namespace ringway::cli {

namespace {

constexpr std::chrono::milliseconds kAnswerLimit{200};
constexpr std::size_t kMaxAnswerOctets = 1232;

/// Of all addresses of a POP's clients.
std::uint8_t second_octet(std::string_view pop) { return pop == "east" ? 18 : 19; }

std::vector<std::uint8_t> query_for(const dns::Name& name, std::uint16_t id) {
  const Bytes owner = name.view().octets();
  std::vector<std::uint8_t> query(dns::kHeaderOctets + owner.size() + 4, 0);
  store_u16(query.data(), id);
  query[5] = 1;  // one question
  std::uint8_t* const end = query.data() + query.size();
  copy_bytes(owner, query.data() + dns::kHeaderOctets);
  store_u16(end - 4, static_cast<std::uint16_t>(dns::RecordType::a));
  store_u16(end - 2, dns::kClassIn);
  return query;
}

struct Answer {
  IpAddress address;
  std::uint32_t ttl_s = 0;
};

/// The first address of an answer to `id`.
std::optional<Answer> read_answer(Bytes message, std::uint16_t id) {
  if (message.size() < dns::kHeaderOctets) return std::nullopt;
  dns::MessageReader reader(message);
  dns::Question question;
  if (reader.header().id != id || reader.header().questions != 1 || !reader.question(question)) return std::nullopt;
  dns::Record record;
  for (std::uint16_t left = reader.header().answers; left > 0 && reader.record(record); --left) {
    if (record.type != dns::RecordType::a || record.rdata.size() != 4) continue;
    return Answer{IpAddress::v4({record.rdata[0], record.rdata[1], record.rdata[2], record.rdata[3]}), record.ttl_s};
  }
  return std::nullopt;
}

}  // namespace

DemoNetworks demo_networks_of(std::string_view pop) {
  const std::string second = std::to_string(second_octet(pop));
  return {"127." + second + ".0.0/16", "198." + second + ".0.0/16"};
}

Result<std::unique_ptr<DemoLookup>> DemoLookup::open(const SocketAddress& redirector, const std::string& name) {
  const auto parsed = dns::Name::parse(name);
  if (!parsed) return parsed.error();
  std::unique_ptr<DemoLookup> lookup(new DemoLookup(*parsed));
  for (const char* pop : {"east", "west"}) {
    for (std::size_t i = 0; i < kNetworksOfPop; ++i) {
      const Status added = lookup->add_network(pop, i, redirector);
      if (!added) return added.error();
    }
  }
  return lookup;
}

Status DemoLookup::add_network(std::string_view pop, std::size_t number, const SocketAddress& redirector) {
  const IpAddress from = IpAddress::v4({127, second_octet(pop), static_cast<std::uint8_t>(number), 1});
  auto socket = net::open_bound_socket(SOCK_DGRAM, {from, 0}, net::PortUse::exclusive);
  if (!socket) return socket.error();
  const net::NativeAddress native(redirector);
  if (::connect(socket->get(), native.get(), native.size) != 0) {
    return internal_error(net::describe_failure("connect to", redirector, errno));
  }
  networks_.push_back({std::string(pop), from, {}, {}});
  sockets_.push_back(std::move(*socket));
  return {};
}

void DemoLookup::refresh() {
  ++round_;
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < networks_.size(); ++i) {
    if (networks_[i].until > now) continue;
    ask(i);
    asked.push_back(i);
  }
  for (const std::size_t network : asked) await(network, now + kAnswerLimit);
}

void DemoLookup::ask(std::size_t network) {
  const std::vector<std::uint8_t> query = query_for(name_, round_);
  (void)!::send(sockets_[network].get(), query.data(), query.size(), 0);  // what is lost is asked again in a second
}

void DemoLookup::await(std::size_t network, std::chrono::steady_clock::time_point limit) {
  const int socket = sockets_[network].get();
  pollfd readable{socket, POLLIN, 0};
  const auto left = [limit] {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(ms, 0));
  };
  while (::poll(&readable, 1, left()) > 0) {
    std::array<std::uint8_t, kMaxAnswerOctets> octets{};
    const ssize_t size = ::recv(socket, octets.data(), octets.size(), MSG_DONTWAIT);
    if (size <= 0) return;
    const auto answer = read_answer(Bytes(octets).first(static_cast<std::size_t>(size)), round_);
    if (!answer) continue;  // of an earlier round
    networks_[network].address = answer->address;
    networks_[network].until = std::chrono::steady_clock::now() + std::chrono::seconds(answer->ttl_s);
    return;
  }
}

}  // namespace ringway::cli
