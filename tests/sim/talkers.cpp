#include "tests/sim/talkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ringway::sim {

namespace {

/// Eight octets of the pattern at once; octet i of them is the i-th lowest.
std::uint64_t pattern_word(std::uint32_t number, int end, std::uint64_t index) {
  std::uint64_t mixed = (static_cast<std::uint64_t>(number) << 33) + (static_cast<std::uint64_t>(end) << 32) + index;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  return mixed ^ (mixed >> 27);
}

std::string describe(const EndReport& report) {
  const std::string_view abort = report.heard_abort ? stream_code_name(*report.heard_abort) : "no abort";
  return fmt::format("[begun {} over {} wrote {} read {} end {} stop {} left early {} {}]", report.begun, report.over,
                     report.written, report.received, report.heard_end, report.heard_stop, report.left_early, abort);
}

}  // namespace

std::uint8_t pattern_octet(std::uint32_t number, int end, std::uint64_t offset) {
  return static_cast<std::uint8_t>(pattern_word(number, end, offset / 8) >> (8 * (offset % 8)));
}

std::uint32_t Ledger::add(const StreamPlan& plan) {
  entries_.push_back({plan, {}});
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

void Ledger::blame(const std::string& fault) {
  if (fault_.empty()) fault_ = fault;
}

bool Ledger::all_over() const {
  return std::all_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
    const bool acceptor_over = !entry.reports[1].begun || entry.reports[1].over;
    return entry.reports[0].begun && entry.reports[0].over && acceptor_over;
  });
}

std::string Ledger::verdict(std::uint32_t number) const {
  const Entry& entry = entries_[number];
  const EndReport& opener = entry.reports[0];
  const EndReport& acceptor = entry.reports[1];
  if (!opener.begun || !opener.over || (acceptor.begun && !acceptor.over)) {
    return fmt::format("stream {} never ended: {} and {}", number, describe(opener), describe(acceptor));
  }
  const bool disturbed = opener.left_early || acceptor.left_early || opener.heard_abort || acceptor.heard_abort;
  if (disturbed) {
    const bool planned = opener.left_early || acceptor.left_early;
    const auto lost = [](const EndReport& report) { return report.heard_abort == StreamCode::link_lost; };
    if (planned || lost(opener) || lost(acceptor) || !acceptor.begun) return {};
    return fmt::format("stream {} was aborted though nobody did: {} and {}", number, describe(opener),
                       describe(acceptor));
  }
  for (int end = 0; end < 2; ++end) {
    const EndReport& reader = entry.reports[1 - end];
    const bool stopped = entry.plan.ends[1 - end].stop_after.has_value();
    if (!stopped && (!reader.heard_end || reader.received != entry.plan.ends[end].octets)) {
      return fmt::format("stream {}: end {} got {} of {} octets", number, 1 - end, reader.received,
                         entry.plan.ends[end].octets);
    }
  }
  return {};
}

Leg::Leg(Talker& talker, std::uint32_t number, int end)
    : talker_(&talker),
      number_(number),
      end_(end),
      write_timer_(talker.node().loop().timers, [this] { pump(); }),
      read_timer_(talker.node().loop().timers, [this] { give_back(); }) {}

const EndPlan& Leg::plan() const { return talker_->ledger().plan(number_).ends[end_]; }
const EndPlan& Leg::peer_plan() const { return talker_->ledger().plan(number_).ends[1 - end_]; }
EndReport& Leg::report() { return talker_->ledger().report(number_, end_); }

void Leg::begin(std::unique_ptr<tmp::LinkStream> stream) {
  stream_ = std::move(stream);
  stream_->set_handler(this);
  if (report().begun) talker_->ledger().blame(fmt::format("stream {} began twice at end {}", number_, end_));
  report().begun = true;
  write_timer_.arm(talker_->node().loop().now() + plan().write_pause);
}

void Leg::pump() {
  while (!wrote_all_ && stream_->writable() > 0) {
    write_some();
    if (plan().abort_after && report().written >= *plan().abort_after) {
      report().left_early = true;
      stream_->abort(StreamCode::cancelled);
      return leave();
    }
    if (report().written == plan().octets) {
      stream_->finish();
      wrote_all_ = true;
    } else if (plan().write_pause > Duration{}) {
      write_timer_.arm(talker_->node().loop().now() + plan().write_pause);
      break;
    }
  }
  end_if_done();
}

void Leg::write_some() {
  std::uint64_t end = std::min<std::uint64_t>(plan().octets, report().written + stream_->writable());
  if (plan().abort_after) end = std::min(end, *plan().abort_after);
  const std::uint64_t size = std::min<std::uint64_t>(end - report().written, kChunkOctets);
  if (size == 0) return;
  Chunk* chunk = Chunk::make();
  for (std::uint64_t i = 0; i < size; ++i) chunk->data()[i] = pattern_octet(number_, end_, report().written + i);
  stream_->write(Slice(chunk, 0, static_cast<std::uint32_t>(size)));
  report().written += size;
}

void Leg::on_data(Slice data) {
  check(data);
  report().received += data.size();
  if (stop_if_planned()) return;
  if (plan().read_pause == Duration{}) return stream_->consumed(data.size());
  held_ += data.size();
  if (!read_timer_.armed()) read_timer_.arm(talker_->node().loop().now() + plan().read_pause);
}

void Leg::check(const Slice& data) {
  const std::uint64_t at = report().received;
  if (read_all_) talker_->ledger().blame(fmt::format("stream {}: data after the end", number_));
  if (at + data.size() > peer_plan().octets) talker_->ledger().blame(fmt::format("stream {}: too much", number_));
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data.data()[i] == pattern_octet(number_, 1 - end_, at + i)) continue;
    return talker_->ledger().blame(fmt::format("stream {}, end {}: wrong octet at {}", number_, end_, at + i));
  }
}

bool Leg::stop_if_planned() {
  if (!plan().stop_after || report().received < *plan().stop_after || read_all_) return false;
  stream_->stop(StreamCode::unwanted);
  read_all_ = true;
  end_if_done();
  return true;
}

void Leg::give_back() { stream_->consumed(std::exchange(held_, 0)); }

void Leg::on_end() {
  if (read_all_) talker_->ledger().blame(fmt::format("stream {}: two ends", number_));
  report().heard_end = true;
  read_all_ = true;
  end_if_done();
}

void Leg::on_writable() { pump(); }

void Leg::on_stop(StreamCode code) {
  static_cast<void>(code);
  report().heard_stop = true;
  if (!wrote_all_) stream_->finish();
  wrote_all_ = true;
  end_if_done();
}

void Leg::on_abort(const StreamEnd& end) {
  report().heard_abort = end.code;
  leave();
}

void Leg::on_machine_stopped() {
  report().heard_abort = StreamCode::link_lost;
  report().over = true;
}

void Leg::end_if_done() {
  if (wrote_all_ && read_all_) leave();
}

void Leg::leave() {
  report().over = true;
  talker_->drop(*this);  // this is gone now, and its stream
}

void Talker::on_link_up(tmp::Link& link) {
  ++ups_;
  link_ = &link;
}

void Talker::on_link_down(tmp::Link& link, const std::string& reason) {
  ++downs_;
  last_reason_ = reason;
  if (link_ == &link) link_ = nullptr;
}

void Talker::on_link_draining(tmp::Link& link) {
  static_cast<void>(link);
  ++drains_;
}

void Talker::on_peer_expired(tmp::Link& /*link*/, tmp::WallTime /*expired*/) { ++expired_peers_; }

void Talker::on_peer_refused(const SocketAddress& remote, const std::string& reason) {
  refusal_ = remote.text() + ": " + reason;
}

void Talker::on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) {
  static_cast<void>(link);
  std::uint32_t number = 0;
  const std::string& name = opening.site;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || number >= ledger_->size()) return ledger_->blame("a stream that nobody opened");
  const StreamPlan& plan = ledger_->plan(number);
  if (opening.ring >= tmp::kRings || opening.connection != plan.connection) ledger_->blame("a wrong opening");
  add_leg(number, 1).begin(std::move(stream));
}

bool Talker::open(std::uint32_t number) {
  if (link_ == nullptr) return false;
  const StreamPlan& plan = ledger_->plan(number);
  Leg& leg = add_leg(number, 0);
  auto stream = link_->open({tmp::StreamKind::tcp, plan.ring, plan.connection, std::to_string(number)}, leg);
  if (stream == nullptr) {
    drop(leg);
    return false;
  }
  leg.begin(std::move(stream));
  return true;
}

Leg& Talker::add_leg(std::uint32_t number, int end) {
  auto leg = std::make_unique<Leg>(*this, number, end);
  Leg& reference = *leg;
  legs_.emplace(&reference, std::move(leg));
  return reference;
}

void Talker::drop(Leg& leg) { legs_.erase(&leg); }

void Talker::forget_all() {
  for (auto& [key, leg] : legs_) leg->on_machine_stopped();
  legs_.clear();
}

}  // namespace ringway::sim
