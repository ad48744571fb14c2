#include "redirector_dns/wire/rdata.h"

#include <algorithm>

#include "base/address.h"
#include "base/text.h"
#include "redirector_dns/wire/rdata_fields.h"
#include "redirector_dns/wire/svc_params.h"

namespace ringway::dns {

namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::string_view kGeneric = "\\#";

void append(Octets& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

void append_integer(Octets& out, std::uint64_t value, unsigned octets) {
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

/// What a field is called in messages to whoever wrote the file.
std::string_view field_noun(RdataField field) {
  switch (field) {
    case RdataField::u8: return "a number from 0 to 255";
    case RdataField::u16: return "a number from 0 to 65535";
    case RdataField::u32: return "a number from 0 to 4294967295";
    case RdataField::seconds: return "a time, as 3600 or 1h";
    case RdataField::ipv4: return "an IPv4 address";
    case RdataField::ipv6: return "an IPv6 address";
    case RdataField::name:
    case RdataField::plain_name: return "a name";
    case RdataField::string:
    case RdataField::strings: return "a text of at most 255 octets";
    case RdataField::tag: return "a property of letters and digits";
    case RdataField::text: return "a text";
    case RdataField::hex: return "hexadecimal digits";
    case RdataField::svc_params: return "parameters";
    case RdataField::opaque: return R"(its data as \# LENGTH HEX: this type is not known here)";
  }
  return "";
}

/// Reads the fields of one record from its words, the first one first.
class RdataParser {
 public:
  RdataParser(std::span<const Token> tokens, NameView origin, Octets& out)
      : tokens_(tokens), origin_(origin), out_(out) {}

  std::optional<RdataFault> parse(RecordType type) {
    for (const RdataField field : rdata_fields(type)) {
      if (next_ == tokens_.size() && field != RdataField::svc_params) {
        return RdataFault{next_, type_text(type) + " wants " + std::string(field_noun(field)) + " here"};
      }
      if (std::optional<RdataFault> fault = parse_field(field)) return fault;
    }
    if (next_ < tokens_.size()) return RdataFault{next_, "nothing more belongs to " + type_text(type)};
    return std::nullopt;
  }

 private:
  std::optional<RdataFault> parse_field(RdataField field) {
    if (field == RdataField::svc_params) return parse_params();
    if (field == RdataField::name || field == RdataField::plain_name) return parse_name();
    if (!parse_word(field) || (field == RdataField::strings && !parse_more_strings())) {
      const std::string word(tokens_[std::min(next_, tokens_.size() - 1)].text.substr(0, kMaxNameOctets));
      return RdataFault{next_, "'" + word + "' is not " + std::string(field_noun(field))};
    }
    return std::nullopt;
  }

  bool parse_more_strings() {
    while (next_ < tokens_.size()) {
      if (!parse_string()) return false;
    }
    return true;
  }

  /// Every field that is of one word, or begins with one. Moves on only where it is well formed.
  bool parse_word(RdataField field) {
    switch (field) {
      case RdataField::u8: return parse_integer(1);
      case RdataField::u16: return parse_integer(2);
      case RdataField::u32: return parse_integer(4);
      case RdataField::seconds: return parse_time();
      case RdataField::ipv4:
      case RdataField::ipv6: return parse_address(field);
      case RdataField::string:
      case RdataField::strings: return parse_string();
      case RdataField::tag: return parse_tag();
      case RdataField::text: return parse_text();
      case RdataField::hex: return parse_hex();
      default: return false;
    }
  }

  bool parse_integer(unsigned octets) {
    const std::optional<std::uint64_t> value = parse_decimal(tokens_[next_].text);
    if (!value || *value >> (8 * octets) != 0) return false;
    append_integer(out_, *value, octets);
    ++next_;
    return true;
  }

  bool parse_time() {
    const std::optional<std::uint32_t> value = parse_seconds(tokens_[next_].text);
    if (!value) return false;
    append_integer(out_, *value, 4);
    ++next_;
    return true;
  }

  bool parse_address(RdataField field) {
    const Result<IpAddress> address = IpAddress::parse(tokens_[next_].text);
    if (!address || address->is_v4() != (field == RdataField::ipv4)) return false;
    append(out_, field == RdataField::ipv4 ? address->v4_octets() : Bytes(address->octets()));
    ++next_;
    return true;
  }

  bool parse_string() {
    const std::optional<Octets> octets = unescape(tokens_[next_].text);
    if (!octets || octets->size() > 255) return false;
    out_.push_back(static_cast<std::uint8_t>(octets->size()));
    append(out_, *octets);
    ++next_;
    return true;
  }

  bool parse_tag() {
    const std::size_t begun = out_.size();
    return parse_string() && field_octets(RdataField::tag, Bytes(out_).subspan(begun)).has_value();
  }

  bool parse_text() {
    const std::optional<Octets> octets = unescape(tokens_[next_].text);
    if (!octets) return false;
    append(out_, *octets);
    ++next_;
    return true;
  }

  /// Long ones may be written in several words.
  bool parse_hex() {
    std::string digits;
    for (; next_ < tokens_.size(); ++next_) digits += tokens_[next_].text;
    const std::optional<Octets> octets = from_hex(digits);
    if (!octets || octets->empty()) return false;
    append(out_, *octets);
    return true;
  }

  std::optional<RdataFault> parse_name() {
    const Result<Name> name = Name::parse(tokens_[next_].text, origin_);
    if (!name) return RdataFault{next_, name.error().message};
    append(out_, name->view().octets());
    ++next_;
    return std::nullopt;
  }

  std::optional<RdataFault> parse_params() {
    const std::size_t first = next_;
    next_ = tokens_.size();
    std::optional<SvcParamFault> fault = parse_svc_params(tokens_.subspan(first), out_);
    if (!fault) return std::nullopt;
    return RdataFault{first + fault->token, std::move(fault->message)};
  }

  std::span<const Token> tokens_;
  NameView origin_;
  Octets& out_;
  std::size_t next_ = 0;
};

/// `\# LENGTH HEX…` (RFC 3597 §5); `tokens` are what stands behind `\#`.
std::optional<RdataFault> parse_generic(RecordType type, std::span<const Token> tokens, Octets& out) {
  const std::optional<std::uint64_t> length = tokens.empty() ? std::nullopt : parse_decimal(tokens[0].text);
  if (!length) return RdataFault{1, R"('\#' wants a number of octets here)"};
  std::string digits;
  for (const Token& token : tokens.subspan(1)) digits += token.text;
  const std::optional<Octets> octets = from_hex(digits);
  if (!octets || octets->size() != *length) {
    return RdataFault{2, std::to_string(*length) + " octets as hexadecimal digits belong here"};
  }
  if (!is_well_formed(type, *octets)) return RdataFault{2, "these octets are no data of " + type_text(type)};
  append(out, *octets);
  return std::nullopt;
}

std::uint64_t load_integer(Bytes octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

std::string field_text(RdataField field, Bytes octets) {
  std::string out;
  switch (field) {
    case RdataField::ipv4: return v4_text(octets);
    case RdataField::ipv6: return v6_text(octets);
    case RdataField::name:
    case RdataField::plain_name: return NameView(octets).text();
    case RdataField::string: append_quoted(out, octets.subspan(1)); return out;
    case RdataField::strings:
      for (Bytes rest = octets; !rest.empty(); rest = rest.subspan(1U + rest[0])) {
        if (!out.empty()) out += ' ';
        append_quoted(out, rest.subspan(1, rest[0]));
      }
      return out;
    case RdataField::tag: return std::string(as_text(octets.subspan(1)));
    case RdataField::text: append_quoted(out, octets); return out;
    case RdataField::hex: return to_hex(octets);
    case RdataField::svc_params: return svc_params_text(octets);
    default: return std::to_string(load_integer(octets));
  }
}

}  // namespace

std::optional<RdataFault> parse_rdata(RecordType type, std::span<const Token> tokens, NameView origin, Octets& out) {
  out.clear();
  const bool generic = !tokens.empty() && tokens[0].text == kGeneric && !tokens[0].quoted;
  std::optional<RdataFault> fault =
      generic ? parse_generic(type, tokens.subspan(1), out) : RdataParser(tokens, origin, out).parse(type);
  if (!fault && out.size() > kMaxRdataOctets) fault = RdataFault{0, "this is more than 65535 octets"};
  return fault;
}

std::string rdata_text(RecordType type, Bytes rdata) {
  const std::span<const RdataField> fields = rdata_fields(type);
  if (fields[0] == RdataField::opaque) {
    std::string out = std::string(kGeneric) + ' ' + std::to_string(rdata.size());
    if (!rdata.empty()) out += ' ' + to_hex(rdata);
    return out;
  }
  std::string out;
  for (const RdataField field : fields) {
    const std::size_t octets = field_octets(field, rdata).value_or(rdata.size());
    const std::string text = field_text(field, rdata.first(octets));
    if (!out.empty() && !text.empty()) out += ' ';
    out += text;
    rdata = rdata.subspan(octets);
  }
  return out;
}

bool read_rdata(Bytes message, std::size_t at, std::size_t length, RecordType type, Octets& out) {
  out.clear();
  if (at > message.size() || message.size() - at < length) return false;
  const Bytes whole = message.first(at + length);  // a name's own octets may not go on behind the data
  for (const RdataField field : rdata_fields(type)) {
    if (field == RdataField::name || field == RdataField::plain_name) {
      Name name;
      if (!read_name(whole, at, name)) return false;
      append(out, name.view().octets());
      continue;
    }
    const std::optional<std::size_t> octets = field_octets(field, whole.subspan(at));
    if (!octets) return false;
    append(out, whole.subspan(at, *octets));
    at += *octets;
  }
  return at == whole.size();
}

}  // namespace ringway::dns
