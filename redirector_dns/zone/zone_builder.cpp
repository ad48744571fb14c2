#include "redirector_dns/zone/zone_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

#include "base/text.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/wire/rdata_fields.h"

namespace ringway::dns {

/// Of one name and type, as it grows.
struct ZoneBuilder::Records {
  std::uint32_t ttl_s = 0;
  std::vector<std::vector<std::uint8_t>> rdata;  // as they came
  std::vector<std::uint16_t> ascending;          // their places, in the order of their octets
  std::size_t octets = 0;
  Written where;

  /// Whether it was not there yet. A few words of $GENERATE give a name thousands of them many times over.
  [[nodiscard]] bool is_new(Bytes data) const {
    const auto at = place_of(data);
    return at == ascending.end() || !std::ranges::equal(rdata[*at], data);
  }
  void add(Bytes data) {
    static_assert(limits::kMaxRrSetOctets <= std::numeric_limits<std::uint16_t>::max(), "so many records at most");
    ascending.insert(place_of(data), static_cast<std::uint16_t>(rdata.size()));
    rdata.emplace_back(data.begin(), data.end());
    octets += 2 + data.size();
  }

 private:
  [[nodiscard]] std::vector<std::uint16_t>::const_iterator place_of(Bytes data) const {
    return std::lower_bound(ascending.begin(), ascending.end(), data, [this](std::uint16_t place, Bytes wanted) {
      return std::ranges::lexicographical_compare(rdata[place], wanted);
    });
  }
};

/// A name and all below it. Labels are in lower case and in canonical order (RFC 4034 §6.1).
struct ZoneBuilder::Branch {
  std::map<std::string, std::unique_ptr<Branch>> children;
  std::map<RecordType, Records> sets;

  [[nodiscard]] const Records* set(RecordType type) const {
    const auto found = sets.find(type);
    return found == sets.end() ? nullptr : &found->second;
  }
};

namespace {

std::string lower_label(Bytes label) {
  std::string text(as_text(label));
  make_lower(text.data(), text.size());
  return text;
}

}  // namespace

void report_at(config::Report& report, const Written& where, const std::string& message, std::string hint) {
  if (where.file == nullptr) return report.add(where.place, message, std::move(hint));
  report.add(where.file->included_at,
             fmt::format("{}:{}:{}: {}", where.file->name, where.place.line + 1, where.place.column + 1, message),
             std::move(hint));
}

ZoneBuilder::ZoneBuilder(NameView apex, const ZoneBounds& bounds, config::Report& report)
    : apex_(apex), bounds_(bounds), report_(report), root_(std::make_unique<Branch>()) {}

ZoneBuilder::~ZoneBuilder() = default;

std::string ZoneBuilder::objection(NameView owner, RecordType type) const {
  const bool at_apex = owner == apex_.view();
  if (!owner.is_within(apex_)) return owner.text() + " is not in the zone " + apex_.text();
  if (is_meta_type(type)) return type_text(type) + " is a type for messages, not for zones";
  if (type == RecordType::soa && !at_apex) return "SOA belongs to the zone's own name, " + apex_.text();
  switch (type) {
    case RecordType::rrsig:
    case RecordType::nsec:
    case RecordType::nsec3:
    case RecordType::nsec3param:
    case RecordType::dnskey: return type_text(type) + " belongs to signed zones, which Ringway does not serve";
    default: break;
  }
  if (record_count_ >= limits::kMaxZoneRecords)
    return "a zone has at most " + std::to_string(limits::kMaxZoneRecords) + " records";
  return {};
}

ZoneBuilder::Branch* ZoneBuilder::branch_of(NameView owner) {
  std::vector<std::string> labels;
  for (NameView rest = owner; rest.size() > apex_.size(); rest = rest.parent())
    labels.push_back(lower_label(rest.label()));
  Branch* branch = root_.get();
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    auto child = branch->children.find(*label);
    if (child == branch->children.end()) {
      if (name_count_ >= bounds_.names) return nullptr;
      ++name_count_;
      child = branch->children.emplace(std::move(*label), std::make_unique<Branch>()).first;
    }
    branch = child->second.get();
  }
  return branch;
}

void ZoneBuilder::add(NameView owner, RecordType type, std::uint32_t ttl_s, Bytes rdata, const Written& where) {
  assert(is_well_formed(type, rdata));
  if (std::string why = objection(owner, type); !why.empty()) {
    report_at(report_, where, why);
    return;
  }
  Branch* const branch = branch_of(owner);
  if (branch == nullptr) {
    report_at(report_, where,
              fmt::format("{} has at most {} names, with those that only have others below them", bounds_.whose,
                          bounds_.names));
    return;
  }
  const auto [entry, is_new] = branch->sets.try_emplace(type);
  Records& records = entry->second;
  if (is_new) {
    records.ttl_s = ttl_s;
    records.where = where;
  }
  records.ttl_s = std::min(records.ttl_s, ttl_s);  // one for all (RFC 2181 §5.2)
  if (!records.is_new(rdata)) return;
  // In a message each record has, before the length that is kept with its data, a name, a type, a class and a TTL.
  constexpr std::size_t kRecordOctets = 10;
  if ((records.rdata.size() + 1) * kRecordOctets + records.octets + 2 + rdata.size() > limits::kMaxRrSetOctets) {
    report_at(report_, where, "there is more of " + type_text(type) + " at this name than one answer can hold");
    return;
  }
  records.add(rdata);
  ++record_count_;
}

void ZoneBuilder::check_apex() {
  const Records* soa = root_->set(RecordType::soa);
  if (soa == nullptr) {
    report_.add({}, "the zone has no SOA record");
  } else if (soa->rdata.size() > 1) {
    report_at(report_, soa->where, "a zone has one SOA record");
  }
  if (root_->set(RecordType::ns) == nullptr) report_.add({}, "the zone " + apex_.text() + " has no NS record");
}

void ZoneBuilder::check(const Branch& branch, bool is_wildcard) {
  const Records* cname = branch.set(RecordType::cname);
  const Records* ns = branch.set(RecordType::ns);
  const Records* dname = branch.set(RecordType::dname);
  const Records* site = branch.set(RecordType::site);
  if (cname != nullptr && branch.sets.size() > 1) {
    report_at(report_, cname->where, "beside CNAME a name has no other records (RFC 2181 §10.1)");
  }
  for (const RecordType single : {RecordType::cname, RecordType::dname, RecordType::site}) {
    const Records* records = branch.set(single);
    if (records != nullptr && records->rdata.size() > 1) {
      report_at(report_, records->where, "a name has one " + type_text(single) + " record");
    }
  }
  if (site != nullptr && (site->rdata[0].size() < 2 || site->rdata[0].size() > 1 + limits::kMaxSiteNameOctets)) {
    report_at(report_, site->where, "a site's name has 1 to " + std::to_string(limits::kMaxSiteNameOctets) + " octets");
  }
  if (dname != nullptr && !branch.children.empty()) {
    report_at(report_, dname->where, "below a name with DNAME there are no others (RFC 6672 §2.4)");
  }
  if (dname != nullptr && ns != nullptr && &branch != root_.get()) {
    report_at(report_, dname->where, "what is delegated is renamed by those whom it is delegated to (RFC 6672 §2.3)");
  }
  if (dname != nullptr && is_wildcard) {
    report_at(report_, dname->where, "a wildcard renames nothing (RFC 6672 §3.3)");
  }
  if (ns != nullptr && is_wildcard) report_at(report_, ns->where, "a wildcard delegates nothing (RFC 4592 §4.2)");
  if (ns != nullptr && site != nullptr && &branch != root_.get()) {
    report_at(report_, site->where, "what is delegated is steered by those whom it is delegated to");
  }
  for (const auto& [label, child] : branch.children) check(*child, label == "*");
}

/// A name server inside the zone must be found in it, one of a delegation that is below itself as glue: nobody else
/// knows its address (RFC 9471).
void ZoneBuilder::check_name_server(const Zone& zone, NameView server, NameView owner, const Written& where) {
  if (!server.is_within(apex_) || zone.find_address(server, RecordType::a) != nullptr ||
      zone.find_address(server, RecordType::aaaa) != nullptr) {
    return;
  }
  Name lower(server);
  lower.make_lower();
  const Finding found = zone.find(lower, RecordType::a);
  const bool elsewhere = found.kind == Finding::Kind::delegation && found.owner_octets != owner.size();
  const bool synthesized = found.kind == Finding::Kind::data || found.kind == Finding::Kind::steered;
  if (elsewhere || synthesized) return;
  report_at(report_, where, "the name server " + server.text() + " has no address in this zone");
}

void ZoneBuilder::check_name_servers(const Zone& zone, const Branch& branch, NameView owner) {
  if (const Records* servers = branch.set(RecordType::ns)) {
    for (const std::vector<std::uint8_t>& rdata : servers->rdata) {
      check_name_server(zone, NameView(rdata), owner, servers->where);
    }
  }
  for (const auto& [label, child] : branch.children) {
    std::vector<std::uint8_t> name{static_cast<std::uint8_t>(label.size())};
    name.insert(name.end(), label.begin(), label.end());
    name.insert(name.end(), owner.octets().begin(), owner.octets().end());
    check_name_servers(zone, *child, NameView(name));
  }
}

std::shared_ptr<Zone> ZoneBuilder::seal() const {
  auto zone = std::make_shared<Zone>();
  zone->apex_ = apex_;
  zone->record_count_ = record_count_;
  zone->nodes_.emplace_back();
  zone->labels_.push_back(0);  // the apex's own
  std::vector<const Branch*> branches{root_.get()};
  for (std::size_t index = 0; index < branches.size(); ++index) {
    const Branch& branch = *branches[index];
    Zone::Node node = zone->nodes_[index];
    node.first_rrset = static_cast<std::uint32_t>(zone->rrsets_.size());
    node.delegated = index > 0 && branch.set(RecordType::ns) != nullptr;
    node.renamed = branch.set(RecordType::dname) != nullptr;
    for (const auto& [type, records] : branch.sets) {
      if (type == RecordType::site) {
        node.site = static_cast<std::uint32_t>(zone->sites_.size());
        const Written& where = records.where;
        const config::Place& place = where.file == nullptr ? where.place : where.file->included_at;
        zone->sites_.push_back({std::string(as_text(Bytes(records.rdata[0]).subspan(1))), place.line + 1});
        continue;
      }
      zone->rrsets_.push_back({type, records.ttl_s, static_cast<std::uint32_t>(zone->octets_.size()),
                               static_cast<std::uint32_t>(records.octets)});
      for (const std::vector<std::uint8_t>& rdata : records.rdata) {
        zone->octets_.push_back(static_cast<std::uint8_t>(rdata.size() >> 8));
        zone->octets_.push_back(static_cast<std::uint8_t>(rdata.size()));
        zone->octets_.insert(zone->octets_.end(), rdata.begin(), rdata.end());
      }
    }
    node.rrset_count = static_cast<std::uint16_t>(zone->rrsets_.size() - node.first_rrset);
    node.first_child = static_cast<std::uint32_t>(zone->nodes_.size());
    node.child_count = static_cast<std::uint32_t>(branch.children.size());
    for (const auto& [label, child] : branch.children) {
      Zone::Node next;
      next.head = Zone::head_of(as_bytes(label));
      next.label_at = static_cast<std::uint32_t>(zone->labels_.size());
      zone->labels_.push_back(static_cast<std::uint8_t>(label.size()));
      zone->labels_.insert(zone->labels_.end(), label.begin(), label.end());
      zone->nodes_.push_back(next);
      branches.push_back(child.get());
    }
    zone->nodes_[index] = node;
  }
  return zone;
}

std::shared_ptr<const Zone> ZoneBuilder::build() {
  check_apex();
  check(*root_, false);
  std::shared_ptr<Zone> zone;
  if (report_.empty()) {
    zone = seal();
    const RrSet* soa = zone->rrset(zone->nodes_[0], RecordType::soa);
    zone->soa_ = static_cast<std::uint32_t>(soa - zone->rrsets_.data());
    const Bytes rdata = zone->records(*soa);
    zone->negative_ttl_s_ = std::min(soa->ttl_s, load_u32(rdata.data() + rdata.size() - 4));
    check_name_servers(*zone, *root_, apex_);
  }
  root_ = std::make_unique<Branch>();
  record_count_ = 0;
  name_count_ = 1;
  if (!report_.empty()) zone = nullptr;
  return zone;
}

}  // namespace ringway::dns
