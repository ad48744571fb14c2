// Two sites of equal weight on one link: the greedy one with 500 exchanges of ring 0, the modest one with 20. The
// modest one gets at least 40 % of the link, and the crowd does not send its packets in vain.

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "backend/backend.h"
#include "base/metrics.h"
#include "frontend/frontend.h"
#include "tests/sim/identities.h"
#include "tests/sim/simulation.h"
#include "tests/sim/virtual_tcp.h"
#include "tests/sim/web.h"
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

constexpr const char* kFrontendText = R"(
name: pop-1
listen: [ { address: "192.0.2.1:80" } ]
link: { identity: { certificate: c, key: k, authority: a } }
sites:
  - { name: greedy, hosts: [ greedy.test ], ring: 0, backends: [ { address: "198.51.100.1:7400", name: host-1 } ] }
  - { name: modest, hosts: [ modest.test ], ring: RING, backends: [ { address: "198.51.100.1:7400", name: host-1 } ] }
)";

constexpr const char* kBackendText = R"(
name: host-1
link: { address: "198.51.100.1:7400", identity: { certificate: c, key: k, authority: a } }
sites:
  - { name: greedy, origins: [ { address: "203.0.113.1:80", max_pending: 600 } ], frontends: [ pop-1 ] }
  - { name: modest, origins: [ { address: "203.0.113.1:80", max_pending: 600 } ], frontends: [ pop-1 ] }
)";

SocketAddress address(const char* text) { return SocketAddress::parse(text).value(); }

std::string frontend_text(std::uint64_t ring) {
  std::string text = kFrontendText;
  return text.replace(text.find("RING"), 4, std::to_string(ring));
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
  void start_backend();
  void start_frontend();
  void add_readers(std::vector<std::unique_ptr<Reader>>& readers, int count, const char* host);
  static std::uint64_t total(const std::vector<std::unique_ptr<Reader>>& readers);

  Network network_;
  WebLedger ledger_;
  VirtualServers servers_;
  Node client_node_;
  Node origin_node_;
  Node host_node_;
  Node pop_node_;
  WebOrigin origin_;
  VirtualConnector connector_;
  const std::uint64_t modest_ring_;
  Metrics metrics_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<tmp::Endpoint> host_endpoint_;
  std::unique_ptr<frontend::Frontend> frontend_;
  std::unique_ptr<tmp::Endpoint> pop_endpoint_;
  std::vector<std::unique_ptr<Reader>> greedy_;
  std::vector<std::unique_ptr<Reader>> modest_;
};

GreedySimulation::GreedySimulation(std::uint64_t seed)
    : network_(seed),
      client_node_(network_, address("203.0.113.99:1")),
      origin_node_(network_, address("203.0.113.1:1")),
      host_node_(network_, address("198.51.100.1:7400")),
      pop_node_(network_, address("192.0.2.1:7000")),
      origin_(origin_node_, ledger_,
              {.resets = 0, .closes_idle = 0, .think = {}, .piece = 16'000, .type = "image/png"}),
      connector_(host_node_, servers_, 300us),
      modest_ring_(network_.random().below(tmp::kRings)) {
  servers_.listen(address("203.0.113.1:80"), origin_node_,
                  [this](std::unique_ptr<ByteStream> stream) { origin_.accept(std::move(stream)); });
  PathConditions path;
  path.delay = 10ms + Duration(static_cast<std::int64_t>(network_.random().below(30'000'000)));
  path.octets_per_s = kLinkOctetsPerSecond;
  path.queue_octets = 400'000;
  network_.set_path(pop_node_.address().ip, host_node_.address().ip, path);
  start_backend();
  start_frontend();
}

void GreedySimulation::start_backend() {
  const auto settings = backend::parse_settings(kBackendText, "sim").value();
  auto endpoint = backend::endpoint_settings(*settings);
  endpoint.identity = test_identity("host-1", tmp::Role::backend);
  backend_ = std::make_unique<backend::Backend>(settings, host_node_.loop(), connector_, nullptr);
  host_endpoint_ = std::make_unique<tmp::Endpoint>(std::make_shared<const tmp::EndpointSettings>(std::move(endpoint)),
                                                   host_node_.loop(), *backend_);
  host_node_.attach(host_endpoint_.get());
}

void GreedySimulation::start_frontend() {
  const auto settings = frontend::parse_settings(frontend_text(modest_ring_), "sim").value();
  auto endpoint = frontend::endpoint_settings(*settings);
  endpoint.identity = test_identity("pop-1", tmp::Role::frontend);
  frontend_ = std::make_unique<frontend::Frontend>(settings, pop_node_.loop(), metrics_, nullptr);
  pop_endpoint_ = std::make_unique<tmp::Endpoint>(std::make_shared<const tmp::EndpointSettings>(std::move(endpoint)),
                                                  pop_node_.loop(), *frontend_);
  frontend_->set_links({{"host-1", &pop_endpoint_->connect(settings->sites[0].backends[0])}});
  pop_node_.attach(pop_endpoint_.get());
}

void GreedySimulation::add_readers(std::vector<std::unique_ptr<Reader>>& readers, int count, const char* host) {
  for (int i = 0; i < count; ++i) {
    auto pipe = std::make_shared<Pipe>(make_pipe(client_node_, pop_node_, 1ms));
    pop_node_.post([this, pipe] { frontend_->accept_http(std::move(pipe->far), {}); });
    readers.push_back(std::make_unique<Reader>(std::move(pipe->near), host, readers.size() + 1));
    Reader* reader = readers.back().get();
    client_node_.post([reader] { reader->ask(); });
  }
}

std::uint64_t GreedySimulation::total(const std::vector<std::unique_ptr<Reader>>& readers) {
  std::uint64_t sum = 0;
  for (const auto& reader : readers) sum += reader->received();
  return sum;
}

std::string GreedySimulation::run() {
  if (!network_.run(30s, [this] { return frontend_->ready(); })) return "no link came up within 30 s";
  add_readers(greedy_, kGreedyClients, "greedy.test");
  add_readers(modest_, kModestClients, "modest.test");
  network_.run_for(kWarmUp);
  const std::uint64_t greedy_before = total(greedy_);
  const std::uint64_t modest_before = total(modest_);
  const tmp::LinkCounters sent_before = host_endpoint_->links().front()->counters();
  network_.run_for(kMeasured);
  const tmp::LinkCounters& sent = host_endpoint_->links().front()->counters();
  const auto greedy = static_cast<double>(total(greedy_) - greedy_before);
  const auto modest = static_cast<double>(total(modest_) - modest_before);
  if (!ledger_.fault.empty()) return ledger_.fault;
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
