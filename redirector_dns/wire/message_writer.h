#pragma once
// Writes one answer: the question as it came, records with compressed names (RFC 1035 §4.1.4), and the OPT record, for
// which there is always room. What does not fit takes its whole RRset along (RFC 2181 §9).

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "redirector_dns/wire/edns.h"
#include "redirector_dns/wire/message_reader.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/query.h"

namespace ringway::dns {

enum class Section : std::uint8_t { answer, authority, additional };

/// Whom records belong to: the question's name or what is left of it without its first octets (whole labels), or any
/// other name, which outlives the call.
class Owner {
 public:
  static Owner question(std::size_t without_octets = 0) { return Owner(kHeaderOctets + without_octets, {}); }
  static Owner other(NameView name) { return Owner(0, name); }

  /// Where in the message the name stands; 0: nowhere yet.
  [[nodiscard]] std::uint16_t at() const { return at_; }
  [[nodiscard]] NameView name() const { return name_; }

 private:
  Owner(std::size_t at, NameView name) : at_(static_cast<std::uint16_t>(at)), name_(name) {}
  std::uint16_t at_;
  NameView name_;
};

class MessageWriter {
 public:
  /// `out` has at least limits::kMinDnsAnswerOctets and, as the query, outlives the writer. `opt` is the size of the
  /// OPT record to come; 0: none.
  MessageWriter(const Query& query, MutableBytes out, std::size_t opt);

  /// Adds one RRset: `records` are, one after the other, 16 bits of length and so much data. False, and nothing is
  /// added, where it does not fit.
  bool add(Section section, Owner owner, RecordType type, std::uint32_t ttl_s, Bytes records);

  /// Leaves nothing but the question, and says that there is more.
  void truncate();

  /// Ends the message. `flags`: what is set of AA. Returns its size.
  std::size_t finish(Rcode rcode, std::uint16_t flags, const EdnsAnswer* edns);

 private:
  /// A name that stands in the message, for later ones to point at.
  struct Known {
    std::uint32_t hash;
    std::uint16_t at;
    std::uint8_t octets;
  };

  bool write_record(Owner owner, RecordType type, std::uint32_t ttl_s, Bytes rdata);
  bool write_rdata(RecordType type, Bytes rdata);
  bool write_octets(Bytes octets);
  bool write_u16(std::size_t value);
  bool write_name(NameView name);
  void know_question();
  void know(std::uint32_t hash, std::size_t at, NameView name);
  [[nodiscard]] const Known* find(std::uint32_t hash, NameView name) const;
  [[nodiscard]] bool stands_at(std::size_t at, NameView name) const;

  const Query& query_;
  MutableBytes out_;
  std::size_t limit_;  // without the OPT record
  std::size_t size_;
  std::size_t body_;  // where records begin
  std::array<std::uint16_t, 3> counts_{};
  std::uint16_t truncated_ = 0;  // the flag
  static constexpr std::size_t kMaxKnown = 64;
  std::array<Known, kMaxKnown> known_;
  std::size_t known_count_ = 0;
  bool question_known_ = false;
};

}  // namespace ringway::dns
