#include "cli/dns/zone_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "base/config_json.h"
#include "base/config_reader.h"
#include "redirector_dns/zone/master_file.h"

namespace ringway::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kZonePrefix = "zones/";

/// A zone as a manager tells it.
struct ToldZone {
  std::string name;
  std::string records;
};

const config::Type<ToldZone>& told_zone_type() {
  using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema
  static const Type<ToldZone> kType = Object<ToldZone>("zone")
                                          .required("name", &ToldZone::name, text(dns::kMaxZoneNameOctets), "")
                                          .required("records", &ToldZone::records, any_text(), "");
  return kType;
}

/// Files beside a zone's own or in folders below it, wherever names and links seem to lead. Others are none of its
/// business: who may write a zone is not thereby one who may read what the redirector can.
class OwnFolder final : public dns::ZoneFolder {
 public:
  explicit OwnFolder(const std::string& zone_file)
      : folder_(fs::weakly_canonical(fs::absolute(zone_file, failed_), failed_).parent_path()) {}

  Result<std::string> read(std::string_view name, std::size_t most) override {
    const fs::path file = fs::weakly_canonical(folder_ / name, failed_);
    const auto [end, rest] = std::mismatch(folder_.begin(), folder_.end(), file.begin(), file.end());
    const bool inside = !failed_ && !folder_.empty() && end == folder_.end();
    if (!inside) return client_error("a zone includes only files beside its own, and below");
    return read_file(file.string(), most);
  }

 private:
  std::error_code failed_;  // what cannot be looked at is not read
  fs::path folder_;
};

/// Puts zones together, and gathers what is wrong with them.
class ZoneReader {
 public:
  void add_file(const dns::ZoneSource& source) {
    const Result<std::string> text = read_file(source.file, dns::kFileZoneBounds.octets);
    OwnFolder folder(source.file);
    text ? add(source.file, source.name, *text, dns::kFileZoneBounds, &folder) : fault(text.error().message);
  }

  void add_told(const std::string& section, const std::string& text) {
    config::Report report(section, text);
    const std::optional<config::TreeNode> tree = config::parse_json(text, report);
    // What a newer manager says and this release does not know is not this release's to do.
    config::Context context{report, {}, false, config::UnknownKeys::passed_over};
    ToldZone zone;
    if (tree) told_zone_type()->read(context, *tree, zone);
    report.empty() ? add(section, zone.name, zone.records, dns::kToldZoneBounds, nullptr)
                   : fault(section + ": " + report.findings().front().message);
  }

  Result<std::shared_ptr<const dns::ZoneSet>> zones() && {
    if (!faults_.empty()) return internal_error(faults_);
    return dns::ZoneSet::make(std::move(zones_));
  }

 private:
  /// `place`: the file or section, for messages. `folder`: what it may include; null: nothing.
  void add(const std::string& place, const std::string& name, const std::string& records, const dns::ZoneBounds& bounds,
           dns::ZoneFolder* folder) {
    const Result<dns::Name> apex = dns::Name::parse(name);
    if (!apex) return fault(fmt::format("{}: {}: {}", place, name, apex.error().message));
    config::Report report(place, records);
    auto zone = dns::read_master_file(records, *apex, bounds, report, folder);
    if (zone == nullptr) return fault(report.text());
    dns::Name lower = *apex;
    lower.make_lower();
    const auto [first, added] = places_.emplace(lower.text(), place);
    if (!added) return fault(fmt::format("{}: {} has the zone {} already, which stays", place, first->second, name));
    zones_.push_back(std::move(zone));
  }

  void fault(const std::string& message) { faults_ += message + (message.ends_with('\n') ? "" : "\n"); }

  std::vector<std::shared_ptr<const dns::Zone>> zones_;
  std::map<std::string, std::string> places_;  // by apex
  std::string faults_;
};

}  // namespace

Result<std::shared_ptr<const dns::ZoneSet>> read_zones(const std::vector<dns::ZoneSource>& sources,
                                                       const agent::Sections& told) {
  ZoneReader reader;
  for (const dns::ZoneSource& source : sources) reader.add_file(source);
  for (const auto& [section, text] : told) {
    if (section.starts_with(kZonePrefix)) reader.add_told(section, text);
  }
  return std::move(reader).zones();
}

}  // namespace ringway::cli
