#include "redirector_dns/wire/name.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "redirector_dns/wire/presentation.h"

namespace ringway::dns {

namespace {

constexpr std::uint8_t kPointer = 0xc0;  // RFC 1035 §4.1.4; 0x40 and 0x80 mark nothing that is in use (RFC 6891 §5)

std::uint8_t lower(std::uint8_t octet) { return static_cast<std::uint8_t>(to_lower(static_cast<char>(octet))); }

/// Lengths of labels are no letters: a whole name is compared without looking at where its labels begin.
bool equal_octets(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  if (std::memcmp(a.data(), b.data(), a.size()) == 0) return true;
  return std::equal(a.begin(), a.end(), b.begin(), [](std::uint8_t x, std::uint8_t y) { return lower(x) == lower(y); });
}

/// Where each label of `name` begins, the root's left out. Returns how many there are.
std::size_t find_labels(NameView name, std::array<std::uint8_t, kMaxLabels>& starts) {
  std::size_t count = 0;
  for (std::size_t at = 0; name.octets()[at] != 0; at += 1U + name.octets()[at]) {
    starts[count++] = static_cast<std::uint8_t>(at);
  }
  return count;
}

std::strong_ordering label_order(Bytes a, Bytes b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (lower(a[i]) != lower(b[i])) return lower(a[i]) <=> lower(b[i]);
  }
  return a.size() <=> b.size();
}

}  // namespace

std::size_t NameView::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; octets_[at] != 0; at += 1U + octets_[at]) ++count;
  return count;
}

bool NameView::is_within(NameView ancestor) const {
  if (size() < ancestor.size()) return false;
  const std::size_t excess = size() - ancestor.size();
  std::size_t at = 0;
  while (at < excess) at += 1U + octets_[at];
  return at == excess && equal_octets(octets_.subspan(excess), ancestor.octets());
}

std::string NameView::text() const {
  if (is_root()) return ".";
  std::string out;
  out.reserve(octets_.size());
  for (NameView rest = *this; !rest.is_root(); rest = rest.parent()) {
    for (const std::uint8_t octet : rest.label()) append_escaped(out, octet, Escaped::in_word);
    out += '.';
  }
  return out;
}

bool operator==(NameView a, NameView b) { return equal_octets(a.octets(), b.octets()); }

std::strong_ordering canonical_order(NameView a, NameView b) {
  std::array<std::uint8_t, kMaxLabels> starts_a{};
  std::array<std::uint8_t, kMaxLabels> starts_b{};
  std::size_t left_a = find_labels(a, starts_a);
  std::size_t left_b = find_labels(b, starts_b);
  while (left_a > 0 && left_b > 0) {
    const NameView rest_a(a.octets().subspan(starts_a[--left_a]));
    const NameView rest_b(b.octets().subspan(starts_b[--left_b]));
    const std::strong_ordering order = label_order(rest_a.label(), rest_b.label());
    if (order != std::strong_ordering::equal) return order;
  }
  return left_a <=> left_b;
}

bool Name::append(Bytes label) {
  // Room for the root, which every name ends with, is kept until it comes.
  const std::size_t reserved = label.empty() ? 0 : 1;
  if (label.size() > kMaxLabelOctets || size_ + 1U + label.size() + reserved > kMaxNameOctets) return false;
  octets_[size_] = static_cast<std::uint8_t>(label.size());
  copy_bytes(label, octets_.data() + size_ + 1);
  size_ = static_cast<std::uint8_t>(size_ + 1U + label.size());
  return true;
}

void Name::make_lower() { ringway::make_lower(reinterpret_cast<char*>(octets_.data()), size_); }

Result<Name> Name::parse(std::string_view text, NameView origin) {
  const auto fault = [text](const char* what) {
    return client_error("'" + std::string(text.substr(0, kMaxNameOctets)) + "' " + what);
  };
  if (text == "@") return Name(origin);
  if (text == ".") return Name();
  if (text.empty()) return client_error("an empty word is no name");
  Name name;
  name.clear();
  std::array<std::uint8_t, kMaxLabelOctets> label{};
  std::size_t length = 0;
  bool ended = false;  // the last character was a label's dot
  for (std::string_view rest = text; !rest.empty();) {
    const std::optional<Character> character = take_character(rest);
    if (!character) return fault(R"(has a '\' that no character or three digits follow)");
    ended = character->octet == '.' && !character->escaped;
    if (!ended) {
      if (length == kMaxLabelOctets) return fault("has a label of more than 63 octets");
      label[length++] = character->octet;
      continue;
    }
    if (length == 0) return fault("has an empty label");
    if (!name.append(Bytes(label).first(length))) return fault("is longer than 255 octets");
    length = 0;
  }
  if (!ended && !name.append(Bytes(label).first(length))) return fault("is longer than 255 octets");
  for (NameView rest = ended ? NameView() : origin; !rest.is_root(); rest = rest.parent()) {
    if (!name.append(rest.label())) return fault("is, with its origin, longer than 255 octets");
  }
  name.append({});
  return name;
}

bool read_name(Bytes message, std::size_t& at, Name& out) {
  out.clear();
  std::size_t from = at;
  std::size_t bound = at;  // where the run of labels being read began: pointers lead before it
  bool jumped = false;
  while (from < message.size()) {
    const std::uint8_t length = message[from];
    if (length >= kPointer) {
      if (from + 2 > message.size()) return false;
      if (!jumped) at = from + 2;
      jumped = true;
      from = static_cast<std::size_t>(length & ~kPointer) << 8 | message[from + 1];
      if (from >= bound) return false;
      bound = from;
      continue;
    }
    if (length > kMaxLabelOctets || from + 1 + length > message.size()) return false;
    if (!out.append(message.subspan(from + 1, length))) return false;
    from += 1U + length;
    if (length > 0) continue;
    if (!jumped) at = from;
    return true;
  }
  return false;
}

bool skip_name(Bytes message, std::size_t& at) {
  while (at < message.size()) {
    const std::uint8_t length = message[at];
    if (length > kMaxLabelOctets && length < kPointer) return false;
    at += length >= kPointer ? 2U : 1U + length;
    if (length == 0 || length >= kPointer) return at <= message.size();
  }
  return false;
}

std::optional<std::size_t> whole_name_octets(Bytes octets) {
  std::size_t at = 0;
  while (at < octets.size() && at < kMaxNameOctets) {
    const std::uint8_t length = octets[at];
    if (length == 0) return at + 1;
    if (length > kMaxLabelOctets) return std::nullopt;
    at += 1U + length;
  }
  return std::nullopt;
}

}  // namespace ringway::dns
