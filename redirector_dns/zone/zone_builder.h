#pragma once
// Makes a zone out of records, and says what is wrong with them (RFC 1035 §5.2, RFC 2181, RFC 4592).

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config_tree.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/zone/zone.h"
#include "redirector_dns/zone/zone_bounds.h"

namespace ringway::dns {

/// A file that a zone's includes, and where it does so.
struct IncludedFile {
  std::string name;
  config::Place included_at;  // in the zone's own file, also where files are between
};

/// Where something stands that may be wrong: in the zone's own file, or in one that is included.
struct Written {
  config::Place place;
  const IncludedFile* file = nullptr;  // outlives whom it is told; null: the zone's own
};

/// Says what is wrong with what is written there.
void report_at(config::Report& report, const Written& where, const std::string& message, std::string hint = {});

class ZoneBuilder {
 public:
  /// `report` outlives the builder.
  ZoneBuilder(NameView apex, const ZoneBounds& bounds, config::Report& report);
  ~ZoneBuilder();
  ZoneBuilder(const ZoneBuilder&) = delete;
  ZoneBuilder& operator=(const ZoneBuilder&) = delete;

  /// One record of class IN, its data well formed. The same one twice is one
  /// (RFC 2181 §5). What cannot be in this zone is reported and left out.
  void add(NameView owner, RecordType type, std::uint32_t ttl_s, Bytes rdata, const Written& where);

  /// The zone of all that was added; null where anything is wrong, and the report says what. The
  /// builder is empty afterwards.
  std::shared_ptr<const Zone> build();

 private:
  struct Records;
  struct Branch;

  [[nodiscard]] std::string objection(NameView owner, RecordType type) const;
  /// Made where it is not there; null where there are too many.
  Branch* branch_of(NameView owner);
  void check(const Branch& branch, bool is_wildcard);
  void check_apex();
  void check_name_server(const Zone& zone, NameView server, NameView owner, const Written& where);
  void check_name_servers(const Zone& zone, const Branch& branch, NameView owner);
  std::shared_ptr<Zone> seal() const;

  Name apex_;
  ZoneBounds bounds_;
  config::Report& report_;
  std::unique_ptr<Branch> root_;
  std::size_t record_count_ = 0;
  std::size_t name_count_ = 1;  // the apex is there
};

}  // namespace ringway::dns
