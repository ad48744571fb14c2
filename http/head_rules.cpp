#include "http/head_rules.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "http/list.h"
#include "http/syntax.h"

namespace ringway::http {

namespace {

/// The fields that framing, routing and the connection's life hang on, from one pass over all of them.
struct Facts {
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned codings = 0;
  unsigned expectations = 0;
  unsigned upgrades = 0;
  std::string_view host;
  std::string_view length;
  std::string_view coding;
  std::string_view expectation;
  std::string_view upgrade;
  bool close = false;
  bool keep_alive = false;
  bool wants_upgrade = false;
};

void note_connection(Facts& facts, std::string_view value) {
  any_member(value, [&facts](std::string_view option) {
    facts.close = facts.close || equals_ignoring_case(option, "close");
    facts.keep_alive = facts.keep_alive || equals_ignoring_case(option, "keep-alive");
    facts.wants_upgrade = facts.wants_upgrade || equals_ignoring_case(option, "upgrade");
    return false;
  });
}

void note(unsigned& count, std::string_view& value, const Field& field) {
  ++count;
  value = field.value;
}

Facts facts_of(const Fields& fields) {
  Facts facts;
  for (const Field field : fields) {
    if (field.name == "host") note(facts.hosts, facts.host, field);
    if (field.name == "content-length") note(facts.lengths, facts.length, field);
    if (field.name == "transfer-encoding") note(facts.codings, facts.coding, field);
    if (field.name == "expect") note(facts.expectations, facts.expectation, field);
    if (field.name == "upgrade") note(facts.upgrades, facts.upgrade, field);
    if (field.name == "connection") note_connection(facts, field.value);
  }
  return facts;
}

/// RFC 9112 §6.3, with everything refused that two readers could frame differently.
Fault judge_framing(const Facts& facts, int minor_version, Content& content) {
  if (facts.codings > 0) {
    if (facts.lengths > 0) return {400, "both Content-Length and Transfer-Encoding"};
    if (minor_version == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
    if (facts.codings > 1 || facts.coding.find(',') != std::string_view::npos) {
      return {400, "a transfer coding beside chunked"};  // who undoes which, two readers could see differently
    }
    if (!equals_ignoring_case(facts.coding, "chunked")) return {501, "a transfer coding other than chunked"};
    content = {Content::Kind::chunked, 0};
  } else if (facts.lengths > 0) {
    if (facts.lengths > 1) return {400, "more than one Content-Length"};
    const std::optional<std::uint64_t> length = parse_decimal(facts.length);
    if (!length) return {400, "Content-Length is no number"};
    if (*length > limits::kMaxContentOctets) return {413, "the content is too large"};
    content = {Content::Kind::length, *length};
  }
  return {};
}

bool is_persistent(const Facts& facts, int minor_version) {
  return !facts.close && (minor_version > 0 || facts.keep_alive);
}

/// Exactly one Host that names a host; HTTP/1.0 may do without.
Fault judge_host(const Facts& facts, const RequestHead& head) {
  if (facts.hosts > 1) return {400, "more than one Host"};
  if (facts.hosts == 0) return head.minor_version > 0 ? Fault{400, "no Host"} : Fault{};
  if (!is_authority(facts.host)) return {400, "Host is malformed"};
  return {};
}

/// http://host/path becomes /path, where Host says the same (RFC 9112 §3.2.2).
Fault judge_absolute_form(RequestHead& head) {
  const std::string_view whole = head.target;
  const std::size_t colon = whole.find("://");
  if (colon == std::string_view::npos) return {400, "the target is no path"};
  std::string scheme = to_lower(whole.substr(0, colon));
  if (scheme != "http" && scheme != "https") return {400, "the target's scheme is not HTTP"};
  const std::string_view rest = whole.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  const std::string_view path = rest.substr(end);
  if (!is_authority(authority)) return {400, "the target's host is malformed"};
  if (!head.authority.empty() && !equals_ignoring_case(authority, head.authority)) {
    return {400, "the target's host is not Host"};
  }
  head.scheme = std::move(scheme);
  head.authority = to_lower(authority);
  if (path.empty()) {
    head.target = head.method == "OPTIONS" ? "*" : "/";
  } else {
    head.target = (path.front() == '?' ? "/" : "") + std::string(path);
  }
  return {};
}

Fault judge_target(RequestHead& head) {
  if (head.target.front() == '/') return {};
  if (head.target == "*") return head.method == "OPTIONS" ? Fault{} : Fault{400, "the target * is for OPTIONS"};
  return judge_absolute_form(head);
}

/// An expectation that is not understood cannot be met; HTTP/1.0 has none (RFC 9110 §10.1.1).
Fault judge_expectation(const Facts& facts, RequestHead& head, const Content& content) {
  if (facts.expectations == 0 || head.minor_version == 0) return {};
  if (facts.expectations > 1 || !equals_ignoring_case(facts.expectation, "100-continue")) {
    return {417, "an expectation other than 100-continue"};
  }
  head.expects_continue = content.kind == Content::Kind::chunked || content.length > 0;
  return {};
}

/// The protocol asked for. HTTP/2 in clear text is between two neighbours, and content would have to be
/// read to its end first: such wishes are not passed on, as RFC 9110 §7.8 allows.
std::string_view upgrade_of(const Facts& facts, int minor_version) {
  const auto is_http2 = [](std::string_view protocol) { return equals_ignoring_case(protocol, "h2c"); };
  if (!facts.wants_upgrade || facts.upgrades != 1 || minor_version == 0) return {};
  return any_member(facts.upgrade, is_http2) ? std::string_view() : facts.upgrade;
}

}  // namespace

Fault judge_request(RequestHead& head, Content& content) {
  const Facts facts = facts_of(head.fields);
  content = {};
  if (const Fault fault = judge_host(facts, head)) return fault;
  head.authority = to_lower(facts.host);
  if (const Fault fault = judge_target(head)) return fault;
  if (const Fault fault = judge_framing(facts, head.minor_version, content)) return fault;
  if (const Fault fault = judge_expectation(facts, head, content)) return fault;
  head.keep_alive = is_persistent(facts, head.minor_version);
  if (content.kind == Content::Kind::none) head.upgrade = upgrade_of(facts, head.minor_version);
  head.fields.remove_if([](const Field& field) { return field.name == "host" || field.name == "expect"; });
  return {};
}

Fault judge_response(ResponseHead& head, std::string_view request_method, Content& content) {
  const Facts facts = facts_of(head.fields);
  content = {};
  if (const Fault fault = judge_framing(facts, head.minor_version, content)) return fault;
  const bool interim = head.status < 200;
  if (interim || head.status == 204) {
    content = {};
  } else if (head.status == 304 || request_method == "HEAD") {
    content = {Content::Kind::none, content.kind == Content::Kind::length ? content.length : Content::kUnsaid};
  } else if (content.kind == Content::Kind::none) {
    content.kind = Content::Kind::until_close;
  }
  head.keep_alive = is_persistent(facts, head.minor_version) && content.kind != Content::Kind::until_close;
  if (head.status == 101) head.upgrade = facts.upgrade;
  return {};
}

}  // namespace ringway::http
