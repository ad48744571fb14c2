#include "cli/dns/explain.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "redirector_dns/steering/table_steering.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::cli {

namespace {

using dns::steering::Candidate;
using dns::steering::Choice;
using dns::steering::Explanation;
using dns::steering::Frontend;
using dns::steering::SteeringTable;
using dns::steering::TableSteering;

Result<dns::Asker> parse_client(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return client_error(text + ": neither an address nor a network");
  const unsigned width = address->is_v4() ? 32 : 128;
  if (slash == std::string::npos) return dns::Asker{*address, width, false};
  const auto network = dns::steering::Network::parse(text);
  if (!network) return client_error(text + ": " + network.error().message);
  return dns::Asker{network->address(), network->bits, true};
}

Result<std::string> site_of(const dns::ZoneSet& zones, const std::string& text) {
  auto name = dns::Name::parse(text);
  if (!name) return client_error(text + ": " + name.error().message);
  name->make_lower();
  const std::size_t zone = zones.find(*name, dns::RecordType::a);
  if (zone == dns::ZoneSet::kNoZone) return client_error(text + ": in none of the zones");
  const dns::Finding finding = zones.zones()[zone]->find(*name, dns::RecordType::a);
  if (finding.kind != dns::Finding::Kind::steered) return client_error(text + ": is not steered");
  return std::string(finding.site);
}

void append_candidate(std::string& out, const SteeringTable& table, const Candidate& candidate,
                      const std::string& distance) {
  fmt::format_to(std::back_inserter(out), "  {:<20} sheds {:>6.2f} %  hash {:.4f}  {} answering  {}{}\n",
                 table.atlas().pops[candidate.pop].name, 100 * candidate.shed, candidate.hash, candidate.answering,
                 dns::steering::verdict_name(candidate.verdict), distance);
}

void append_addresses(std::string& out, const std::vector<IpAddress>& addresses) {
  for (const IpAddress& address : addresses) out += " " + address.text();
}

enum class Shown : std::uint8_t { a, aaaa, both };

void append_answer(std::string& out, const SteeringTable& table, const Choice& choice, std::uint32_t ttl_s,
                   Shown shown) {
  const char* const to = shown == Shown::both ? "" : shown == Shown::a ? " to A" : " to AAAA";
  fmt::format_to(std::back_inserter(out), "answer{}: {} ({}), TTL {} s, scope /{}\n", to,
                 table.atlas().pops[choice.pop].name, dns::steering::reason_name(choice.reason), ttl_s,
                 choice.scope_bits);
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Frontend& frontend = table.atlas().frontends[choice.frontends[i]];
    fmt::format_to(std::back_inserter(out), "  {:<20}", frontend.name);
    if (shown != Shown::aaaa) append_addresses(out, frontend.v4);
    if (shown != Shown::a) append_addresses(out, frontend.v6);
    out += '\n';
  }
}

/// One for all types, or where some of the front-ends have one family only A's and AAAA's.
void append_answers(std::string& out, const SteeringTable& table, const TableSteering::Answered& answered) {
  if (!answered.apart) {
    append_answer(out, table, answered.choice, answered.ttl_s, Shown::both);
    return;
  }
  append_answer(out, table, answered.choice, answered.ttl_s, Shown::a);
  append_answer(out, table, answered.aaaa_choice, answered.ttl_s, Shown::aaaa);
}

}  // namespace

Result<std::string> explain_text(const DnsContent& content, const std::optional<OwnSteering>& own,
                                 const Explained& asked, dns::steering::WallSeconds now) {
  const auto asker = parse_client(asked.client);
  if (!asker) return asker.error();
  const auto site_name = site_of(*content.zones, asked.name);
  if (!site_name) return site_name.error();
  TableSteering steering;
  steering.use(content.table);
  steering.set_now(now);
  if (steering.steer(*site_name, *asker) == nullptr) {
    return client_error(*site_name + ": the steering does not know this site");
  }
  const SteeringTable& table = *content.table;
  const Explanation told = dns::steering::explain(table, *steering.last().site, *asker, now);
  std::string out =
      fmt::format("{}: site {}, table {}\nclient {}: cell {}{}\n", asked.name, *site_name, table.number(), asked.client,
                  told.cell.text(), told.slotted ? ", a busy resolver: it is answered by time" : "");
  std::optional<DistanceTexts> distances;
  if (own) distances.emplace(*own, asker->address);
  for (const Candidate& candidate : told.candidates) {
    append_candidate(out, table, candidate, distances ? ", " + distances->of(candidate.pop) : "");
  }
  append_answers(out, table, steering.last());
  return out;
}

std::string dump_text(const DnsContent& content) {
  std::string out;
  for (const auto& zone : content.zones->zones()) {
    fmt::format_to(std::back_inserter(out), "zone {} {} names {} records\n", zone->apex().text(), zone->name_count(),
                   zone->record_count());
  }
  if (content.table != nullptr) out += dns::steering::table_text(*content.table);
  return out;
}

}  // namespace ringway::cli
