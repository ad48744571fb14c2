#include "cli/dns/zone_files.h"

#include <utility>

#include "base/config_reader.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/zone/master_file.h"

namespace ringway::cli {

namespace {

Result<std::shared_ptr<const dns::Zone>> read_zone(const dns::ZoneSource& source) {
  const Result<std::string> text = read_file(source.file, limits::kMaxZoneOctets);
  if (!text) return text.error();
  config::Report report(source.file, *text);
  auto zone = dns::read_master_file(*text, dns::Name::parse(source.name).value(), report);
  if (zone == nullptr) return internal_error(report.text());
  return zone;
}

}  // namespace

Result<std::shared_ptr<const dns::ZoneSet>> read_zones(const std::vector<dns::ZoneSource>& sources) {
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  std::string faults;
  for (const dns::ZoneSource& source : sources) {
    auto zone = read_zone(source);
    if (zone) {
      zones.push_back(std::move(*zone));
    } else {
      faults += zone.error().message;
      faults += '\n';
    }
  }
  if (!faults.empty()) return internal_error(faults);
  return dns::ZoneSet::make(std::move(zones));
}

}  // namespace ringway::cli
