#include "redirector_dns/wire/rdata_fields.h"

#include <algorithm>

#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/svc_params.h"

namespace ringway::dns {

namespace {

using enum RdataField;

constexpr RdataField kAddress4[] = {ipv4};
constexpr RdataField kAddress6[] = {ipv6};
constexpr RdataField kOneName[] = {name};
constexpr RdataField kOnePlainName[] = {plain_name};
constexpr RdataField kSoa[] = {name, name, u32, seconds, seconds, seconds, seconds};
constexpr RdataField kHinfo[] = {string, string};
constexpr RdataField kMx[] = {u16, name};
constexpr RdataField kTxt[] = {strings};
constexpr RdataField kSrv[] = {u16, u16, u16, plain_name};
constexpr RdataField kNaptr[] = {u16, u16, string, string, string, plain_name};
constexpr RdataField kDs[] = {u16, u8, u8, hex};
constexpr RdataField kSshfp[] = {u8, u8, hex};
constexpr RdataField kTlsa[] = {u8, u8, u8, hex};
constexpr RdataField kSvcb[] = {u16, plain_name, svc_params};
constexpr RdataField kCaa[] = {u8, tag, text};
constexpr RdataField kSite[] = {string};
constexpr RdataField kUnknown[] = {opaque};

bool is_letter_or_digit(std::uint8_t octet) {
  return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
}

std::optional<std::size_t> at_least(std::size_t wanted, Bytes rest) {
  if (rest.size() < wanted) return std::nullopt;
  return wanted;
}

std::optional<std::size_t> string_octets(Bytes rest) {
  if (rest.empty()) return std::nullopt;
  return at_least(1U + rest[0], rest);
}

std::optional<std::size_t> tag_octets(Bytes rest) {
  const std::optional<std::size_t> octets = string_octets(rest);
  if (!octets || *octets < 2) return std::nullopt;
  const Bytes letters = rest.subspan(1, *octets - 1);
  if (!std::all_of(letters.begin(), letters.end(), is_letter_or_digit)) return std::nullopt;
  return octets;
}

std::optional<std::size_t> strings_octets(Bytes rest) {
  std::size_t at = 0;
  do {
    const std::optional<std::size_t> octets = string_octets(rest.subspan(at));
    if (!octets) return std::nullopt;
    at += *octets;
  } while (at < rest.size());
  return at;
}

}  // namespace

std::span<const RdataField> rdata_fields(RecordType type) {
  switch (type) {
    case RecordType::a: return kAddress4;
    case RecordType::aaaa: return kAddress6;
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr: return kOneName;
    case RecordType::dname: return kOnePlainName;
    case RecordType::soa: return kSoa;
    case RecordType::hinfo: return kHinfo;
    case RecordType::mx: return kMx;
    case RecordType::txt: return kTxt;
    case RecordType::srv: return kSrv;
    case RecordType::naptr: return kNaptr;
    case RecordType::ds: return kDs;
    case RecordType::sshfp: return kSshfp;
    case RecordType::tlsa: return kTlsa;
    case RecordType::svcb:
    case RecordType::https: return kSvcb;
    case RecordType::caa: return kCaa;
    case RecordType::site: return kSite;
    default: return kUnknown;
  }
}

std::optional<std::size_t> field_octets(RdataField field, Bytes rest) {
  switch (field) {
    case u8: return at_least(1, rest);
    case u16: return at_least(2, rest);
    case u32:
    case seconds:
    case ipv4: return at_least(4, rest);
    case ipv6: return at_least(16, rest);
    case name:
    case plain_name: return whole_name_octets(rest);
    case string: return string_octets(rest);
    case strings: return strings_octets(rest);
    case tag: return tag_octets(rest);
    case svc_params:
      if (!well_formed_svc_params(rest)) return std::nullopt;
      return rest.size();
    case hex: return rest.empty() ? std::nullopt : std::optional(rest.size());
    case text:
    case opaque: return rest.size();
  }
  return std::nullopt;
}

bool has_compressible_names(RecordType type) {
  const std::span<const RdataField> fields = rdata_fields(type);
  return std::find(fields.begin(), fields.end(), name) != fields.end();
}

bool is_well_formed(RecordType type, Bytes rdata) {
  for (const RdataField field : rdata_fields(type)) {
    const std::optional<std::size_t> octets = field_octets(field, rdata);
    if (!octets) return false;
    rdata = rdata.subspan(*octets);
  }
  return rdata.empty();
}

}  // namespace ringway::dns
