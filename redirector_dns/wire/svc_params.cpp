#include "redirector_dns/wire/svc_params.h"

#include <algorithm>
#include <map>

#include "base/address.h"
#include "base/text.h"

namespace ringway::dns {

namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kParamHeaderOctets = 4;

constexpr std::string_view kKeyNames[] = {"mandatory", "alpn", "no-default-alpn", "port",
                                          "ipv4hint",  "ech",  "ipv6hint"};
constexpr std::string_view kUnnamedKey = "key";

std::string key_text(std::uint16_t key) {
  if (key < std::size(kKeyNames)) return std::string(kKeyNames[key]);
  return std::string(kUnnamedKey) + std::to_string(key);
}

std::optional<std::uint16_t> key_from_text(std::string_view text) {
  const auto* named = std::find(std::begin(kKeyNames), std::end(kKeyNames), text);
  if (named != std::end(kKeyNames)) return static_cast<std::uint16_t>(named - kKeyNames);
  if (text.substr(0, kUnnamedKey.size()) != kUnnamedKey) return std::nullopt;
  const std::optional<std::uint64_t> number = parse_decimal(text.substr(kUnnamedKey.size()));
  if (!number || *number >= UINT16_MAX) return std::nullopt;  // 65535 is reserved
  return static_cast<std::uint16_t>(*number);
}

struct Param {
  std::uint16_t key = 0;
  Bytes value;
};

/// Takes one parameter off the front of `params`.
std::optional<Param> take_param(Bytes& params) {
  if (params.size() < kParamHeaderOctets) return std::nullopt;
  const std::size_t length = load_u16(params.data() + 2);
  if (params.size() - kParamHeaderOctets < length) return std::nullopt;
  const Param param{load_u16(params.data()), params.subspan(kParamHeaderOctets, length)};
  params = params.subspan(kParamHeaderOctets + length);
  return param;
}

bool well_formed_alpn(Bytes value) {
  if (value.empty()) return false;
  while (!value.empty()) {
    const std::size_t length = value[0];
    if (length == 0 || value.size() < 1 + length) return false;
    value = value.subspan(1 + length);
  }
  return true;
}

/// Numbers of keys, each higher than the one before it, and none that is always mandatory (RFC 9460 §8).
bool well_formed_mandatory(Bytes value) {
  if (value.empty() || value.size() % 2 != 0) return false;
  unsigned before = 0;
  for (std::size_t at = 0; at < value.size(); at += 2) {
    const unsigned key = load_u16(value.data() + at);
    if (key <= before) return false;
    before = key;
  }
  return true;
}

bool well_formed_value(const Param& param) {
  switch (static_cast<SvcParamKey>(param.key)) {
    case SvcParamKey::mandatory: return well_formed_mandatory(param.value);
    case SvcParamKey::alpn: return well_formed_alpn(param.value);
    case SvcParamKey::no_default_alpn: return param.value.empty();
    case SvcParamKey::port: return param.value.size() == 2;
    case SvcParamKey::ipv4hint: return !param.value.empty() && param.value.size() % 4 == 0;
    case SvcParamKey::ech: return !param.value.empty();
    case SvcParamKey::ipv6hint: return !param.value.empty() && param.value.size() % 16 == 0;
    default: return true;
  }
}

bool has_key(Bytes params, unsigned key) {
  while (const std::optional<Param> param = take_param(params)) {
    if (param->key == key) return true;
  }
  return false;
}

/// Calls `take` with each part of a list; `\` makes a comma one of the part (RFC 9460 appendix A.1).
template <class Take>
bool for_each_part(Bytes list, Take take) {
  Octets part;
  bool escaped = false;
  for (const std::uint8_t octet : list) {
    if (!escaped && octet == ',') {
      if (!take(part)) return false;
      part.clear();
    } else if (!escaped && octet == '\\') {
      escaped = true;
      continue;
    } else {
      part.push_back(octet);
    }
    escaped = false;
  }
  return !escaped && take(part);
}

bool append_alpn(const Octets& id, Octets& out) {
  if (id.empty() || id.size() > 255) return false;
  out.push_back(static_cast<std::uint8_t>(id.size()));
  out.insert(out.end(), id.begin(), id.end());
  return true;
}

bool append_address(const Octets& text, bool wants_v4, Octets& out) {
  const Result<IpAddress> address = IpAddress::parse(as_text(text));
  if (!address || address->is_v4() != wants_v4) return false;
  const Bytes octets = wants_v4 ? address->v4_octets() : Bytes(address->octets());
  out.insert(out.end(), octets.begin(), octets.end());
  return true;
}

void append_u16(Octets& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

bool parse_mandatory(Bytes list, Octets& out) {
  std::vector<std::uint16_t> keys;
  const bool known = for_each_part(list, [&keys](const Octets& part) {
    const std::optional<std::uint16_t> key = key_from_text(as_text(part));
    if (key) keys.push_back(*key);
    return key.has_value();
  });
  std::sort(keys.begin(), keys.end());
  for (const std::uint16_t key : keys) append_u16(out, key);
  return known;
}

/// The base64 of RFC 4648 §4, with its padding: as ECH configurations are handed round.
bool parse_base64(Bytes text, Octets& out) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = i >= text.size() - padding ? 0 : kDigits.find(static_cast<char>(text[i]));
    if (digit == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (const int shift : {16, 8, 0}) out.push_back(static_cast<std::uint8_t>(bits >> shift));
    bits = 0;
  }
  out.resize(out.size() - padding);
  return true;
}

std::string base64_text(Bytes octets) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, octets.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? octets[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? kDigits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

bool parse_value(std::uint16_t key, Bytes text, Octets& out) {
  switch (static_cast<SvcParamKey>(key)) {
    case SvcParamKey::mandatory: return parse_mandatory(text, out);
    case SvcParamKey::alpn: return for_each_part(text, [&out](const Octets& id) { return append_alpn(id, out); });
    case SvcParamKey::port: {
      const std::optional<std::uint64_t> port = parse_decimal(as_text(text));
      if (!port || *port > UINT16_MAX) return false;
      append_u16(out, static_cast<std::uint16_t>(*port));
      return true;
    }
    case SvcParamKey::ipv4hint:
    case SvcParamKey::ipv6hint: {
      const bool v4 = key == static_cast<std::uint16_t>(SvcParamKey::ipv4hint);
      return for_each_part(text, [&out, v4](const Octets& part) { return append_address(part, v4, out); });
    }
    case SvcParamKey::ech: return parse_base64(text, out);
    default: out.assign(text.begin(), text.end()); return true;
  }
}

std::string_view without_quotes(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

std::string value_text(const Param& param) {
  std::string list;
  const auto add = [&list](std::string_view part) {
    if (!list.empty()) list += ',';
    list += part;
  };
  switch (static_cast<SvcParamKey>(param.key)) {
    case SvcParamKey::mandatory:
      for (std::size_t at = 0; at < param.value.size(); at += 2) add(key_text(load_u16(param.value.data() + at)));
      return list;
    case SvcParamKey::alpn:
      for (Bytes rest = param.value; !rest.empty(); rest = rest.subspan(1U + rest[0])) {
        std::string id;
        for (const std::uint8_t octet : rest.subspan(1, rest[0])) {
          if (octet == ',' || octet == '\\') id += '\\';
          id += static_cast<char>(octet);
        }
        add(id);
      }
      return list;
    case SvcParamKey::port: return std::to_string(load_u16(param.value.data()));
    case SvcParamKey::ipv4hint:
      for (std::size_t at = 0; at < param.value.size(); at += 4) {
        add(v4_text(param.value.subspan(at, 4)));
      }
      return list;
    case SvcParamKey::ipv6hint:
      for (std::size_t at = 0; at < param.value.size(); at += 16) {
        add(v6_text(param.value.subspan(at, 16)));
      }
      return list;
    case SvcParamKey::ech: return base64_text(param.value);
    default: return std::string(as_text(param.value));
  }
}

}  // namespace

bool well_formed_svc_params(Bytes params) {
  const Bytes all = params;
  int before = -1;
  while (!params.empty()) {
    const std::optional<Param> param = take_param(params);
    if (!param || param->key <= before || !well_formed_value(*param)) return false;
    before = param->key;
    if (param->key == static_cast<std::uint16_t>(SvcParamKey::no_default_alpn) &&
        !has_key(all, static_cast<unsigned>(SvcParamKey::alpn))) {
      return false;
    }
    if (param->key != static_cast<std::uint16_t>(SvcParamKey::mandatory)) continue;
    for (std::size_t at = 0; at < param->value.size(); at += 2) {
      if (!has_key(all, load_u16(param->value.data() + at))) return false;
    }
  }
  return true;
}

std::optional<SvcParamFault> parse_svc_params(std::span<const Token> tokens, Octets& out) {
  std::map<std::uint16_t, Octets> params;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view word = tokens[i].text;
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::optional<std::uint16_t> key = key_from_text(word.substr(0, equals));
    if (!key) return SvcParamFault{i, "'" + std::string(word.substr(0, equals)) + "' is no parameter's name"};
    if (params.contains(*key)) return SvcParamFault{i, "'" + key_text(*key) + "' is there twice"};
    const std::string_view value = equals < word.size() ? without_quotes(word.substr(equals + 1)) : std::string_view();
    const std::optional<Octets> octets = unescape(value);
    Octets& param = params[*key];
    if (!octets || !parse_value(*key, *octets, param) || !well_formed_value({*key, param}) ||
        param.size() > UINT16_MAX) {
      return SvcParamFault{i, "that is no value of '" + key_text(*key) + "'"};
    }
  }
  const std::size_t begun = out.size();
  for (const auto& [key, value] : params) {
    append_u16(out, key);
    append_u16(out, static_cast<std::uint16_t>(value.size()));
    out.insert(out.end(), value.begin(), value.end());
  }
  if (!well_formed_svc_params(Bytes(out).subspan(begun))) {
    return SvcParamFault{0, "'mandatory' and 'no-default-alpn' want the other parameters that they speak of"};
  }
  return std::nullopt;
}

std::string svc_params_text(Bytes params) {
  std::string out;
  while (const std::optional<Param> param = take_param(params)) {
    if (!out.empty()) out += ' ';
    out += key_text(param->key);
    if (param->value.empty()) continue;
    out += '=';
    append_quoted(out, as_bytes(value_text(*param)));
  }
  return out;
}

}  // namespace ringway::dns
