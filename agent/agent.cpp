#include "agent/agent.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::agent {

namespace {

double unix_seconds(tmp::WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace

tmp::Revocations revocations_of(const Welcome& revoked) {
  tmp::Revocations revocations;
  revocations.serials.insert(revoked.revoked_serials.begin(), revoked.revoked_serials.end());
  for (const std::string& text : revoked.revoked_identities) {
    if (std::optional<tmp::PeerIdentity> identity = tmp::parse_identity(text)) revocations.identities.insert(*identity);
  }
  return revocations;
}

Agent::Figures::Figures(Metrics& metrics)
    : connected(metrics.gauge("ringway_manager_connected", "Whether a manager is reached.")),
      revision(metrics.gauge("ringway_manager_revision", "The revision in use; 0: none.")),
      draining(metrics.gauge("ringway_draining", "Whether a manager has ordered to drain.")),
      expires(metrics.gauge("ringway_certificate_expires_seconds", "When the own certificate ends, since 1970.")),
      expired_taken(metrics.gauge("ringway_expired_certificates_taken",
                                  "Whether peers' expired certificates are taken: no manager is reached.")),
      refused(metrics.counter("ringway_manager_contents_refused_total", "Contents of managers that were refused.")),
      disk_faults(metrics.counter("ringway_manager_state_faults_total",
                                  "Times that what a manager said could not be kept on the disk.")) {}

Agent::Agent(AgentParts parts, AgentSettings settings, Content in_use)
    : parts_(std::move(parts)),
      settings_(std::move(settings)),
      figures_(parts_.metrics),
      in_use_(std::move(in_use)),
      away_since_(parts_.loop.now()),
      renewal_(settings_.certificate, parts_.loop.random),
      tick_(parts_.loop.timers, [this] { tick(); }),
      trial_(parts_.loop.timers, [this] { on_lived(); }),
      connection_(parts_.loop, settings_.managers, parts_.dial, *this) {
  figures_.revision.set(static_cast<double>(in_use_.mark.revision));
  figures_.expires.set(unix_seconds(settings_.certificate.expires));
  trust_.grace = settings_.grace;
  trust_.revoked = std::make_shared<const tmp::Revocations>(revocations_of(parts_.disk.revoked()));
}

void Agent::start() {
  for (const ContentStatus& refusal : parts_.disk.refusals()) {
    parts_.log.warning("a revision stays refused",
                       {{"refused", std::to_string(refusal.mark.revision)}, {"reason", refusal.reason}});
  }
  connection_.start();
  tick();
}

void Agent::stop() {
  tick_.cancel();
  draining_ = true;
  if (connected()) report();
  if (trial_.armed()) note(parts_.disk.end_trial());
  trial_.cancel();
  connection_.stop();
}

void Agent::on_local_change() {
  const std::size_t refused = parts_.disk.refusals().size();
  note(parts_.disk.forgive());
  // The next manager hears of what still is refused, and may offer the rest.
  if (connected() && parts_.disk.refusals().size() < refused) connection_.hang_up("the local file has changed");
}

// --- The connection

void Agent::on_connected(const SocketAddress& /*manager*/) {
  connected_at_ = parts_.loop.now();
  taker_.clear();
  table_taker_.clear();
  // With an expired certificate a manager hears of nothing else, and hangs up when it has answered.
  if (parts_.loop.clock.wall() >= settings_.certificate.expires) return ask_for_certificate();
  Message message;
  message.hello = Hello{settings_.release, in_use_.mark};
  if (std::exchange(asks_for_all_, false)) message.hello->in_use.hash.clear();
  connection_.send(message);
  for (const ContentStatus& refusal : parts_.disk.refusals()) tell(refusal.mark, Stage::refused, refusal.reason);
}

void Agent::on_lost(const SocketAddress& manager, const std::string& reason) {
  connected_at_ = kNever;
  renewing_ = false;
  if (connected()) {
    away_since_ = parts_.loop.now();
    figures_.connected.set(0);
  }
  parts_.log.limited("manager lost", LogLevel::warning, "no manager",
                     {{"address", manager.text()}, {"reason", reason}});
}

void Agent::on_message(Message message) {
  if (message.welcome) take_welcome(*message.welcome);
  if (message.content) take_part(std::move(*message.content));
  if (message.table) take_table(std::move(*message.table));
  if (message.order) take_order(*message.order);
  if (message.issued) take_issued(*message.issued);
}

void Agent::take_welcome(const Welcome& welcome) {
  if (!connected()) {
    parts_.log.info("a manager is reached");
    away_since_ = kNever;
    figures_.connected.set(1);
    connection_.settle();
  }
  const Welcome& known = parts_.disk.revoked();
  if (welcome.revoked_serials != known.revoked_serials || welcome.revoked_identities != known.revoked_identities) {
    note(parts_.disk.revoke(welcome));
    trust_.revoked = std::make_shared<const tmp::Revocations>(revocations_of(welcome));
    trust_.expired = tmp::ExpiredPeers::refuse;
    update_trust();
  }
  judge_expired();
}

// --- Contents

void Agent::take_part(ContentPart part) {
  Result<std::optional<Content>> whole = taker_.take(std::move(part), in_use_);
  if (!whole) {
    asks_for_all_ = true;
    return connection_.hang_up(whole.error().message);
  }
  if (*whole) take_content(std::move(**whole));
}

void Agent::take_table(TablePart part) {
  const TableText kind = part.kind;
  const Result<std::optional<std::string>> whole = table_taker_.take(std::move(part));
  if (!whole) return connection_.hang_up(whole.error().message);
  if (!*whole) return;
  const Status taken = parts_.gateway.take_table(kind, **whole);
  if (!taken) connection_.hang_up(taken.error().message);
}

void Agent::take_content(Content content) {
  const ContentMark& mark = content.mark;
  if (mark.epoch < in_use_.mark.epoch) {
    return tell(mark, Stage::refused,
                fmt::format("it is of the epoch {}, and what is in use is of {}", mark.epoch, in_use_.mark.epoch));
  }
  if (mark.hash == in_use_.mark.hash) return renumber(mark);
  if (const ContentStatus* known = parts_.disk.refusal_of(mark.hash)) {
    return tell(mark, Stage::refused, std::string(known->reason));
  }
  try_content(std::move(content));
}

void Agent::try_content(Content content) {
  note(parts_.disk.begin_trial(content));
  const Result<ManagedGateway::Change> change = parts_.gateway.judge(content);
  if (!change) return refuse(content.mark, change.error().message);
  tell(content.mark, Stage::validated);
  const Status in_use = (*change)();
  if (!in_use) return refuse(content.mark, in_use.error().message);
  in_use_ = std::move(content);
  trial_.arm(parts_.loop.now() + limits::kContentTrial);
  figures_.revision.set(static_cast<double>(in_use_.mark.revision));
  parts_.log.info("applied what a manager says");
  tell(in_use_.mark, Stage::applied);
}

/// The same content as another revision or turn.
void Agent::renumber(const ContentMark& mark) {
  const bool other = mark.revision != in_use_.mark.revision;
  in_use_.mark = mark;
  note(trial_.armed() ? parts_.disk.begin_trial(in_use_) : parts_.disk.pass_trial(in_use_));
  if (other) {
    parts_.gateway.set_revision(mark.revision);
    figures_.revision.set(static_cast<double>(mark.revision));
  }
  tell(mark, Stage::applied);
}

void Agent::refuse(const ContentMark& mark, const std::string& reason) {
  // What is in use is good only when it has lived: the trial is its again.
  note(trial_.armed() ? parts_.disk.begin_trial(in_use_) : parts_.disk.end_trial());
  note(parts_.disk.refuse({mark, Stage::refused, reason}));
  figures_.refused.add();
  parts_.log.error("refused what a manager wants", {{"refused", std::to_string(mark.revision)}, {"reason", reason}});
  tell(mark, Stage::refused, reason);
}

void Agent::tell(const ContentMark& mark, Stage stage, const std::string& reason) {
  Message message;
  message.status = ContentStatus{mark, stage, reason.substr(0, limits::kMaxRefusalOctets)};
  connection_.send(message);
}

void Agent::on_lived() { note(parts_.disk.pass_trial(in_use_)); }

void Agent::note(const Status& stored) {
  if (stored) return;
  figures_.disk_faults.add();
  parts_.log.limited("state", LogLevel::error, "what a manager said cannot be kept",
                     {{"reason", stored.error().message}});
}

// --- Orders

void Agent::take_order(const Order& order) {
  if (order.kind == OrderKind::close_link) {
    parts_.log.info("closing a link by a manager's order", {{"peer", order.peer}});
    return parts_.gateway.close_link(order.peer);
  }
  const bool drain = order.kind == OrderKind::drain;
  if (drain != draining_) parts_.log.info(drain ? "draining by a manager's order" : "serving again");
  draining_ = drain;
  figures_.draining.set(drain ? 1 : 0);
}

// --- Each second

void Agent::tick() {
  tick_.arm(parts_.loop.now() + limits::kReportInterval);
  const Time now = parts_.loop.now();
  report();
  if (connected()) {
    renew();
  } else if (connection_.open() && now - connected_at_ > limits::kWelcomeLimit) {
    connection_.hang_up("the manager does not answer");
  }
  judge_expired();
  if (renewal_.warns(parts_.loop.clock.wall(), now)) {
    parts_.log.warning("the own certificate has expired: peers take it for as long as no manager can be reached");
  }
}

/// Asked for even where nobody hears it: what it tells of is the time since the last one.
void Agent::report() {
  Message message;
  message.report = parts_.gateway.report();
  message.report->state = draining_ ? "draining" : "serving";
  if (connected() && connection_.writable()) connection_.send(message);
}

void Agent::judge_expired() {
  const bool away = !connected() && parts_.loop.now() - away_since_ >= limits::kManagerAwayLimit;
  const tmp::ExpiredPeers judged = away ? tmp::ExpiredPeers::accept_known : tmp::ExpiredPeers::refuse;
  if (judged == trust_.expired) return;
  trust_.expired = judged;
  figures_.expired_taken.set(away ? 1 : 0);
  update_trust();
}

void Agent::update_trust() { parts_.gateway.set_trust(trust_); }

// --- The own certificate

void Agent::renew() {
  if (!renewing_ && renewal_.due(parts_.loop.clock.wall(), parts_.loop.now())) ask_for_certificate();
}

void Agent::ask_for_certificate() {
  const Result<std::string> request = parts_.gateway.certificate_request();
  if (!request) {
    renewal_.on_failed(parts_.loop.now());
    return parts_.log.error("the certificate cannot be renewed", {{"reason", request.error().message}});
  }
  renewing_ = true;
  Message message;
  message.request = CertificateRequest{"", *request};
  connection_.send(message);
}

void Agent::take_issued(const Issued& issued) {
  if (!std::exchange(renewing_, false)) return;
  const Result<tmp::CertificateSpan> taken = issued.certificate.empty()
                                                 ? Result<tmp::CertificateSpan>(internal_error(issued.refusal))
                                                 : parts_.gateway.take_certificate(issued.certificate);
  if (!taken) {
    renewal_.on_failed(parts_.loop.now());
    return parts_.log.error("the certificate was not renewed", {{"reason", taken.error().message}});
  }
  settings_.certificate = *taken;
  renewal_.begin(*taken);
  figures_.expires.set(unix_seconds(taken->expires));
  parts_.log.info("the certificate is renewed", {{"expires", format_wall_time(taken->expires)}});
}

}  // namespace ringway::agent
