#include "tmp_protocol/virtual_flow_ensemble.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

namespace {

constexpr double kInitialWindow = 10;  // packets of a flow that begins (RFC 6928)
constexpr double kInitialFlows = 4;    // whose initial windows a start is worth at most
constexpr double kLeastWindow = 2;
constexpr double kStartBackOff = 0.5;  // doubling overshoots by as much
constexpr double kCubicKeeps = 0.7;    // RFC 9438: beta_cubic
constexpr double kSlack = 10;          // packets below the window that still count as using it
/// Flows of fewer packets than this are seen to lose them one by one.
constexpr double kPairedWindow = 8;
constexpr double kSplitJitter = 0.3;  // so that flows made together do not grow together
constexpr double kStartPacing = 2.0;
constexpr double kPacing = 1.25;

}  // namespace

bool VirtualFlowEnsemble::Episode::take_back(std::uint64_t number) {
  if (number < begin || number >= end || losses == 0) return false;
  return --losses == 0;
}

VirtualFlowEnsemble::VirtualFlowEnsemble(std::uint32_t max_flows, double max_window, Random& random)
    : max_flows_(std::clamp(max_flows, 1U, kMaxVirtualFlows)),
      max_window_(max_window),
      random_(random),
      start_window_(kInitialWindow) {
  flows_.reserve(max_flows_);
}

std::uint32_t VirtualFlowEnsemble::wanted_flows() const { return std::min(hosted_, max_flows_); }

double VirtualFlowEnsemble::weight() const {
  return static_cast<double>(hosted_) / static_cast<double>(wanted_flows());
}

/// W before its bounds.
double VirtualFlowEnsemble::whole() const { return starting_ ? start_window_ : sum_ * weight(); }

double VirtualFlowEnsemble::initial_window() const { return kInitialWindow * std::min<double>(hosted_, kInitialFlows); }

std::size_t VirtualFlowEnsemble::window() const {
  const double most = std::min(held() ? held_ : whole() + drain_, max_window_);
  const double floor = floor_holds_ ? static_cast<double>(hosted_) : 0;
  return static_cast<std::size_t>(std::max({most, floor, kLeastWindow}));
}

double VirtualFlowEnsemble::pacing_rate(std::size_t packet_octets, Duration smoothed_rtt) const {
  const double octets = static_cast<double>(window()) * static_cast<double>(packet_octets);
  return (starting_ ? kStartPacing : kPacing) * octets / to_seconds(std::max<Duration>(smoothed_rtt, Duration(1000)));
}

void VirtualFlowEnsemble::on_ack(const AckedBatch& batch) {
  floor_holds_ = true;
  drain_ = std::max(drain_ - drain_rate_ * static_cast<double>(batch.packets), 0.0);
  const auto in_flight = static_cast<double>(batch.in_flight);
  const auto now_allowed = static_cast<double>(window());
  // Start-up doubles, so half a window in use is a window that the next round will use.
  used_ = starting_ ? 2 * in_flight >= now_allowed : in_flight + std::min(kSlack, now_allowed / 4) >= now_allowed;
  const Duration passed = std::min(batch.now - last_ack_, batch.smoothed_rtt);
  last_ack_ = batch.now;
  path_window_ = batch.path_window;
  if (!starting_ && !held() && batch.largest < settling_) settle();
  if (!used_) return;
  if (!starting_) growth_clock_ += to_seconds(passed);
  if (held() || whole() >= max_window_) return;
  if (starting_) {
    grow_start(batch);
  } else {
    grow_flows(batch);
  }
}

void VirtualFlowEnsemble::grow_start(const AckedBatch& batch) {
  start_window_ += hystart_.growth() * static_cast<double>(batch.packets);
  hystart_.on_ack(batch.largest, batch.next_number, batch.latest_rtt);
  const bool remembered = start_target_ > 0 && start_window_ >= start_target_;
  if (remembered || hystart_.done()) return end_start(start_window_);
  // What was sent since overshot, and its losses are answered with this cut.
  if (batch.queued) {
    cubics_window_ = start_window_;
    cut_start(batch.next_number);
  }
}

void VirtualFlowEnsemble::grow_flows(const AckedBatch& batch) {
  const double share = static_cast<double>(batch.packets) / sum_ / weight();
  const double rtt = to_seconds(batch.smoothed_rtt);
  for (Flow& flow : flows_) {
    if (batch.largest < flow.episode.end) continue;  // still recovering
    flow.cubic.on_ack(share * flow.cubic.window, growth_clock_, rtt);
  }
  recount();
}

void VirtualFlowEnsemble::recount() {
  sum_ = 0;
  for (const Flow& flow : flows_) sum_ += flow.cubic.window;
}

void VirtualFlowEnsemble::begin_start(double window, double target, std::uint64_t next_number) {
  starting_ = true;
  held_ = 0;
  start_window_ = window;
  start_target_ = target;
  start_episode_ = {};
  hystart_.restart(next_number);
  flows_.clear();
  drain_ = 0;
}

void VirtualFlowEnsemble::end_start(double window) {
  const std::uint32_t flows = wanted_flows();
  const double each = window / static_cast<double>(hosted_);
  starting_ = false;
  flows_.assign(flows, Flow{});
  for (Flow& flow : flows_) {
    flow.cubic.window = each;
    const double jitter = flows == 1 ? 0 : kSplitJitter * (2 * random_.unit() - 1);
    flow.cubic.max_window = each * (1 + jitter);
    flow.episode = start_episode_;
    flow.episode.losses = 0;
  }
  recount();
}

/// The sign that the path is full is one round trip old: the window has doubled since.
void VirtualFlowEnsemble::cut_start(std::uint64_t next_number) {
  start_before_ = start_window_;
  start_episode_ = {start_episode_.begin, next_number, 1};
  settling_ = next_number + static_cast<std::uint64_t>(start_window_);
  end_start(std::max({start_window_ * kStartBackOff, std::min(path_window_, start_window_), kLeastWindow}));
}

/// What the path delivered while start-up's last packets filled it is proven, even where the cut went below it.
void VirtualFlowEnsemble::settle() {
  const double proven = std::min(path_window_, start_before_);
  if (proven > whole()) scale(proven / whole());
}

FlowCharge VirtualFlowEnsemble::on_loss(std::uint64_t number, std::uint64_t next_number) {
  if (starting_) {
    if (number < start_episode_.begin) return kNotCharged;  // of the collapse that this start recovers from
    cubics_window_ = start_window_ * kCubicKeeps;
    cut_start(next_number);
    return kStartCharge;
  }
  if (number < start_episode_.end) {
    ++start_episode_.losses;
    return kStartCharge;
  }
  // A TCP sender releases packets in pairs, one for each acknowledgement of two: neighbours are one flow's.
  const bool pair =
      number == last_loss_ + 1 && last_flow_ < flows_.size() && flows_[last_flow_].cubic.window >= kPairedWindow;
  last_loss_ = pair ? 0 : number;
  if (!pair) last_flow_ = choose();
  Flow& flow = flows_[last_flow_];
  if (number >= flow.episode.end) back_off(flow, next_number);
  ++flow.episode.losses;
  return static_cast<FlowCharge>(last_flow_);
}

void VirtualFlowEnsemble::back_off(Flow& flow, std::uint64_t next_number) {
  flow.before = flow.cubic;
  flow.cubic.back_off(kLeastWindow);
  flow.episode = {flow.episode.end, next_number, 0};
  recount();
}

/// What the flows just gave up leaves the window over the next round trip and not at once: a sender that stops
/// dead leaves the path idle and sends in lumps later (RFC 6937).
void VirtualFlowEnsemble::drain(double packets) {
  drain_ += packets;
  drain_rate_ = drain_ / std::max(whole() + drain_, 1.0);
}

/// A flow by its share of the window. One that has backed off already in this round trip may come up again, as
/// with independent connections: it absorbs the loss.
std::size_t VirtualFlowEnsemble::choose() {
  double left = sum_ * random_.unit();
  std::size_t at = 0;
  while (at + 1 < flows_.size() && (left -= flows_[at].cubic.window) >= 0) ++at;
  return at;
}

void VirtualFlowEnsemble::on_spurious(std::uint64_t number, FlowCharge charge) {
  if (charge == kStartCharge) {
    if (!starting_ && start_episode_.take_back(number)) begin_start(start_before_, 0, start_episode_.end);
    return;
  }
  if (charge >= flows_.size()) return;
  Flow& flow = flows_[charge];
  if (!flow.episode.take_back(number)) return;
  const double window = std::max(flow.cubic.window, flow.before.window);
  flow.cubic = flow.before;
  flow.cubic.window = window;
  flow.episode = {};
  recount();
}

void VirtualFlowEnsemble::on_congestion_marks(std::uint64_t marks, std::uint64_t number, std::uint64_t next_number) {
  marks = std::min<std::uint64_t>(marks, kMaxVirtualFlows);
  for (; marks != 0; --marks) {
    // No mark can prove spurious: the charge is dropped, and with it the way back.
    static_cast<void>(on_loss(number, next_number));
  }
}

void VirtualFlowEnsemble::on_persistent_congestion(std::uint64_t next_number) {
  const double was = held() ? held_ : whole();
  const double target = was * kStartBackOff;
  begin_start(std::min(initial_window(), was), std::max(target, kInitialWindow), next_number);
  start_episode_.begin = next_number;
}

void VirtualFlowEnsemble::on_outage(std::uint64_t next_number) {
  on_restart(next_number);
  start_episode_.begin = next_number;
}

void VirtualFlowEnsemble::on_restart(std::uint64_t next_number) {
  if (starting_) return;
  const double was = held() ? held_ : whole();
  begin_start(std::max(was * kStartBackOff, std::min(initial_window(), was)), was, next_number);
}

void VirtualFlowEnsemble::release(double packets) {
  held_ = 0;
  drain_ = 0;
  end_start(std::max(packets, kLeastWindow));
}

void VirtualFlowEnsemble::release_lossless(double packets) {
  release(packets);
  for (Flow& flow : flows_) flow.cubic.lossless = true;
}

bool VirtualFlowEnsemble::lossless() const {
  return std::all_of(flows_.begin(), flows_.end(), [](const Flow& flow) { return flow.cubic.lossless; });
}

void VirtualFlowEnsemble::set_max_window(double packets) { max_window_ = packets; }

void VirtualFlowEnsemble::scale(double factor) {
  for (Flow& flow : flows_) flow.cubic.scale(factor);
  sum_ *= factor;
}

void VirtualFlowEnsemble::set_hosted(std::uint32_t hosted, bool queued) {
  hosted = std::clamp(hosted, 1U, static_cast<std::uint32_t>(limits::kMaxHostedConnections));
  while (hosted_ < hosted) add_connection();
  while (hosted_ > hosted) remove_connection(queued);
}

/// Where the window is in use the newcomer brings an initial window, as a TCP connection would; where it is
/// not, that window would be unproven, and it takes its share from the others.
void VirtualFlowEnsemble::add_connection() {
  const double before = whole();
  ++hosted_;
  if (starting_) {
    start_window_ = std::max(start_window_, initial_window());
    return;
  }
  const double mean = before / static_cast<double>(hosted_);
  const double brought = used_ ? std::min(kInitialWindow, mean) : 0;
  if (flows_.size() == wanted_flows()) return scale((before + brought) / whole());
  if (!used_) scale((before - mean) / before);
  Flow& flow = flows_.emplace_back();
  flow.cubic.window = used_ ? brought : mean;
  flow.cubic.max_window = mean;
  recount();
}

void VirtualFlowEnsemble::remove_connection(bool queued) {
  const double before = whole();
  const double share = before / static_cast<double>(hosted_);
  --hosted_;
  if (starting_) return;
  double gone = share;
  if (flows_.size() > wanted_flows()) {
    gone = flows_.back().cubic.window;
    flows_.pop_back();
    recount();
  }
  scale((queued ? before - gone : before) / whole());
  if (queued && !held()) drain(gone);
}

}  // namespace ringway::tmp
