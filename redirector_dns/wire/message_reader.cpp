#include "redirector_dns/wire/message_reader.h"

#include "redirector_dns/wire/rdata.h"

namespace ringway::dns {

Header read_header(Bytes message) {
  const std::uint8_t* at = message.data();
  return {load_u16(at), load_u16(at + 2), load_u16(at + 4), load_u16(at + 6), load_u16(at + 8), load_u16(at + 10)};
}

bool MessageReader::question(Question& out) {
  if (!read_name(message_, at_, out.name) || message_.size() - at_ < 4) return false;
  out.type = static_cast<RecordType>(load_u16(message_.data() + at_));
  out.record_class = load_u16(message_.data() + at_ + 2);
  at_ += 4;
  return true;
}

bool MessageReader::record(Record& out) {
  constexpr std::size_t kFixedOctets = 10;
  if (!read_name(message_, at_, out.owner) || message_.size() - at_ < kFixedOctets) return false;
  const std::uint8_t* fixed = message_.data() + at_;
  out.type = static_cast<RecordType>(load_u16(fixed));
  out.record_class = load_u16(fixed + 2);
  out.ttl_s = load_u32(fixed + 4);
  const std::size_t length = load_u16(fixed + 8);
  at_ += kFixedOctets;
  if (!read_rdata(message_, at_, length, out.type, out.rdata)) return false;
  at_ += length;
  return true;
}

}  // namespace ringway::dns
