#include "manager/record_types.h"

#include "base/log.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/identity.h"

namespace ringway::manager {

namespace {

config::Description named(std::string name, std::string range) {
  config::Description description;
  description.name = std::move(name);
  description.range = std::move(range);
  return description;
}

/// Exactly `count` decimal digits at `at`, which moves behind them; -1 where there are others.
int take_digits(std::string_view text, std::size_t& at, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

/// "Z", or "." and digits and "Z", to the end of `text`.
bool ends_in_utc(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '.') {
    const std::size_t digits = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == digits) return false;
  }
  return text.substr(at) == "Z";
}

Result<WallTime> parse_wall_time(const std::string& text) {
  std::size_t at = 0;
  int parts[6] = {};
  constexpr std::size_t kDigits[6] = {4, 2, 2, 2, 2, 2};
  constexpr std::string_view kBetween = "--T::";
  for (std::size_t i = 0; i < 6; ++i) {
    if (i != 0 && (at >= text.size() || text[at++] != kBetween[i - 1])) return internal_error("");
    parts[i] = take_digits(text, at, kDigits[i]);
    if (parts[i] < 0) return internal_error("");
  }
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  // What a clock of 64 bits of nanoseconds can hold ends in 2262.
  if (!date.ok() || parts[0] < 1970 || parts[0] > 2200) return internal_error("");
  if (parts[3] > 23 || parts[4] > 59 || parts[5] > 59 || !ends_in_utc(text, at)) return internal_error("");
  return WallTime(std::chrono::sys_days(date) + std::chrono::hours(parts[3]) + std::chrono::minutes(parts[4]) +
                  std::chrono::seconds(parts[5]));
}

std::string wall_time_text(const WallTime& time) { return format_wall_time(to_the_second(time)).substr(0, 19) + "Z"; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Result<Hash> parse_hash(const std::string& text) {
  Hash hash{};
  if (text.size() != 2 * hash.size()) return internal_error("");
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return internal_error("");
    hash[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return hash;
}

}  // namespace

config::Type<WallTime> wall_time() {
  return std::make_shared<config::Scalar<WallTime>>(named("time", "like 2026-11-21T12:00:01Z"), config::Form::text,
                                                    parse_wall_time, wall_time_text);
}

config::Type<Hash> hash() {
  return std::make_shared<config::Scalar<Hash>>(named("SHA-256", "64 digits of 0-9 and a-f"), config::Form::text,
                                                parse_hash, [](const Hash& value) { return to_hex(value); });
}

config::Type<tmp::Role> certificate_role() {
  std::vector<std::pair<std::string, tmp::Role>> words;
  for (const tmp::Role role :
       {tmp::Role::frontend, tmp::Role::backend, tmp::Role::manager, tmp::Role::user, tmp::Role::redirector}) {
    words.emplace_back(tmp::role_name(role), role);
  }
  return config::choice<tmp::Role>(std::move(words));
}

WallTime to_the_second(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

Hash sha256_of(Bytes octets) { return tmp::sha256(octets); }

}  // namespace ringway::manager
