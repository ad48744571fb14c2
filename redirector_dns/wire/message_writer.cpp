#include "redirector_dns/wire/message_writer.h"

#include <cassert>

#include "base/text.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/wire/rdata_fields.h"

namespace ringway::dns {

namespace {

constexpr std::uint16_t kPointer = 0xc000;
constexpr std::size_t kMaxPointerTarget = 0x3fff;

/// What each suffix of `name` hashes to, by where it begins. From the root up, so that each takes one label more.
struct SuffixHashes {
  std::array<std::uint32_t, kMaxLabels> hash;
  std::size_t count = 0;

  explicit SuffixHashes(NameView name) {
    std::array<std::uint8_t, kMaxLabels> starts;
    const Bytes octets = name.octets();
    for (std::size_t at = 0; octets[at] != 0; at += 1U + octets[at]) starts[count++] = static_cast<std::uint8_t>(at);
    std::uint32_t running = 2166136261U;  // FNV-1a
    for (std::size_t label = count; label-- > 0;) {
      const Bytes text = octets.subspan(starts[label], 1U + octets[starts[label]]);
      for (const std::uint8_t octet : text) {
        running = (running ^ static_cast<std::uint8_t>(to_lower(static_cast<char>(octet)))) * 16777619U;
      }
      hash[label] = running;
    }
  }
};

}  // namespace

MessageWriter::MessageWriter(const Query& query, MutableBytes out, std::size_t opt)
    : query_(query), out_(out), limit_(out.size() - opt), size_(kHeaderOctets + query.question.size()), body_(size_) {
  assert(out.size() >= limits::kMinDnsAnswerOctets && size_ <= limit_);
  copy_bytes(query.question, out_.data() + kHeaderOctets);
}

bool MessageWriter::add(Section section, Owner owner, RecordType type, std::uint32_t ttl_s, Bytes records) {
  if (owner.at() == 0 || has_compressible_names(type)) know_question();
  const std::size_t size = size_;
  const std::size_t known = known_count_;
  std::uint16_t count = 0;
  for (Bytes rest = records; !rest.empty(); ++count) {
    const Bytes rdata = rest.subspan(2, load_u16(rest.data()));
    if (!write_record(owner, type, ttl_s, rdata)) {
      size_ = size;
      known_count_ = known;
      return false;
    }
    rest = rest.subspan(2 + rdata.size());
  }
  counts_[static_cast<std::size_t>(section)] =
      static_cast<std::uint16_t>(counts_[static_cast<std::size_t>(section)] + count);
  return true;
}

bool MessageWriter::write_record(Owner owner, RecordType type, std::uint32_t ttl_s, Bytes rdata) {
  if (owner.at() != 0 ? !write_u16(kPointer | owner.at()) : !write_name(owner.name())) return false;
  std::array<std::uint8_t, 10> fixed{};
  store_u16(fixed.data(), static_cast<std::uint16_t>(type));
  store_u16(fixed.data() + 2, kClassIn);
  store_u32(fixed.data() + 4, ttl_s);
  if (!write_octets(fixed)) return false;
  const std::size_t begun = size_;
  if (!write_rdata(type, rdata)) return false;
  store_u16(out_.data() + begun - 2, static_cast<std::uint16_t>(size_ - begun));
  return true;
}

bool MessageWriter::write_rdata(RecordType type, Bytes rdata) {
  if (!has_compressible_names(type)) return write_octets(rdata);
  for (const RdataField field : rdata_fields(type)) {
    const std::size_t octets = field_octets(field, rdata).value_or(rdata.size());
    const Bytes part = rdata.first(octets);
    if (field == RdataField::name ? !write_name(NameView(part)) : !write_octets(part)) return false;
    rdata = rdata.subspan(octets);
  }
  return true;
}

bool MessageWriter::write_octets(Bytes octets) {
  if (limit_ - size_ < octets.size()) return false;
  copy_bytes(octets, out_.data() + size_);
  size_ += octets.size();
  return true;
}

bool MessageWriter::write_u16(std::size_t value) {
  std::array<std::uint8_t, 2> octets{};
  store_u16(octets.data(), static_cast<std::uint16_t>(value));
  return write_octets(octets);
}

bool MessageWriter::write_name(NameView name) {
  const SuffixHashes hashes(name);
  NameView rest = name;
  for (std::size_t label = 0; label < hashes.count; ++label, rest = rest.parent()) {
    if (const Known* known = find(hashes.hash[label], rest)) return write_u16(kPointer | known->at);
    const std::size_t at = size_;
    if (!write_octets(rest.octets().first(1U + rest.octets()[0]))) return false;
    know(hashes.hash[label], at, rest);
  }
  return write_octets(rest.octets());
}

void MessageWriter::know_question() {
  if (question_known_) return;
  question_known_ = true;
  const SuffixHashes hashes(query_.name);
  NameView rest = query_.name;
  for (std::size_t label = 0; label < hashes.count; ++label, rest = rest.parent()) {
    know(hashes.hash[label], kHeaderOctets + query_.name.size() - rest.size(), rest);
  }
}

void MessageWriter::know(std::uint32_t hash, std::size_t at, NameView name) {
  if (known_count_ == kMaxKnown || at > kMaxPointerTarget) return;
  known_[known_count_++] = {hash, static_cast<std::uint16_t>(at), static_cast<std::uint8_t>(name.size())};
}

const MessageWriter::Known* MessageWriter::find(std::uint32_t hash, NameView name) const {
  for (std::size_t i = 0; i < known_count_; ++i) {
    const Known& known = known_[i];
    if (known.hash == hash && known.octets == name.size() && stands_at(known.at, name)) return &known;
  }
  return nullptr;
}

bool MessageWriter::stands_at(std::size_t at, NameView name) const {
  Name there;
  return read_name(out_.first(size_), at, there) && there.view() == name;
}

void MessageWriter::truncate() {
  size_ = body_;
  counts_ = {};
  known_count_ = 0;
  question_known_ = false;
  truncated_ = kFlagTruncated;
}

std::size_t MessageWriter::finish(Rcode rcode, std::uint16_t flags, const EdnsAnswer* edns) {
  constexpr std::uint16_t kCopied = kOpcodeBits | kFlagRecursionDesired | kFlagCheckingDisabled;
  const auto low = static_cast<unsigned>(rcode) & kRcodeBits;
  std::uint8_t* header = out_.data();
  store_u16(header, query_.header.id);
  store_u16(header + 2,
            static_cast<std::uint16_t>(kFlagResponse | (query_.header.flags & kCopied) | flags | truncated_ | low));
  store_u16(header + 4, query_.question.empty() ? 0 : 1);
  store_u16(header + 6, counts_[0]);
  store_u16(header + 8, counts_[1]);
  store_u16(header + 10, static_cast<std::uint16_t>(counts_[2] + (edns != nullptr ? 1 : 0)));
  if (edns == nullptr) return size_;
  write_edns(*edns, header + size_);
  return size_ + edns_octets(*edns);
}

}  // namespace ringway::dns
