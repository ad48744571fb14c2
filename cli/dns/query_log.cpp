#include "cli/dns/query_log.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "redirector_dns/steering/choice.h"
#include "redirector_dns/wire/query.h"

namespace ringway::cli {

namespace {

void append_text(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_quoted(out, value);
}

void append_number(std::string& out, std::string_view name, std::uint64_t value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, value);
}

void append_question(std::string& out, const AnsweredQuery& answered) {
  dns::Query query;
  if (dns::read_query(answered.query, query) == dns::Verdict::ignore) return;
  const dns::Asker asker = dns::asker_of(query.edns ? query.edns->subnet : std::nullopt, answered.sender.address);
  if (asker.by_subnet) append_text(out, "subnet", fmt::format("{}/{}", asker.address.text(), asker.prefix_bits));
  if (query.question.empty()) return;
  append_text(out, "name", query.name.text());
  append_text(out, "type", dns::type_text(query.type));
}

void append_choice(std::string& out, const dns::steering::TableSteering& steering, dns::RecordType type) {
  const dns::steering::TableSteering::Answered& last = steering.last();
  const dns::steering::Choice& choice = last.of(type);
  append_text(out, "site", last.site->name);
  append_text(out, "pop", steering.table()->atlas().pops[choice.pop].name);
  append_text(out, "reason", dns::steering::reason_name(choice.reason));
  append_number(out, "scope", choice.scope_bits);
  append_number(out, "ttl", last.ttl_s);
  append_number(out, "table", steering.table()->number());
}

}  // namespace

std::string query_line(const AnsweredQuery& answered) {
  std::string line = fmt::format("{{\"time\":\"{}\"", format_wall_time(answered.at));
  append_text(line, "client", answered.sender.address.text());
  append_question(line, answered);
  append_text(line, "transport", answered.sender.transport == dns::Transport::udp ? "udp" : "tcp");
  append_text(line, "outcome", dns::outcome_name(answered.reply.outcome));
  if (answered.reply.outcome == dns::Outcome::steered) append_choice(line, answered.steering, answered.reply.type);
  return line + "}";
}

void QueryLog::set_sample(double sample) {
  if (sample == sample_) return;
  sample_ = sample;
  passed_over_ = gap();
}

/// Geometrically distributed.
std::uint64_t QueryLog::gap() {
  if (sample_ <= 0) return kForEver;
  if (sample_ >= 1) return 0;
  return static_cast<std::uint64_t>(std::log1p(-random_.unit()) / std::log1p(-sample_));
}

void QueryLog::write(const AnsweredQuery& answered) {
  if (waiting_.size() >= kWaitingOctets) {
    ++dropped_;
    return;
  }
  waiting_ += query_line(answered);
  waiting_ += '\n';
}

std::string QueryLog::take() { return std::exchange(waiting_, {}); }

Counter& dropped_lines(Metrics& metrics) {
  return metrics.counter("ringway_dns_query_log_dropped_total",
                         "Lines of the query log that were dropped for want of room, in memory or on the disk.");
}

}  // namespace ringway::cli
