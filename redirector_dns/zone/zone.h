#pragma once
// One zone, ready to answer from: names as a tree below the apex, the children of each in order, all in a few flat
// arrays. Immutable: a change makes another one (zone_builder.h).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

/// All records of one name and type.
struct RrSet {
  RecordType type{};
  std::uint32_t ttl_s = 0;
  std::uint32_t at = 0;  // in the zone's octets
  std::uint32_t octets = 0;
};

/// A SITE record.
struct SiteRecord {
  std::string site;
  std::size_t line = 0;  // of the zone's own file, from 1
};

/// What a zone says to a question (RFC 1034 §4.3.2).
struct Finding {
  enum class Kind : std::uint8_t {
    data,        // `rrset`; null for ANY, of which the name has something
    cname,       // `rrset`; whom it leads to is for the asker to follow
    dname,       // `rrset` of `owner_octets`, which the question is below (RFC 6672)
    steered,     // `site` says with what; `rrset`, if any, is for when the steering does not know it
    nodata,      // there is such a name, without that type
    nxdomain,    // there is no such name, nor one below it (RFC 8020)
    delegation,  // `rrset` are the name servers of `owner_octets`
  };
  Kind kind = Kind::nxdomain;
  const RrSet* rrset = nullptr;
  std::string_view site;
  /// So many of the question's last octets are the name that the records belong to; all of them unless
  /// delegated, or below a DNAME.
  std::size_t owner_octets = 0;
};

class Zone {
 public:
  [[nodiscard]] NameView apex() const { return apex_; }
  [[nodiscard]] std::size_t record_count() const { return record_count_; }
  [[nodiscard]] std::size_t name_count() const { return nodes_.size(); }

  /// `name` is in lower case, and at the apex or below it. Wildcards as RFC 4592 has them.
  [[nodiscard]] Finding find(NameView name, RecordType type) const;

  /// Addresses of the name server `name`, also below a delegation (glue); null: none here.
  [[nodiscard]] const RrSet* find_address(NameView name, RecordType type) const;

  /// Data of each record behind its 16 bits of length, one after the other.
  [[nodiscard]] Bytes records(const RrSet& rrset) const { return Bytes(octets_).subspan(rrset.at, rrset.octets); }

  /// One for each name that has one.
  [[nodiscard]] const std::vector<SiteRecord>& sites() const { return sites_; }

  [[nodiscard]] const RrSet& soa() const { return rrsets_[soa_]; }
  /// How long it may be remembered that there is no such name, or type (RFC 2308 §3).
  [[nodiscard]] std::uint32_t negative_ttl_s() const { return negative_ttl_s_; }

 private:
  friend class ZoneBuilder;

  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Node {
    std::uint64_t head = 0;      // of the label, for a quick look: its first octets, zeros behind
    std::uint32_t label_at = 0;  // in the labels: a length and so many octets, in lower case
    std::uint32_t first_child = 0;
    std::uint32_t child_count = 0;
    std::uint32_t first_rrset = 0;
    std::uint16_t rrset_count = 0;
    bool delegated = false;
    bool renamed = false;  // what would be below it is elsewhere: DNAME
    std::uint32_t site = kNone;
  };

  static std::uint64_t head_of(Bytes label);
  [[nodiscard]] Bytes label_of(const Node& node) const {
    return Bytes(labels_).subspan(node.label_at + 1U, labels_[node.label_at]);
  }
  [[nodiscard]] const Node* child(const Node& parent, Bytes label) const;
  [[nodiscard]] const RrSet* rrset(const Node& node, RecordType type) const;
  [[nodiscard]] Finding answer(const Node& node, RecordType type, std::size_t owner_octets) const;

  Name apex_;                // as the zone writes it
  std::vector<Node> nodes_;  // the apex first, children of one node side by side
  std::vector<std::uint8_t> labels_;
  std::vector<RrSet> rrsets_;  // of one node side by side
  std::vector<std::uint8_t> octets_;
  std::vector<SiteRecord> sites_;
  std::size_t record_count_ = 0;
  std::uint32_t soa_ = 0;
  std::uint32_t negative_ttl_s_ = 0;
};

}  // namespace ringway::dns
