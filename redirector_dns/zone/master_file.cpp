#include "redirector_dns/zone/master_file.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/wire/presentation.h"
#include "redirector_dns/wire/rdata.h"
#include "redirector_dns/zone/generate.h"
#include "redirector_dns/zone/master_scanner.h"
#include "redirector_dns/zone/zone_builder.h"

namespace ringway::dns {

namespace {

using config::Place;

std::string hint(std::string_view word, const std::vector<std::string>& known) {
  const std::string nearest = did_you_mean(word, known);
  return nearest.empty() ? nearest : "did you mean \"" + nearest + "\"?";
}

std::string most_octets(const ZoneBounds& bounds) {
  return fmt::format("{} has at most {} MiB", bounds.whose, bounds.octets >> 20);
}

/// Reads entry after entry; what one says holds for those behind it.
class MasterFile {
 public:
  MasterFile(NameView apex, const ZoneBounds& bounds, config::Report& report, ZoneFolder* folder)
      : bounds_(bounds), folder_(folder), origin_(apex), report_(report), builder_(apex, bounds, report) {}

  std::shared_ptr<const Zone> read(std::string_view text) {
    read_text(text);
    // What a line that cannot be read would have given is not missing.
    return report_.empty() ? builder_.build() : nullptr;
  }

 private:
  void read_text(std::string_view text) {
    octets_ += text.size();
    MasterScanner scanner(text);
    MasterEntry entry;
    while (scanner.next(entry) && report_.size() < config::kMaxErrors) {
      if (!scanner.fault().empty()) {
        blame(scanner.fault_place(), scanner.fault());
        continue;
      }
      rest_ = entry.tokens;
      end_ = entry.end;
      if (rest_[0].text.starts_with('$') && !rest_[0].quoted && !entry.begins_blank) {
        read_directive();
      } else if (read_owner(entry.begins_blank)) {
        read_record();
      }
    }
  }

  void blame(Place place, const std::string& message, std::string hint = {}) {
    report_at(report_, {place, file_}, message, std::move(hint));
  }

  /// Of the word that is next, or where it is missing.
  [[nodiscard]] Place place(std::size_t token = 0) const {
    return token < rest_.size() ? Place{rest_[token].line, rest_[token].column} : end_;
  }
  Token take() {
    const Token token = rest_[0];
    rest_ = rest_.subspan(1);
    return token;
  }

  void read_directive() {
    const Place begun = place();
    const std::string name = to_lower(take().text);
    const std::size_t most = name == "$include" ? 2 : name == "$generate" ? SIZE_MAX : 1;
    if (name != "$origin" && name != "$ttl" && name != "$include" && name != "$generate") {
      blame(begun, "'" + name + "' is no directive", hint(name, {"$origin", "$ttl", "$include", "$generate"}));
    } else if (rest_.empty() || rest_.size() > most) {
      blame(place(rest_.empty() ? 0 : most),
            name + (most == 1 ? " wants one word" : " wants a file, and perhaps a name"));
    } else if (name == "$origin") {
      if (std::optional<Name> origin = read_name()) origin_ = *origin;
    } else if (name == "$include") {
      include(begun);
    } else if (name == "$generate") {
      generate(begun);
    } else if (const std::optional<std::uint32_t> ttl = parse_seconds(rest_[0].text)) {
      default_ttl_ = ttl;
    } else {
      blame(place(), "'" + std::string(rest_[0].text) + "' is no time, as 3600 or 1h");
    }
  }

  /// $INCLUDE FILE [ORIGIN] (RFC 1035 §5.1).
  void include(Place begun) {
    const Token name = take();
    std::optional<Name> origin = origin_;
    if (!rest_.empty()) origin = read_name();
    if (!origin) return;
    if (folder_ == nullptr) return blame(begun, "$include is not followed here", "write the records themselves");
    if (depth_ == limits::kMaxIncludeDepth) return blame(begun, "files include one another too deep");
    if (files_.size() == limits::kMaxIncludedFiles) return blame(begun, "too many files are included");
    const Result<std::string> text = folder_->read(name.text, bounds_.octets - octets_);
    if (!text) return blame({name.line, name.column}, text.error().message);

    const IncludedFile* const outer = file_;
    files_.push_back(std::make_unique<IncludedFile>(
        IncludedFile{std::string(name.text), outer == nullptr ? begun : outer->included_at}));
    file_ = files_.back().get();
    const Name outer_origin = std::exchange(origin_, *origin);
    const std::optional<Name> outer_owner = std::exchange(owner_, std::nullopt);
    ++depth_;
    read_text(*text);
    --depth_;
    file_ = outer;
    origin_ = outer_origin;
    owner_ = outer_owner;
  }

  /// $GENERATE RANGE NAME [TTL] [CLASS] TYPE DATA: a record for each number.
  void generate(Place begun) {
    const std::optional<NumberRange> range = parse_range(rest_[0].text);
    if (!range)
      return blame(place(), "'" + std::string(rest_[0].text) + "' is no range of numbers, as 1-10 or 0-100/2");
    take();
    if (rest_.empty()) return blame(end_, "a name with a $ in it belongs here");
    const std::span<const Token> templates = rest_;
    std::vector<std::string> texts(templates.size());
    std::vector<Token> words(templates.begin(), templates.end());
    const std::size_t faults = report_.size();
    for (std::uint64_t number = range->first; number <= range->last && report_.size() == faults;
         number += range->step) {
      if (++generated_ > limits::kMaxGeneratedRecords) {
        return blame(begun, "a zone generates at most " + std::to_string(limits::kMaxGeneratedRecords) + " records");
      }
      for (std::size_t i = 0; i < words.size(); ++i) {
        auto text = fill_in(templates[i].text, static_cast<std::uint32_t>(number));
        if (!text) {
          return blame({words[i].line, words[i].column},
                       "this is no template, as host-$ or ${0,3,d}, or gives no number");
        }
        if (!count_generated(*text)) return blame(begun, most_octets(bounds_) + ", with what $generate makes");
        texts[i] = std::move(*text);
        words[i].text = texts[i];
      }
      rest_ = words;
      if (read_owner(false)) read_record();
    }
    rest_ = {};
  }

  /// As if it stood in a file, with a space behind it; false where that is too much.
  bool count_generated(std::string_view word) {
    if (word.size() + 1 > bounds_.octets - octets_) return false;
    octets_ += word.size() + 1;
    return true;
  }

  std::optional<Name> read_name() {
    const Result<Name> name = Name::parse(rest_[0].text, origin_);
    if (name) return *name;
    blame(place(), name.error().message);
    return std::nullopt;
  }

  void read_record() {
    const Place begun = place();
    std::optional<std::uint32_t> ttl;
    read_ttl_and_class(ttl);
    const std::optional<RecordType> type = read_type();
    if (!type) return;
    const std::optional<RdataFault> fault = parse_rdata(*type, rest_, origin_, rdata_);
    if (fault) {
      blame(place(fault->token), fault->message);
      return;
    }
    if (ttl && !default_ttl_) last_ttl_ = ttl;
    if (!ttl) ttl = default_ttl_ ? default_ttl_ : last_ttl_;
    if (!ttl) {
      blame(begun, "this record has no TTL", "give all of them one in the first line: $TTL 1h");
    } else {
      builder_.add(*owner_, *type, *ttl, rdata_, {begun, file_});
    }
  }

  bool read_owner(bool begins_blank) {
    if (!begins_blank) {
      const std::optional<Name> name = read_name();
      if (name) owner_ = name;
      take();
      return name.has_value();
    }
    if (!owner_) blame(place(), "this line begins without a name, and none is before it");
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
      blame(end_, "a type belongs here, as A or CNAME");
      return std::nullopt;
    }
    const std::optional<RecordType> type = type_from_text(rest_[0].text);
    if (!type) {
      const std::string word(rest_[0].text.substr(0, kMaxNameOctets));
      blame(place(), "'" + word + "' is neither a type nor the class IN",
            hint(word, {"A", "AAAA", "CNAME", "NS", "SOA", "MX", "TXT", "SRV", "CAA", "HTTPS", "SITE"}));
      return std::nullopt;
    }
    take();
    return type;
  }

  ZoneBounds bounds_;
  ZoneFolder* folder_;
  std::vector<std::unique_ptr<IncludedFile>> files_;
  const IncludedFile* file_ = nullptr;  // the present one, where it is included
  std::size_t depth_ = 0;
  std::size_t octets_ = 0;  // of all files, and generated; at most bounds_.octets
  std::size_t generated_ = 0;
  std::span<const Token> rest_;  // of the entry's words, those not yet read
  Place end_;                    // of the entry
  Name origin_;
  std::optional<Name> owner_;
  std::optional<std::uint32_t> default_ttl_;  // by $TTL
  std::optional<std::uint32_t> last_ttl_;     // without $TTL (RFC 1035 §5.1)
  std::vector<std::uint8_t> rdata_;
  config::Report& report_;
  ZoneBuilder builder_;
};

}  // namespace

std::shared_ptr<const Zone> read_master_file(std::string_view text, NameView apex, const ZoneBounds& bounds,
                                             config::Report& report, ZoneFolder* folder) {
  if (text.size() > bounds.octets) {
    report.add({}, most_octets(bounds));
    return nullptr;
  }
  return MasterFile(apex, bounds, report, folder).read(text);
}

}  // namespace ringway::dns
