#pragma once
// Queries and names as tests write them, and answers as they look at them.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "redirector_dns/wire/message_reader.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/presentation.h"
#include "redirector_dns/wire/query.h"

namespace ringway::dns {

using Octets = std::vector<std::uint8_t>;

inline Name name_of(std::string_view text) { return Name::parse(text).value(); }

inline Octets hex(std::string_view digits) { return from_hex(digits).value(); }

inline void append(Octets& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

inline void append_u16(Octets& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// One query, built piece by piece; each piece may be wrong.
struct QueryBuilder {
  std::uint16_t id = 0x1234;
  std::uint16_t flags = kFlagRecursionDesired;
  Octets body;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
  std::uint16_t additionals = 0;

  static QueryBuilder of(std::string_view name, RecordType type) {
    QueryBuilder query;
    query.ask(name, type);
    return query;
  }

  QueryBuilder& ask(std::string_view name, RecordType type, std::uint16_t record_class = kClassIn) {
    append(body, name_of(name).view().octets());
    append_u16(body, static_cast<std::uint16_t>(type));
    append_u16(body, record_class);
    ++questions;
    return *this;
  }

  QueryBuilder& opt(const Octets& options, std::uint16_t udp_octets = 1232, std::uint32_t ttl = 0) {
    body.push_back(0);
    append_u16(body, static_cast<std::uint16_t>(RecordType::opt));
    append_u16(body, udp_octets);
    append_u16(body, static_cast<std::uint16_t>(ttl >> 16));
    append_u16(body, static_cast<std::uint16_t>(ttl));
    append_u16(body, static_cast<std::uint16_t>(options.size()));
    append(body, options);
    ++additionals;
    return *this;
  }

  [[nodiscard]] Octets octets() const {
    Octets out;
    for (const std::uint16_t word : {id, flags, questions, answers, std::uint16_t{0}, additionals})
      append_u16(out, word);
    append(out, body);
    return out;
  }
};

inline Octets option(std::uint16_t code, const Octets& content) {
  Octets out;
  append_u16(out, code);
  append_u16(out, static_cast<std::uint16_t>(content.size()));
  append(out, content);
  return out;
}

/// A client's network as an option: "00012000c63364" behind the code, for instance, is 198.51.100.0/32 cut to 24 bits.
inline Octets subnet_option(std::uint16_t family, std::uint8_t source, const Octets& address, std::uint8_t scope = 0) {
  Octets content;
  append_u16(content, family);
  content.push_back(source);
  content.push_back(scope);
  append(content, address);
  return option(8, content);
}

}  // namespace ringway::dns
