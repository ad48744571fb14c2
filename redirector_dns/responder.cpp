#include "redirector_dns/responder.h"

#include <algorithm>
#include <cassert>

#include "redirector_dns/limits.h"
#include "redirector_dns/wire/edns.h"

namespace ringway::dns {

namespace {

/// HINFO "RFC8482" "": the one record that stands for ANY (RFC 8482 §4.2).
constexpr std::uint8_t kAnyRecords[] = {0, 9, 7, 'R', 'F', 'C', '8', '4', '8', '2', 0};

Rcode rcode_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::nxdomain: return Rcode::nxdomain;
    case Outcome::yxdomain: return Rcode::yxdomain;
    case Outcome::refused: return Rcode::refused;
    case Outcome::formerr: return Rcode::formerr;
    case Outcome::notimp: return Rcode::notimp;
    case Outcome::badvers: return Rcode::badvers;
    case Outcome::badcookie: return Rcode::badcookie;
    default: return Rcode::noerror;
  }
}

Outcome outcome_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::data:
    case Finding::Kind::cname:
    case Finding::Kind::dname: return Outcome::answer;
    case Finding::Kind::steered: return Outcome::steered;
    case Finding::Kind::nodata: return Outcome::nodata;
    case Finding::Kind::nxdomain: return Outcome::nxdomain;
    case Finding::Kind::delegation: return Outcome::referral;
  }
  return Outcome::refused;
}

/// Whether it is the zone's own word, not a pointer elsewhere.
bool is_authoritative(Outcome outcome) {
  return outcome == Outcome::steered || outcome == Outcome::answer || outcome == Outcome::nodata ||
         outcome == Outcome::nxdomain || outcome == Outcome::yxdomain;
}

std::size_t room_for(const Query& query, Transport transport, std::size_t out) {
  if (transport == Transport::tcp) return std::min(out, kMaxMessageOctets);
  const std::size_t asked = query.edns ? query.edns->udp_octets : 0;
  return std::min(out, std::clamp<std::size_t>(asked, limits::kMinDnsAnswerOctets, limits::kDnsUdpOctets));
}

}  // namespace

struct Responder::Case {
  Case(const Sender& from, Moment at) : sender(from), moment(at) {}

  const Sender& sender;
  Moment moment;
  Query query;
  Name name;  // the question's in lower case
  Outcome outcome = Outcome::ignored;
  std::size_t zone_index = ZoneSet::kNoZone;
  const Zone* zone = nullptr;
  Finding finding;
  std::optional<CookieAnswer> cookie;
  EdnsAnswer edns;
  bool lacks_room = false;

  /// Whom the records that were found belong to.
  [[nodiscard]] Owner owner() const { return Owner::question(query.name.size() - finding.owner_octets); }
  [[nodiscard]] Asker asker() const { return asker_of(query.edns ? query.edns->subnet : std::nullopt, sender.address); }
};

/// Of answers without records there is room for it in any case, of others prepare_edns() has seen to it.
std::optional<ExtendedError> Responder::error_of(const Case& work) const {
  if (work.outcome == Outcome::steered && steering_.is_stale()) return ExtendedError::stale_answer;
  if (work.outcome == Outcome::notimp) return ExtendedError::not_supported;
  if (work.outcome != Outcome::refused) return std::nullopt;
  if (work.zone != nullptr) return ExtendedError::not_ready;
  const bool transfer = work.query.type == RecordType::axfr || work.query.type == RecordType::ixfr;
  return transfer ? ExtendedError::prohibited : ExtendedError::not_authoritative;
}

Responder::Responder(ResponderSettings settings, Steering& steering)
    : settings_(std::move(settings)),
      steering_(steering),
      limiter_(settings_.rate, settings_.rate_key),
      zones_(std::make_shared<const ZoneSet>()) {
  assert(settings_.nsid.size() <= limits::kMaxNsidOctets);
}

void Responder::set_zones(std::shared_ptr<const ZoneSet> zones) {
  std::vector<OutcomeCounts> counts(zones->zones().size());
  // Both are in canonical order.
  std::size_t old = 0;
  for (std::size_t index = 0; index < counts.size(); ++index) {
    const NameView apex = zones->zones()[index]->apex();
    while (old < zone_counts_.size() && canonical_order(zones_->zones()[old]->apex(), apex) < 0) ++old;
    if (old < zone_counts_.size() && zones_->zones()[old]->apex() == apex) counts[index] = zone_counts_[old];
  }
  zones_ = std::move(zones);
  zone_counts_ = std::move(counts);
}

Reply Responder::respond(const Sender& sender, Moment moment, Bytes query, MutableBytes out) {
  Case work(sender, moment);
  decide(read_query(query, work.query), work);
  Reply reply;
  if (guard(work)) reply.octets = write(work, out);
  reply.outcome = work.lacks_room ? Outcome::truncated : work.outcome;
  reply.zone = work.zone_index;
  reply.type = work.query.type;
  count(reply);
  return reply;
}

void Responder::count(const Reply& reply) {
  counts_.count(reply.outcome);
  (reply.zone == ZoneSet::kNoZone ? outside_counts_ : zone_counts_[reply.zone]).count(reply.outcome);
}

void Responder::decide(Verdict verdict, Case& work) const {
  const std::optional<Outcome> outcome = outcome_without_zones(verdict, work.query);
  if (outcome) {
    work.outcome = *outcome;
  } else {
    decide_by_zone(work);
  }
}

/// What is decided whatever the zones hold, or nothing.
std::optional<Outcome> Responder::outcome_without_zones(Verdict verdict, const Query& query) const {
  switch (verdict) {
    case Verdict::ignore: return Outcome::ignored;
    case Verdict::formerr: return Outcome::formerr;
    case Verdict::notimp: return Outcome::notimp;
    case Verdict::answer: break;
  }
  if (query.edns && query.edns->version != 0) return Outcome::badvers;
  if (query.question.empty()) return settings_.cookies ? Outcome::answer : Outcome::formerr;  // it wants only a cookie
  if (query.record_class != kClassIn) return Outcome::refused;
  if (query.type == RecordType::axfr || query.type == RecordType::ixfr) return Outcome::refused;
  if (is_meta_type(query.type) && query.type != RecordType::any) return Outcome::notimp;
  return std::nullopt;
}

void Responder::decide_by_zone(Case& work) const {
  work.name = Name(work.query.name);
  work.name.make_lower();
  work.zone_index = zones_->find(work.name, work.query.type);
  if (work.zone_index == ZoneSet::kNoZone) {
    work.outcome = Outcome::refused;
    return;
  }
  work.zone = zones_->zones()[work.zone_index].get();
  work.finding = work.zone->find(work.name, work.query.type);
  work.outcome = outcome_of(work.finding.kind);
}

/// Whether anything is sent.
bool Responder::guard(Case& work) {
  if (work.outcome == Outcome::ignored) return false;
  check_cookie(work);
  switch (check_rate(work)) {
    case RateLimiter::Pass::send: return true;
    case RateLimiter::Pass::truncate: work.outcome = work.cookie ? Outcome::badcookie : Outcome::slipped; return true;
    case RateLimiter::Pass::drop: work.outcome = Outcome::dropped; return false;
  }
  return false;
}

void Responder::check_cookie(Case& work) const {
  const std::optional<Edns>& edns = work.query.edns;
  if (!settings_.cookies || !edns || edns->cookie.empty()) return;
  work.cookie = answer_cookie(*settings_.cookies, edns->cookie, work.sender.address, work.moment.wall_s);
  const bool only_cookie = work.query.question.empty() && work.outcome == Outcome::answer;
  if (only_cookie && work.cookie->check == CookieAnswer::Check::invalid) work.outcome = Outcome::badcookie;
}

/// Who has shown that its address is its own is not limited.
RateLimiter::Pass Responder::check_rate(const Case& work) {
  const bool proven = work.cookie && work.cookie->check == CookieAnswer::Check::valid;
  if (work.sender.transport == Transport::tcp || proven) return RateLimiter::Pass::send;
  const bool gives = work.outcome == Outcome::steered || work.outcome == Outcome::answer;
  const auto kind = gives ? RateLimiter::Kind::answer : RateLimiter::Kind::other;
  return limiter_.check(work.sender.address, kind, work.moment.now);
}

void Responder::prepare_edns(Case& work) const {
  const Edns& asked = *work.query.edns;
  work.edns.dnssec_ok = asked.dnssec_ok;
  work.edns.subnet = asked.subnet;
  if (asked.wants_nsid) work.edns.nsid = as_bytes(settings_.nsid);
  if (work.cookie) work.edns.cookie = work.cookie->cookie;
  work.edns.error = error_of(work);
  if (asked.wants_keepalive && work.sender.transport == Transport::tcp && settings_.tcp_idle.count() > 0) {
    const auto deciseconds = std::min<std::int64_t>(settings_.tcp_idle.count() / 100, UINT16_MAX);
    work.edns.keepalive_ds = static_cast<std::uint16_t>(deciseconds);
  }
}

std::size_t Responder::write(Case& work, MutableBytes out) {
  EdnsAnswer* edns = work.query.edns ? &work.edns : nullptr;
  if (edns != nullptr) prepare_edns(work);
  const MutableBytes room = out.first(room_for(work.query, work.sender.transport, out.size()));
  MessageWriter writer(work.query, room, edns != nullptr ? edns_octets(*edns) : 0);
  const bool guarded = work.outcome == Outcome::slipped || work.outcome == Outcome::badcookie;
  work.lacks_room = work.zone != nullptr && !guarded && !write_records(work, writer);
  if (work.lacks_room || work.outcome == Outcome::slipped) writer.truncate();
  const Rcode rcode = rcode_of(work.outcome);
  work.edns.error = error_of(work);
  work.edns.rcode_high = static_cast<std::uint16_t>(static_cast<unsigned>(rcode) >> 4);
  const bool authoritative = work.zone != nullptr && is_authoritative(work.outcome);
  return writer.finish(rcode, authoritative ? kFlagAuthoritative : 0, edns);
}

/// False where there is no room.
bool Responder::write_records(Case& work, MessageWriter& writer) {
  const Finding& finding = work.finding;
  switch (finding.kind) {
    case Finding::Kind::steered: return write_steered(work, writer);
    case Finding::Kind::delegation: return write_referral(work, writer);
    case Finding::Kind::dname: return write_renamed(work, writer);
    case Finding::Kind::nodata:
    case Finding::Kind::nxdomain: return write_negative(work, writer);
    case Finding::Kind::data:
    case Finding::Kind::cname: break;
  }
  if (finding.rrset == nullptr) {
    constexpr auto kTtl = static_cast<std::uint32_t>(limits::kAnyTtl.count());
    return writer.add(Section::answer, work.owner(), RecordType::hinfo, kTtl, kAnyRecords);
  }
  return writer.add(Section::answer, work.owner(), finding.rrset->type, finding.rrset->ttl_s,
                    work.zone->records(*finding.rrset));
}

/// A site that the steering does not know is answered by the zone's own records. Where there are none another server
/// may know more: REFUSED sends the resolver there, while "no such data" would be remembered.
bool Responder::write_steered(Case& work, MessageWriter& writer) {
  const Asker asker = work.asker();
  const Steered* steered = steering_.steer(work.finding.site, asker);
  if (steered == nullptr || (steered->v4.empty() && steered->v6.empty())) {
    const RrSet* own = work.finding.rrset;
    work.outcome = own == nullptr ? Outcome::refused : Outcome::answer;
    return own == nullptr || writer.add(Section::answer, work.owner(), own->type, own->ttl_s, work.zone->records(*own));
  }
  const Bytes records = steered_records(*steered, work.query.type, buffer_);
  if (records.empty()) {  // the same for everybody: resolvers take a "no" for one
    work.outcome = Outcome::nodata;
    return write_negative(work, writer);
  }
  if (work.edns.subnet && asker.by_subnet) {
    work.edns.scope_bits =
        static_cast<std::uint8_t>(std::min(steered->scope_bits, work.edns.subnet->family == 1 ? 32U : 128U));
  } else if (work.edns.subnet) {
    // A network that nobody routes to: the resolver's answer, and for no other network than this one.
    work.edns.scope_bits = work.edns.subnet->source_bits;
  }
  return writer.add(Section::answer, work.owner(), work.query.type, steered->ttl_s, records);
}

/// The DNAME, and for who does not know such records the CNAME that it comes to (RFC 6672 §3.1).
bool Responder::write_renamed(Case& work, MessageWriter& writer) {
  const Bytes dname = work.zone->records(*work.finding.rrset);
  const std::uint32_t ttl_s = work.finding.rrset->ttl_s;
  if (!writer.add(Section::answer, work.owner(), RecordType::dname, ttl_s, dname)) return false;
  const Bytes kept = work.query.name.octets().first(work.query.name.size() - work.finding.owner_octets);
  const Bytes target = dname.subspan(2);
  const std::size_t octets = kept.size() + target.size();
  if (octets > kMaxNameOctets) {
    work.outcome = Outcome::yxdomain;
    return true;
  }
  std::array<std::uint8_t, 2 + kMaxNameOctets> cname{};
  store_u16(cname.data(), static_cast<std::uint16_t>(octets));
  copy_bytes(kept, cname.data() + 2);
  copy_bytes(target, cname.data() + 2 + kept.size());
  return writer.add(Section::answer, Owner::question(), RecordType::cname, ttl_s, Bytes(cname).first(2 + octets));
}

/// With the SOA, by which it may be remembered (RFC 2308 §3).
bool Responder::write_negative(const Case& work, MessageWriter& writer) {
  const Zone& zone = *work.zone;
  return writer.add(Section::authority, Owner::question(work.query.name.size() - zone.apex().size()), RecordType::soa,
                    zone.negative_ttl_s(), zone.records(zone.soa()));
}

/// Addresses of name servers below the cut must fit, as nobody else knows them; others may (RFC 9471).
bool Responder::write_referral(const Case& work, MessageWriter& writer) {
  const Zone& zone = *work.zone;
  const Bytes servers = zone.records(*work.finding.rrset);
  if (!writer.add(Section::authority, work.owner(), RecordType::ns, work.finding.rrset->ttl_s, servers)) return false;
  const NameView cut(work.name.view().octets().last(work.finding.owner_octets));
  for (Bytes rest = servers; !rest.empty();) {
    const NameView server(rest.subspan(2, load_u16(rest.data())));
    for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
      const RrSet* glue = zone.find_address(server, type);
      if (glue == nullptr) continue;
      const bool fits = writer.add(Section::additional, Owner::other(server), type, glue->ttl_s, zone.records(*glue));
      if (!fits && server.is_within(cut)) return false;
    }
    rest = rest.subspan(2 + server.size());
  }
  return true;
}

}  // namespace ringway::dns
