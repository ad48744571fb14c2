#include "tests/bench/client/workloads.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ringway::wan {

namespace {

/// A server that answers no probe gets no more than this many.
constexpr std::size_t kMaxConnections = 1000;

double milliseconds_since(Time begun) { return to_milliseconds(now() - begun); }

}  // namespace

Workload::Workload(PollLoop& loop, const Options& options) : loop_(loop), options_(options) {
  for (std::uint64_t count = 0; count < options.connections; ++count) {
    connections_.push_back(std::make_unique<HttpConnection>(loop, options.server));
  }
}

HttpConnection& Workload::idle_connection() {
  const auto found =
      std::find_if(connections_.begin(), connections_.end(), [](const auto& connection) { return connection->idle(); });
  if (found != connections_.end()) return **found;
  if (connections_.size() >= kMaxConnections) fail("too many answers are missing");
  connections_.push_back(std::make_unique<HttpConnection>(loop_, options_.server));
  return *connections_.back();
}

void Workload::after(double milliseconds, std::function<void()> action) {
  loop_.at(now() + from_seconds(milliseconds * 1e-3), std::move(action));
}

void PageLoads::begin() { load(); }

void PageLoads::load() {
  asked_ = answered_ = octets_ = 0;
  begun_ = now();
  connection(0).get(options_.target, [this](const Answer& answer) {
    first_ = answer.ended;
    octets_ = answer.content_octets;
    ask_more();
  });
}

void PageLoads::ask_more() {
  for (std::size_t index = 0; index < connection_count() && asked_ < options_.objects; ++index) {
    if (!connection(index).idle()) continue;
    connection(index).get(fmt::format("/object/{}", asked_++), [this](const Answer& answer) { on_object(answer); });
  }
}

void PageLoads::on_object(const Answer& answer) {
  octets_ += answer.content_octets;
  if (++answered_ == options_.objects) {
    on_loaded();
  } else {
    ask_more();
  }
}

void PageLoads::on_loaded() {
  fmt::print(R"({{"ms":{:.3f},"first_ms":{:.3f},"octets":{}}})"
             "\n",
             milliseconds_since(begun_), to_milliseconds(first_ - begun_), octets_);
  if (++loads_ == options_.rounds) {
    loop_.stop();
  } else {
    after(options_.gap_ms, [this] { load(); });
  }
}

void PageLoads::end() {
  if (answered_ < options_.objects) fmt::print("{{\"unfinished_ms\":{:.3f}}}\n", milliseconds_since(begun_));
}

void Downloads::begin() {
  begun_ = now();
  running_ = connection_count();
  for (std::size_t index = 0; index < connection_count(); ++index) ask(index, options_.rounds);
  after(options_.every_ms, [this] { report_again(); });
}

/// `left` is 0 where there is no end.
void Downloads::ask(std::size_t index, std::uint64_t left) {
  connection(index).get(options_.target, [this, index, left](const Answer&) {
    if (left != 1) return ask(index, left == 0 ? 0 : left - 1);
    if (--running_ == 0) {
      report();
      loop_.stop();
    }
  });
}

void Downloads::report() {
  std::vector<std::uint64_t> octets;
  for (std::size_t index = 0; index < connection_count(); ++index) octets.push_back(connection(index).total_octets());
  fmt::print(R"({{"ms":{:.3f},"octets":[{}]}})"
             "\n",
             milliseconds_since(begun_), fmt::join(octets, ","));
}

void Downloads::report_again() {
  report();
  after(options_.every_ms, [this] { report_again(); });
}

void Probes::begin() {
  loop_.at(now() + from_seconds(options_.every_ms * 1e-3), [this] { begin(); });
  const Time asked = now();
  pending_.push_back(asked);
  idle_connection().get(options_.target, [this, asked](const Answer&) {
    pending_.erase(std::find(pending_.begin(), pending_.end(), asked));
    fmt::print("{{\"ms\":{:.3f}}}\n", milliseconds_since(asked));
  });
}

void Probes::end() {
  for (const Time asked : pending_) fmt::print("{{\"unfinished_ms\":{:.3f}}}\n", milliseconds_since(asked));
}

void SmallAnswers::begin() {
  for (std::size_t index = 0; index < connection_count(); ++index) {
    // Not all in step.
    after(options_.gap_ms * static_cast<double>(index) / static_cast<double>(connection_count()),
          [this, index] { ask(index); });
  }
}

void SmallAnswers::ask(std::size_t index) {
  connection(index).get(options_.target, [this, index](const Answer& answer) {
    fmt::print("{{\"ms\":{:.3f}}}\n", to_milliseconds(answer.ended - answer.begun));
    after(options_.gap_ms, [this, index] { ask(index); });
  });
}

}  // namespace ringway::wan
