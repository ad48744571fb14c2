#include "tests/sim/pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "http/parser.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kPause = 500ms;
constexpr Duration kPatience = 60s;
constexpr int kLearning = 2;
constexpr OriginManners kPlainOrigin = {
    .resets = 0, .closes_idle = 0, .think = {}, .piece = 16'000, .type = "image/png"};

/// One connection: asks for one thing at a time and says when it has come.
class Fetcher final : public ByteStreamHandler, public http::ResponseEvents {
 public:
  Fetcher(std::unique_ptr<ByteStream> stream, std::function<void()> done)
      : stream_(std::move(stream)), done_(std::move(done)), parser_(events(), {}) {
    stream_->set_handler(this);
  }
  void fetch(std::uint64_t number, std::uint64_t octets) {
    parser_.begin("GET");
    ByteQueue out;
    out.append(
        fmt::format("GET /{}/{}/length HTTP/1.1\r\nHost: page.test\r\n"
                    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
                    "Accept: */*\r\nAccept-Encoding: gzip\r\n\r\n",
                    number, octets));
    stream_->write(out);
  }

  void on_data(Slice data) override {
    stream_->consumed(data.size());
    while (!data.empty() && parser_.error() == nullptr) data.remove_prefix(parser_.feed(data));
  }
  void on_end() override {}
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& /*end*/) override {}
  void on_interim_head(http::ResponseHead /*head*/) override {}
  void on_response_head(http::ResponseHead head, http::Content /*content*/) override { right_ = head.status == 200; }
  void on_response_content(Slice /*content*/) override {}
  void on_response_complete(http::Fields /*trailers*/) override {
    if (right_) done_();
  }

 private:
  http::ResponseEvents& events() { return *this; }

  std::unique_ptr<ByteStream> stream_;
  std::function<void()> done_;
  http::ResponseParser parser_;
  bool right_ = false;
};

class Browser {
 public:
  explicit Browser(Overlay& overlay) : overlay_(overlay) {
    for (int i = 0; i <= kPageObjects; ++i) {
      fetchers_.push_back(std::make_unique<Fetcher>(overlay.connect(), [this] { on_done(); }));
    }
  }
  /// In milliseconds; negative where it did not come.
  double load() {
    const Time begun = overlay_.network().now();
    missing_ = 1 + kPageObjects;
    overlay_.client_node().post([this] { fetchers_[0]->fetch(1, kDocumentOctets); });
    if (!overlay_.network().run(kPatience, [this] { return missing_ == 0; })) return -1;
    return to_seconds(overlay_.network().now() - begun) * 1000;
  }

 private:
  /// 2 to 31.3 KB, 1 MB together.
  static std::uint64_t object_octets(int object) { return 2000 + static_cast<std::uint64_t>(object) * 497; }

  void on_done() {
    if (missing_-- != 1 + kPageObjects) return;
    for (int i = 0; i < kPageObjects; ++i) {
      fetchers_[static_cast<std::size_t>(i) + 1]->fetch(static_cast<std::uint64_t>(i) + 2, object_octets(i));
    }
  }

  Overlay& overlay_;
  std::vector<std::unique_ptr<Fetcher>> fetchers_;
  int missing_ = 0;
};

OverlaySites sites(const std::string& link = {}) {
  return {fmt::format(R"(
  - {{ name: page, hosts: [ page.test ], backends: [ {{ address: "{}", name: host-1 }} ] }}
)",
                      kOverlayBackend),
          fmt::format(R"(
  - {{ name: page, origins: [ {{ address: "{}", max_pending: 600 }} ], frontends: [ pop-1 ] }}
)",
                      kOverlayOrigin),
          link};
}

}  // namespace

PageLoads load_pages(std::uint64_t seed, const PathConditions& path, int count) {
  Overlay overlay(seed, sites(), kPlainOrigin);
  overlay.set_path(path);
  SeededRandom random(seed);
  const tmp::OpensslRandom openssl(random);
  PageLoads loads;
  if (!overlay.start()) return {{}, {}, "no link came up within 30 s"};
  Browser browser(overlay);
  for (int page = -kLearning; page < count; ++page) {
    overlay.network().run_for(kPause);
    const double time = browser.load();
    if (time < 0) return {loads.milliseconds, {}, fmt::format("page {} did not come within a minute", page)};
    if (page >= 0) loads.milliseconds.push_back(time);
  }
  loads.back = overlay.back_link().counters();
  loads.fault = overlay.ledger().fault;
  return loads;
}

AnswerLoads load_answers(std::uint64_t seed, const PathConditions& path, Duration time, double repair) {
  constexpr std::size_t kConnections = 8;
  constexpr std::uint64_t kOctets = 1000;
  constexpr Duration kThink = 20ms;
  Overlay overlay(seed, sites(fmt::format("repair: {}", repair)), kPlainOrigin);
  overlay.set_path(path);
  SeededRandom random(seed);
  const tmp::OpensslRandom openssl(random);
  if (!overlay.start()) return {};
  AnswerLoads loads;
  std::vector<std::unique_ptr<Fetcher>> fetchers;
  std::vector<Time> begun(kConnections);
  for (std::size_t i = 0; i < kConnections; ++i) {
    const auto ask = [&, i] {
      begun[i] = overlay.network().now();
      fetchers[i]->fetch(i, kOctets);
    };
    fetchers.push_back(std::make_unique<Fetcher>(overlay.connect(), [&, ask, i] {
      loads.milliseconds.push_back(to_seconds(overlay.network().now() - begun[i]) * 1000);
      overlay.network().after(kThink, [&, ask] { overlay.client_node().post(ask); });
    }));
    overlay.network().after(Duration(static_cast<std::int64_t>(random.below(70'000'000))),
                            [&, ask] { overlay.client_node().post(ask); });
  }
  overlay.network().run_for(time);
  loads.octets = overlay.back_link().counters().octets_sent + overlay.front_link().counters().octets_sent;
  loads.packets = overlay.back_link().counters().packets_sent + overlay.front_link().counters().packets_sent;
  return loads;
}

double quantile(std::vector<double> values, double share) {
  const auto rank = static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
  return values[rank];
}

}  // namespace ringway::sim
