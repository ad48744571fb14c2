// Two sites of equal weight on one link: the greedy one with 500 exchanges of ring 0, the modest one with 20. The
// modest one gets at least 40 % of the link, and the crowd does not send its packets in vain.

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "tests/sim/overlay.h"
#include "tests/sim/simulation.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::sim {

using namespace std::chrono_literals;

namespace {

constexpr int kGreedyClients = 500;
constexpr int kModestClients = 20;
constexpr double kLeastShare = 0.4;
constexpr double kMostLoss = 0.1;
constexpr Duration kWarmUp = 5s;
constexpr Duration kMeasured = 4s;
constexpr std::uint64_t kAnswerOctets = 200'000;
constexpr std::uint64_t kLinkOctetsPerSecond = 8'000'000;

OverlaySites sites(std::uint64_t modest_ring) {
  const char* const frontend = R"(
  - {{ name: greedy, hosts: [ greedy.test ], ring: 0, backends: [ {{ address: "{0}", name: host-1 }} ] }}
  - {{ name: modest, hosts: [ modest.test ], ring: {1}, backends: [ {{ address: "{0}", name: host-1 }} ] }}
)";
  const char* const backend = R"(
  - {{ name: greedy, origins: [ {{ address: "{0}", max_pending: 600 }} ], frontends: [ pop-1 ] }}
  - {{ name: modest, origins: [ {{ address: "{0}", max_pending: 600 }} ], frontends: [ pop-1 ] }}
)";
  return {fmt::format(fmt::runtime(frontend), kOverlayBackend, modest_ring),
          fmt::format(fmt::runtime(backend), kOverlayOrigin),
          {}};
}

/// Asks for the same again and again, and counts what comes.
class Reader final : public ByteStreamHandler {
 public:
  Reader(std::unique_ptr<ByteStream> stream, const char* host, std::uint64_t number)
      : stream_(std::move(stream)),
        request_(fmt::format("GET /{}/{}/length HTTP/1.1\r\nHost: {}\r\n\r\n", number, kAnswerOctets, host)) {
    stream_->set_handler(this);
  }
  void ask() {
    ByteQueue out;
    out.append(std::string_view(request_));
    stream_->write(out);
  }
  [[nodiscard]] std::uint64_t received() const { return received_; }

  void on_data(Slice data) override {
    received_ += data.size();
    stream_->consumed(data.size());
    // Heads make answers a little longer than their content; asking a little early keeps one always in work.
    if (received_ >= (asked_ + 1) * kAnswerOctets) {
      ++asked_;
      ask();
    }
  }
  void on_end() override {}
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& /*end*/) override {}

 private:
  std::unique_ptr<ByteStream> stream_;
  std::string request_;
  std::uint64_t received_ = 0;
  std::uint64_t asked_ = 0;
};

class GreedySimulation {
 public:
  explicit GreedySimulation(std::uint64_t seed);
  std::string run();

 private:
  void add_readers(std::vector<std::unique_ptr<Reader>>& readers, int count, const char* host);
  static std::uint64_t total(const std::vector<std::unique_ptr<Reader>>& readers);

  SeededRandom random_;
  const std::uint64_t modest_ring_;
  Overlay overlay_;
  std::vector<std::unique_ptr<Reader>> greedy_;
  std::vector<std::unique_ptr<Reader>> modest_;
};

GreedySimulation::GreedySimulation(std::uint64_t seed)
    : random_(seed),
      modest_ring_(random_.below(tmp::kRings)),
      overlay_(seed, sites(modest_ring_),
               {.resets = 0, .closes_idle = 0, .think = {}, .piece = 16'000, .type = "image/png"}) {
  PathConditions path;
  path.delay = 10ms + Duration(static_cast<std::int64_t>(random_.below(30'000'000)));
  path.octets_per_s = kLinkOctetsPerSecond;
  path.queue_octets = 400'000;
  overlay_.set_path(path);
}

void GreedySimulation::add_readers(std::vector<std::unique_ptr<Reader>>& readers, int count, const char* host) {
  for (int i = 0; i < count; ++i) {
    readers.push_back(std::make_unique<Reader>(overlay_.connect(), host, readers.size() + 1));
    Reader* reader = readers.back().get();
    overlay_.client_node().post([reader] { reader->ask(); });
  }
}

std::uint64_t GreedySimulation::total(const std::vector<std::unique_ptr<Reader>>& readers) {
  std::uint64_t sum = 0;
  for (const auto& reader : readers) sum += reader->received();
  return sum;
}

std::string GreedySimulation::run() {
  if (!overlay_.start()) return "no link came up within 30 s";
  add_readers(greedy_, kGreedyClients, "greedy.test");
  add_readers(modest_, kModestClients, "modest.test");
  overlay_.network().run_for(kWarmUp);
  const std::uint64_t greedy_before = total(greedy_);
  const std::uint64_t modest_before = total(modest_);
  const tmp::LinkCounters sent_before = overlay_.back_link().counters();
  overlay_.network().run_for(kMeasured);
  const tmp::LinkCounters& sent = overlay_.back_link().counters();
  const auto greedy = static_cast<double>(total(greedy_) - greedy_before);
  const auto modest = static_cast<double>(total(modest_) - modest_before);
  if (!overlay_.ledger().fault.empty()) return overlay_.ledger().fault;
  const double capacity = static_cast<double>(kLinkOctetsPerSecond) * to_seconds(kMeasured);
  if (greedy + modest < 0.7 * capacity) {
    return fmt::format("only {:.0f} % of the link carried answers", 100 * (greedy + modest) / capacity);
  }
  const auto packets = static_cast<double>(sent.packets_sent - sent_before.packets_sent);
  const double loss = static_cast<double>(sent.packets_lost - sent_before.packets_lost) / packets;
  if (loss > kMostLoss) return fmt::format("{:.1f} % of the packets were lost", 100 * loss);
  const double share = modest / (greedy + modest);
  if (share >= kLeastShare) return {};
  return fmt::format("the modest site in ring {} got {:.1f} % of the link", modest_ring_, 100 * share);
}

}  // namespace

std::string simulate_greedy_site(std::uint64_t seed) {
  // Long and always alike but for the round trip and the ring: every thirtieth seed is enough.
  if (seed % 30 != 0) return {};
  GreedySimulation simulation(seed);
  SeededRandom random(seed);
  const tmp::OpensslRandom openssl(random);
  return simulation.run();
}

}  // namespace ringway::sim
