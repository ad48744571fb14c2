#include "redirector_dns/zone/master_file.h"

#include <optional>
#include <span>
#include <string>

#include "base/text.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/wire/presentation.h"
#include "redirector_dns/wire/rdata.h"
#include "redirector_dns/zone/master_scanner.h"
#include "redirector_dns/zone/zone_builder.h"

namespace ringway::dns {

namespace {

using config::Place;

std::string hint(std::string_view word, const std::vector<std::string>& known) {
  const std::string nearest = did_you_mean(word, known);
  return nearest.empty() ? nearest : "did you mean \"" + nearest + "\"?";
}

/// Reads entry after entry; what one says holds for those behind it.
class MasterFile {
 public:
  MasterFile(std::string_view text, NameView apex, config::Report& report)
      : scanner_(text), origin_(apex), report_(report), builder_(apex, report) {}

  std::shared_ptr<const Zone> read() {
    while (scanner_.next(entry_) && report_.size() < config::kMaxErrors) {
      if (!scanner_.fault().empty()) {
        report_.add(scanner_.fault_place(), scanner_.fault());
        continue;
      }
      rest_ = entry_.tokens;
      if (rest_[0].text.starts_with('$') && !rest_[0].quoted && !entry_.begins_blank) {
        read_directive();
      } else {
        read_record();
      }
    }
    // What a line that cannot be read would have given is not missing.
    return report_.empty() ? builder_.build() : nullptr;
  }

 private:
  /// Of the word that is next, or where it is missing.
  [[nodiscard]] Place place(std::size_t token = 0) const {
    return token < rest_.size() ? Place{rest_[token].line, rest_[token].column} : entry_.end;
  }
  Token take() {
    const Token token = rest_[0];
    rest_ = rest_.subspan(1);
    return token;
  }

  void read_directive() {
    const Place begun = place();
    const std::string name = to_lower(take().text);
    if (name == "$include" || name == "$generate") {
      report_.add(begun, name + " is not followed here", "write the records themselves");
    } else if (name != "$origin" && name != "$ttl") {
      report_.add(begun, "'" + name + "' is no directive", hint(name, {"$origin", "$ttl"}));
    } else if (rest_.size() != 1) {
      report_.add(place(rest_.size() > 1 ? 1 : 0), name + " wants one word");
    } else if (name == "$origin") {
      if (std::optional<Name> origin = read_name()) origin_ = *origin;
    } else if (const std::optional<std::uint32_t> ttl = parse_seconds(rest_[0].text)) {
      default_ttl_ = ttl;
    } else {
      report_.add(place(), "'" + std::string(rest_[0].text) + "' is no time, as 3600 or 1h");
    }
  }

  std::optional<Name> read_name() {
    const Result<Name> name = Name::parse(rest_[0].text, origin_);
    if (name) return *name;
    report_.add(place(), name.error().message);
    return std::nullopt;
  }

  void read_record() {
    if (!read_owner()) return;
    const Place begun = place();
    std::optional<std::uint32_t> ttl;
    read_ttl_and_class(ttl);
    const std::optional<RecordType> type = read_type();
    if (!type) return;
    const std::optional<RdataFault> fault = parse_rdata(*type, rest_, origin_, rdata_);
    if (fault) {
      report_.add(place(fault->token), fault->message);
      return;
    }
    if (ttl && !default_ttl_) last_ttl_ = ttl;
    if (!ttl) ttl = default_ttl_ ? default_ttl_ : last_ttl_;
    if (!ttl) {
      report_.add(begun, "this record has no TTL", "give all of them one in the first line: $TTL 1h");
    } else {
      builder_.add(*owner_, *type, *ttl, rdata_, begun);
    }
  }

  bool read_owner() {
    if (!entry_.begins_blank) {
      const std::optional<Name> name = read_name();
      if (name) owner_ = name;
      take();
      return name.has_value();
    }
    if (!owner_) report_.add(place(), "this line begins without a name, and none is before it");
    return owner_.has_value();
  }

  /// Both may be missing, and in either order.
  void read_ttl_and_class(std::optional<std::uint32_t>& ttl) {
    for (bool has_class = false; !rest_.empty(); take()) {
      const std::optional<std::uint32_t> seconds = parse_seconds(rest_[0].text);
      if (!ttl && seconds) {
        ttl = seconds;
      } else if (!has_class && equals_ignoring_case(rest_[0].text, "IN")) {
        has_class = true;
      } else {
        return;
      }
    }
  }

  std::optional<RecordType> read_type() {
    if (rest_.empty()) {
      report_.add(entry_.end, "a type belongs here, as A or CNAME");
      return std::nullopt;
    }
    const std::optional<RecordType> type = type_from_text(rest_[0].text);
    if (!type) {
      const std::string word(rest_[0].text.substr(0, kMaxNameOctets));
      report_.add(place(), "'" + word + "' is neither a type nor the class IN",
                  hint(word, {"A", "AAAA", "CNAME", "NS", "SOA", "MX", "TXT", "SRV", "CAA", "HTTPS", "SITE"}));
      return std::nullopt;
    }
    take();
    return type;
  }

  MasterScanner scanner_;
  MasterEntry entry_;
  std::span<const Token> rest_;  // of the entry's words, those not yet read
  Name origin_;
  std::optional<Name> owner_;
  std::optional<std::uint32_t> default_ttl_;  // by $TTL
  std::optional<std::uint32_t> last_ttl_;     // without $TTL (RFC 1035 §5.1)
  std::vector<std::uint8_t> rdata_;
  config::Report& report_;
  ZoneBuilder builder_;
};

}  // namespace

std::shared_ptr<const Zone> read_master_file(std::string_view text, NameView apex, config::Report& report) {
  if (text.size() > limits::kMaxZoneOctets) {
    report.add({}, "a zone's file has at most 64 MiB");
    return nullptr;
  }
  return MasterFile(text, apex, report).read();
}

}  // namespace ringway::dns
