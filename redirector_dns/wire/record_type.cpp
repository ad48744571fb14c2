#include "redirector_dns/wire/record_type.h"

#include "base/text.h"

namespace ringway::dns {

namespace {

struct Named {
  RecordType type;
  std::string_view name;
};

constexpr Named kNames[] = {
    {RecordType::a, "A"},         {RecordType::ns, "NS"},       {RecordType::cname, "CNAME"},
    {RecordType::soa, "SOA"},     {RecordType::ptr, "PTR"},     {RecordType::hinfo, "HINFO"},
    {RecordType::mx, "MX"},       {RecordType::txt, "TXT"},     {RecordType::aaaa, "AAAA"},
    {RecordType::srv, "SRV"},     {RecordType::naptr, "NAPTR"}, {RecordType::dname, "DNAME"},
    {RecordType::opt, "OPT"},     {RecordType::ds, "DS"},       {RecordType::sshfp, "SSHFP"},
    {RecordType::rrsig, "RRSIG"}, {RecordType::nsec, "NSEC"},   {RecordType::dnskey, "DNSKEY"},
    {RecordType::nsec3, "NSEC3"}, {RecordType::tlsa, "TLSA"},   {RecordType::nsec3param, "NSEC3PARAM"},
    {RecordType::svcb, "SVCB"},   {RecordType::https, "HTTPS"}, {RecordType::ixfr, "IXFR"},
    {RecordType::axfr, "AXFR"},   {RecordType::any, "ANY"},     {RecordType::caa, "CAA"},
    {RecordType::site, "SITE"},
};

constexpr std::string_view kUnnamed = "TYPE";

}  // namespace

std::string type_text(RecordType type) {
  for (const Named& named : kNames) {
    if (named.type == type) return std::string(named.name);
  }
  return std::string(kUnnamed) + std::to_string(static_cast<unsigned>(type));
}

std::optional<RecordType> type_from_text(std::string_view text) {
  for (const Named& named : kNames) {
    if (equals_ignoring_case(named.name, text)) return named.type;
  }
  if (!equals_ignoring_case(text.substr(0, kUnnamed.size()), kUnnamed)) return std::nullopt;
  const std::optional<std::uint64_t> number = parse_decimal(text.substr(kUnnamed.size()));
  if (!number || *number > UINT16_MAX) return std::nullopt;
  return static_cast<RecordType>(*number);
}

}  // namespace ringway::dns
