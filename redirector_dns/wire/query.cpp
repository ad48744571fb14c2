#include "redirector_dns/wire/query.h"

namespace ringway::dns {

namespace {

constexpr std::size_t kQuestionFixedOctets = 4;
constexpr std::size_t kRecordFixedOctets = 10;

/// Nothing stands before its name that a pointer could mean.
bool read_question(Bytes message, std::size_t& at, Query& out) {
  const Bytes rest = message.subspan(at);
  const std::optional<std::size_t> octets = whole_name_octets(rest);
  if (!octets || rest.size() - *octets < kQuestionFixedOctets) return false;
  out.question = rest.first(*octets + kQuestionFixedOctets);
  out.name = NameView(rest.first(*octets));
  out.type = static_cast<RecordType>(load_u16(rest.data() + *octets));
  out.record_class = load_u16(rest.data() + *octets + 2);
  at += out.question.size();
  return true;
}

/// The OPT record belongs to the root, into the last section, and once into a message (RFC 6891 §6.1.1).
bool read_record(Bytes message, std::size_t& at, bool additional, Query& out) {
  const bool of_root = at < message.size() && message[at] == 0;
  if (!skip_name(message, at) || message.size() - at < kRecordFixedOctets) return false;
  const std::uint8_t* fixed = message.data() + at;
  const std::size_t length = load_u16(fixed + 8);
  at += kRecordFixedOctets;
  if (message.size() - at < length) return false;
  const Bytes rdata = message.subspan(at, length);
  at += length;
  if (static_cast<RecordType>(load_u16(fixed)) != RecordType::opt) return true;
  if (!additional || !of_root || out.edns) return false;
  Edns edns;
  if (!read_edns(fixed + 2, rdata, edns)) return false;
  out.edns = edns;
  return true;
}

bool read_sections(Bytes message, Query& out) {
  std::size_t at = kHeaderOctets;
  if (out.header.questions > 1) return false;
  if (out.header.questions == 1 && !read_question(message, at, out)) return false;
  const std::uint32_t before = std::uint32_t{out.header.answers} + out.header.authorities;
  for (std::uint32_t record = 0; record < out.header.records(); ++record) {
    if (!read_record(message, at, record >= before, out)) return false;
  }
  return at == message.size();
}

}  // namespace

Verdict read_query(Bytes message, Query& out) {
  out = Query();
  if (message.size() < kHeaderOctets) return Verdict::ignore;
  out.header = read_header(message);
  if (out.header.is_response()) return Verdict::ignore;
  const bool well_formed = read_sections(message, out);
  if (out.header.opcode() != static_cast<std::uint8_t>(Opcode::query)) return Verdict::notimp;
  if (!well_formed) return Verdict::formerr;
  const bool asks_for_cookie = out.edns && !out.edns->cookie.empty();
  return out.question.empty() && !asks_for_cookie ? Verdict::formerr : Verdict::answer;
}

}  // namespace ringway::dns
