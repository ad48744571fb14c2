#include "cli/demo/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "cli/demo/origin.h"
#include "http/parser.h"
#include "http/serializer.h"

namespace ringway::cli {

namespace {

constexpr int kConnectionsPerPage = 6;
constexpr Duration kProbeInterval = std::chrono::milliseconds(100);
constexpr Duration kRetryDelay = std::chrono::milliseconds(250);
constexpr Duration kThinkTime = std::chrono::milliseconds(500);

/// However many there are, they are spread evenly over their half: multiples of the golden section.
double page_loaders_place(std::size_t number) {
  const double place = static_cast<double>(number) * 0.6180339887;
  return (place - std::floor(place)) / 2 + (number == 1 ? 0.5 : 0);
}

}  // namespace

/// One connection to the front-end, one request at a time; makes itself anew when it breaks.
class DemoLoad::Client final : public ByteStreamHandler, public http::ResponseEvents {
 public:
  /// `place` says which network is its own; `on_answer` hears the status, or 0 where the connection broke.
  Client(DemoLoad& load, double place, std::function<void(int)> on_answer)
      : load_(load), worker_(load.worker_), place_(place), on_answer_(std::move(on_answer)), parser_(events(), {}) {}

  void get(const std::string& target, std::string_view priority = {}) {
    const LoadTarget& way = load_.target_at(place_);
    if (address_ != way.frontend) stream_.reset();
    address_ = way.frontend;
    if (stream_ == nullptr) stream_ = load_.connector_from(way.from).connect(address_, nullptr, *this);
    http::RequestHead head;
    head.method = "GET";
    head.authority = "demo.test";
    head.target = target;
    if (!priority.empty()) head.fields.add("x-priority", priority);
    parser_.begin("GET");
    asked_ = true;
    ByteQueue out;
    http::write_request_head(out, head, {});
    stream_->write(out);
  }

  void on_data(Slice data) override {
    stream_->consumed(data.size());
    parser_.feed(data);
    if (parser_.error() != nullptr) broken();
  }
  void on_end() override { broken(); }
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override { broken(); }
  void on_abort(const StreamEnd& /*end*/) override { broken(); }

  void on_interim_head(http::ResponseHead /*head*/) override {}
  void on_response_head(http::ResponseHead head, http::Content /*content*/) override { status_ = head.status; }
  void on_response_content(Slice /*content*/) override {}
  void on_response_complete(http::Fields /*trailers*/) override {
    asked_ = false;
    ++load_.figures_.requests;
    if (status_ >= 400) ++load_.figures_.failures;
    // The next request goes out of the parser's own call.
    worker_.loop().deferred.post([this, status = status_] { on_answer_(status); });
  }

 private:
  http::ResponseEvents& events() { return *this; }

  void broken() {
    worker_.loop().deferred.destroy(std::move(stream_));
    if (!std::exchange(asked_, false)) return;  // an idle connection was closed
    ++load_.figures_.failures;
    worker_.loop().deferred.post([this] { on_answer_(0); });
  }

  DemoLoad& load_;
  net::Worker& worker_;
  double place_;
  SocketAddress address_;
  std::function<void(int)> on_answer_;
  http::ResponseParser parser_;
  std::unique_ptr<ByteStream> stream_;
  int status_ = 0;
  bool asked_ = false;  // an answer is owed
};

/// As a browser does it: the page, then its objects over several connections, then a pause.
class DemoLoad::PageLoader {
 public:
  PageLoader(DemoLoad& load, double place)
      : load_(load), worker_(load.worker_), timer_(worker_.loop().timers, [this] { begin(); }) {
    for (std::size_t i = 0; i < kConnectionsPerPage; ++i) {
      clients_.push_back(std::make_unique<Client>(load, place, [this, i](int status) { answered(i, status); }));
    }
    timer_.arm(worker_.now());
  }

  /// After the page that it is at, until it is told otherwise.
  void set_resting(bool resting) {
    if (std::exchange(resting_, resting) && !resting) timer_.arm(worker_.now());
  }

 private:
  void begin() {
    if (resting_ || waiting_ > 0) return;
    began_ = worker_.now();
    next_object_ = 1;
    waiting_ = 1;
    in_page_ = true;
    clients_[0]->get("/");
  }

  void answered(std::size_t index, int status) {
    --waiting_;
    if (status != 200) {
      next_object_ = kDemoObjects + 1;  // this load is lost; the next one begins anew
      failed_ = true;
    }
    if (std::exchange(in_page_, false)) {
      for (std::size_t i = 0; i < clients_.size(); ++i) ask_next(i);
    } else {
      ask_next(index);
    }
    if (waiting_ > 0) return;
    if (!std::exchange(failed_, false)) load_.figures_.page_ms.push_back(to_milliseconds(worker_.now() - began_));
    timer_.arm(worker_.now() + kThinkTime);
  }

  void ask_next(std::size_t index) {
    if (next_object_ > kDemoObjects) return;
    ++waiting_;
    clients_[index]->get(fmt::format("/object/{}", next_object_++));
  }

  DemoLoad& load_;
  net::Worker& worker_;
  std::vector<std::unique_ptr<Client>> clients_;
  Time began_{};
  int next_object_ = 1;
  int waiting_ = 0;
  bool in_page_ = false;
  bool failed_ = false;
  bool resting_ = false;
  Timer timer_;
};

class DemoLoad::Downloader {
 public:
  Downloader(DemoLoad& load, double place)
      : worker_(load.worker_),
        client_(load, place,
                [this](int status) { timer_.arm(worker_.now() + (status == 200 ? Duration{} : kRetryDelay)); }),
        timer_(worker_.loop().timers, [this] { client_.get("/bulk/1"); }) {
    timer_.arm(worker_.now());
  }

 private:
  net::Worker& worker_;
  Client client_;
  Timer timer_;
};

class DemoLoad::Probe {
 public:
  Probe(DemoLoad& load, double place)
      : load_(load),
        worker_(load.worker_),
        client_(load, place, [this](int status) { answered(status); }),
        timer_(worker_.loop().timers, [this] { ask(); }) {
    timer_.arm(worker_.now());
  }

 private:
  void ask() {
    asked_ = worker_.now();
    client_.get("/api/status", "high");
  }

  void answered(int status) {
    if (status == 200) load_.figures_.probe_ms.push_back(to_milliseconds(worker_.now() - asked_));
    timer_.arm(std::max(asked_ + kProbeInterval, worker_.now()));
  }

  DemoLoad& load_;
  net::Worker& worker_;
  Client client_;
  Time asked_{};
  Timer timer_;
};

DemoLoad::DemoLoad(net::Worker& worker) : worker_(worker) {}

DemoLoad::~DemoLoad() = default;

void DemoLoad::set_targets(std::vector<LoadTarget> targets) {
  if (targets.empty()) return;
  targets_ = std::move(targets);
  if (probe_ == nullptr) begin();
}

void DemoLoad::begin() {
  for (const double place : {0.25, 0.75}) downloads_.push_back(std::make_unique<Downloader>(*this, place));
  probe_ = std::make_unique<Probe>(*this, 0.5);
  set_crowd(crowd_);
}

void DemoLoad::set_crowd(std::size_t clients) {
  crowd_ = clients;
  if (probe_ == nullptr) return;
  for (std::size_t i = 0; i < pages_.size(); ++i) pages_[i]->set_resting(i >= clients);
  while (pages_.size() < clients)
    pages_.push_back(std::make_unique<PageLoader>(*this, page_loaders_place(pages_.size())));
}

const LoadTarget& DemoLoad::target_at(double place) const {
  const auto index = static_cast<std::size_t>(place * static_cast<double>(targets_.size()));
  return targets_[std::min(index, targets_.size() - 1)];
}

net::TcpConnector& DemoLoad::connector_from(const IpAddress& source) {
  net::ConnectSettings settings;
  settings.local = source;
  return connectors_.try_emplace(source, worker_, settings).first->second;
}

LoadFigures DemoLoad::take() { return std::exchange(figures_, {}); }

}  // namespace ringway::cli
