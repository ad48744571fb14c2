// What one answer costs without the sockets: nanoseconds of respond() for each kind of query, on one thread.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "redirector_dns/responder.h"
#include "redirector_dns/zone/master_file.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

constexpr int kNames = 2000;
constexpr int kRounds = 200;

class FixedSteering final : public Steering {
 public:
  FixedSteering() { steered_ = {v4_, v6_, "h2,http/1.1", 0, 20, 20}; }
  const Steered* steer(std::string_view, const Asker&) override { return &steered_; }
  [[nodiscard]] bool is_stale() const override { return false; }

 private:
  std::vector<IpAddress> v4_{IpAddress::v4({198, 51, 100, 1}), IpAddress::v4({198, 51, 100, 2})};
  std::vector<IpAddress> v6_{IpAddress::v6({0x20, 1, 0xd, 0xb8})};
  Steered steered_;
};

std::shared_ptr<const ZoneSet> make_zones() {
  std::string text = "$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\n";
  for (int i = 0; i < kNames; ++i)
    text += fmt::format("host{} A 192.0.2.1\nsite{} SITE site{}\nsub{} NS ns.sub{}\nns.sub{} A 192.0.2.9\n", i, i, i, i,
                        i, i);
  config::Report report("zone", text);
  return ZoneSet::make({read_master_file(text, name_of("example.com."), kFileZoneBounds, report)}).value();
}

struct Kind {
  std::string_view name;
  std::string_view pattern;  // of the names, a number behind it
  RecordType type;
  Octets options;
  bool edns = true;
};

double nanoseconds_each(Responder& responder, const Kind& kind) {
  std::vector<Octets> queries;
  queries.reserve(kNames);
  for (int i = 0; i < kNames; ++i) {
    QueryBuilder query = QueryBuilder::of(fmt::format("{}{}.example.com.", kind.pattern, i), kind.type);
    queries.push_back(kind.edns ? query.opt(kind.options).octets() : query.octets());
  }
  const Sender sender{IpAddress::v4({203, 0, 113, 9}), Transport::udp};
  std::vector<std::uint8_t> out(1232);
  std::vector<double> rounds;
  rounds.reserve(kRounds);
  for (int round = 0; round < kRounds; ++round) {
    const auto begun = std::chrono::steady_clock::now();
    for (const Octets& query : queries) {
      const Reply reply = responder.respond(sender, {Time{begun.time_since_epoch()}, 1'700'000'000}, query, out);
      if (reply.octets == 0) std::abort();
    }
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begun;
    rounds.push_back(taken.count() / kNames);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

ResponderSettings guarded() {
  ResponderSettings settings;
  settings.cookies = CookieSecrets{{1, 2, 3}, {}};
  settings.rate.answers_per_s = 4'000'000'000;  // watched, and never too many
  settings.rate.others_per_s = 4'000'000'000;
  return settings;
}

void measure(const char* which, ResponderSettings settings, std::span<const Kind> kinds) {
  FixedSteering steering;
  Responder responder(std::move(settings), steering);
  responder.set_zones(make_zones());
  for (const Kind& kind : kinds) {
    fmt::print("{:<12} {:<28} {:7.0f} ns\n", which, kind.name, nanoseconds_each(responder, kind));
  }
}

}  // namespace
}  // namespace ringway::dns

int main() {
  using namespace ringway::dns;  // NOLINT(google-build-using-namespace)
  const Octets subnet = subnet_option(1, 24, {198, 51, 100});
  Octets subnet_and_cookie = option(10, Octets(8, 5));
  append(subnet_and_cookie, subnet);
  const Kind kPlain[] = {
      {"static", "host", RecordType::a, {}, false},
      {"static, EDNS", "host", RecordType::a, {}},
      {"nxdomain", "none", RecordType::a, {}},
      {"referral", "x.sub", RecordType::a, {}},
      {"steered A", "site", RecordType::a, {}},
      {"steered A, client subnet", "site", RecordType::a, subnet},
      {"steered HTTPS, client subnet", "site", RecordType::https, subnet},
  };
  const Kind kGuarded[] = {
      {"static", "host", RecordType::a, {}},
      {"steered A, client subnet", "site", RecordType::a, subnet},
      {"the same and a cookie", "site", RecordType::a, subnet_and_cookie},
  };
  measure("plain", {}, kPlain);
  measure("guarded", guarded(), kGuarded);
}
