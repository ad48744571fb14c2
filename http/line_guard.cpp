#include "http/line_guard.h"

#include <algorithm>
#include <string_view>

#include "http/syntax.h"

namespace ringway::http {

LineGuard::LineGuard(Begin begin, const ParserLimits& limits, std::size_t octets)
    : place_(begin == Begin::request_target ? Place::start
             : begin == Begin::status_line  ? Place::line
                                            : Place::line_start),
      octets_(octets),
      max_octets_(limits.head_octets),
      max_target_octets_(limits.target_octets),
      max_lines_(limits.fields) {}

std::size_t LineGuard::scan(Bytes bytes) {
  const std::size_t allowed = std::min(bytes.size(), max_octets_ - std::min(octets_, max_octets_));
  const std::size_t count = scan_within_limit(bytes.first(allowed));
  octets_ += count;
  if (count == allowed && allowed < bytes.size() && !ended()) reject(431, "the head is too large");
  return count;
}

std::size_t LineGuard::scan_within_limit(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end && !ended()) {
    if (place_ == Place::line) {
      at = scan_text(at, end);
      if (at == end) break;
    }
    if (!step(*at)) break;
    ++at;
  }
  return static_cast<std::size_t>(at - text.data());
}

/// To the next octet that is not simply text.
const char* LineGuard::scan_text(const char* at, const char* end) {
  do {
    at = find_control(at, end);
  } while (at != end && *at == '\t' && ++at != end);
  return at;
}

bool LineGuard::step(char octet) {
  switch (place_) {
    case Place::start: place_ = Place::target; return octet == ' ' || reject(400, "no blank after the method");
    case Place::target: return step_target(octet);
    case Place::version: return step_version(octet);
    case Place::line_start: return step_line_start(octet);
    case Place::line:
      place_ = Place::cr;
      return octet == '\r' || reject(400, octet == '\n' ? "a line ends with LF alone" : "a control octet in a line");
    case Place::cr: place_ = Place::line_start; return octet == '\n' || reject(400, "CR without LF");
    case Place::last_cr: place_ = Place::ended; return octet == '\n' || reject(400, "CR without LF");
    case Place::ended: break;
  }
  return false;
}

bool LineGuard::step_target(char octet) {
  if (octet == ' ') {
    place_ = Place::version;
    return target_octets_ > 0 || reject(400, "more than one blank before the target");
  }
  if (octet == '\r' || octet == '\n') return reject(400, "a request line without a version");
  if (!is_visible(std::string_view(&octet, 1))) return reject(400, "an octet in the target that may not stand there");
  // A fragment is never sent (RFC 9110 §7.1), and readers differ on where the target then ends.
  if (octet == '#') return reject(400, "a fragment in the target");
  return ++target_octets_ <= max_target_octets_ || reject(414, "the target is too long");
}

bool LineGuard::step_version(char octet) {
  constexpr std::string_view kName = "HTTP/";
  constexpr std::size_t kMajor = kName.size();
  constexpr std::size_t kMinor = kMajor + 2;
  const std::size_t index = version_octets_++;
  if (index > kMinor) {
    place_ = Place::cr;
    return octet == '\r' || reject(400, "more in the request line than a version");
  }
  if (index == kMajor || index == kMinor) {
    if (octet < '0' || octet > '9') return reject(400, "the version is no number");
    const bool known = octet == '1' || (octet == '0' && index == kMinor);
    return known || reject(505, "a version of HTTP other than 1.0 and 1.1");
  }
  const char wanted = index < kMajor ? kName[index] : '.';
  return octet == wanted || reject(400, "the version is not of the form HTTP/1.1");
}

bool LineGuard::step_line_start(char octet) {
  if (octet == '\r') {
    place_ = Place::last_cr;
    return true;
  }
  if (octet == ' ' || octet == '\t') return reject(400, "a folded line, or a blank before a field's name");
  if (octet == ':') return reject(400, "a field without a name");
  if (octet == '\n') return reject(400, "a line ends with LF alone");
  if (is_control(octet)) return reject(400, "a control octet in a line");
  place_ = Place::line;
  return ++lines_ <= max_lines_ || reject(431, "too many fields");
}

bool LineGuard::reject(int status, std::string_view message) {
  fault_ = {status, message};
  return false;
}

}  // namespace ringway::http
