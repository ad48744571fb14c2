#include "tmp_protocol/enrolment_token.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/address.h"
#include "base/base64.h"
#include "base/text.h"
#include "tmp_protocol/identity.h"

namespace ringway::tmp {

namespace {

constexpr std::string_view kFamily = "rwe";
constexpr std::string_view kPrefix = "rwe1_";
constexpr std::size_t kSumOctets = 4;

void append(std::vector<std::uint8_t>& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

/// At most 255 octets.
void append_text(std::vector<std::uint8_t>& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size()));
  append(out, as_bytes(text));
}

Digest sum_of(Bytes payload) {
  std::vector<std::uint8_t> whole(kPrefix.begin(), kPrefix.end());
  append(whole, payload);
  return sha256(whole);
}

/// What is left of a token; each take says whether there was enough.
class Rest {
 public:
  explicit Rest(Bytes octets) : octets_(octets) {}
  bool take(MutableBytes out) {
    if (octets_.size() < out.size()) return false;
    copy_bytes(octets_.first(out.size()), out.data());
    octets_ = octets_.subspan(out.size());
    return true;
  }
  bool take(std::uint8_t& out) { return take(MutableBytes(&out, 1)); }
  bool take(std::string& out) {
    std::uint8_t size = 0;
    if (!take(size) || octets_.size() < size) return false;
    out = as_text(octets_.first(size));
    octets_ = octets_.subspan(size);
    return true;
  }
  [[nodiscard]] bool empty() const { return octets_.empty(); }

 private:
  Bytes octets_;
};

bool take_managers(Rest& rest, std::vector<std::string>& managers) {
  std::uint8_t count = 0;
  if (!rest.take(count)) return false;
  managers.resize(count);
  return std::all_of(managers.begin(), managers.end(), [&rest](std::string& manager) { return rest.take(manager); });
}

std::string fault_of(const EnrolmentToken& token) {
  if (!valid_gateway_name(token.identity.name)) return fmt::format("'{}' is no name", token.identity.name);
  if (token.managers.empty() || token.managers.size() > kMaxManagerAddresses) {
    return fmt::format("it names {} managers; 1 to {} are wanted", token.managers.size(), kMaxManagerAddresses);
  }
  for (const std::string& manager : token.managers) {
    if (!is_manager_address(manager)) return fmt::format("'{}' is no address of a manager", manager);
  }
  return {};
}

std::optional<EnrolmentToken> read_payload(Bytes payload) {
  EnrolmentToken token;
  Rest rest(payload);
  std::uint8_t role = 0;
  if (!rest.take(token.secret) || !rest.take(token.authority) || !rest.take(role)) return std::nullopt;
  if (role > static_cast<std::uint8_t>(Role::redirector)) return std::nullopt;
  token.identity.role = static_cast<Role>(role);
  if (!rest.take(token.identity.name) || !take_managers(rest, token.managers) || !rest.empty()) return std::nullopt;
  return fault_of(token).empty() ? std::optional(std::move(token)) : std::nullopt;
}

std::string without_space(std::string_view text) {
  std::string dense;
  std::copy_if(text.begin(), text.end(), std::back_inserter(dense),
               [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
  return dense;
}

}  // namespace

bool is_manager_address(std::string_view text) {
  if (text.size() > kMaxManagerAddressOctets) return false;
  if (SocketAddress::parse(text)) return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || text.front() == '.' || text.front() == '-') return false;
  const std::string_view host = text.substr(0, colon);
  const bool good = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '.';
  });
  const std::optional<std::uint64_t> port = parse_decimal(text.substr(colon + 1));
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;  // a wrong address
  return good && !numeric && port && *port >= 1 && *port <= 65535;
}

Result<std::string> enrolment_text(const EnrolmentToken& token) {
  const std::string fault = fault_of(token);
  if (!fault.empty()) return client_error("no enrolment token can be made: " + fault);
  std::vector<std::uint8_t> payload;
  append(payload, token.secret);
  append(payload, token.authority);
  payload.push_back(static_cast<std::uint8_t>(token.identity.role));
  append_text(payload, token.identity.name);
  payload.push_back(static_cast<std::uint8_t>(token.managers.size()));
  for (const std::string& manager : token.managers) append_text(payload, manager);
  const Digest sum = sum_of(payload);
  append(payload, Bytes(sum).first(kSumOctets));
  return std::string(kPrefix) + to_base64url(payload);
}

Result<EnrolmentToken> parse_enrolment_token(std::string_view text) {
  const auto refused = [](std::string_view why) { return client_error(fmt::format("the enrolment token {}", why)); };
  if (text.size() > kMaxEnrolmentTokenOctets) return refused("is too long to be one");
  const std::string dense = without_space(text);
  if (!dense.starts_with(kPrefix)) {
    return refused(dense.starts_with(kFamily) ? "is of another version than this program reads"
                                              : "is none: one begins with 'rwe1_'");
  }
  const auto octets = from_base64url(std::string_view(dense).substr(kPrefix.size()));
  if (!octets || octets->size() < kSumOctets) return refused("is mistyped, or a part of it is missing");
  const Bytes payload = Bytes(*octets).first(octets->size() - kSumOctets);
  if (!same_octets(Bytes(sum_of(payload)).first(kSumOctets), Bytes(*octets).last(kSumOctets))) {
    return refused("is mistyped, or a part of it is missing");
  }
  std::optional<EnrolmentToken> token = read_payload(payload);
  if (!token) return refused("says nothing that this program understands");
  return std::move(*token);
}

}  // namespace ringway::tmp
